import { defineMessage } from '../define-message'
import { orderDataIn, orderEvents, orderExample, orderSchema } from '../order-data'

export const orderDisputed = defineMessage({
  name: 'order.disputed',
  docs: {
    title: 'Order disputed',
    text: 'The buyer’s bank took the payment back, until the dispute is won or for good',
  },
  basis: 'contract',
  recipients: 'subscribers',
  subscribedByDefault: false,
  data: orderSchema,
  example: orderExample('disputed', 2, 0),
  from: orderEvents,
  build: orderDataIn('disputed', 'dispute_lost'),
})
