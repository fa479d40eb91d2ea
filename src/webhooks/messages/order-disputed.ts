import { defineMessage } from '../define-message'
import { orderDataSince, orderEvents, orderExample, orderSchema } from '../order-data'

export const orderDisputed = defineMessage({
  name: 'order.disputed',
  docs: {
    title: 'Order disputed',
    text: 'The buyer’s bank took the payment back. Also sent for later changes of that order, such as a dispute that is won',
  },
  basis: 'contract',
  recipients: 'subscribers',
  subscribedByDefault: false,
  data: orderSchema,
  example: orderExample('disputed', 2, 0),
  from: orderEvents,
  build: orderDataSince('disputed', 'dispute_lost'),
})
