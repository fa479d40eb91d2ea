import { defineMessage } from '../define-message'
import { orderDataSince, orderEvents, orderExample, orderSchema } from '../order-data'

export const orderRefunded = defineMessage({
  name: 'order.refunded',
  docs: {
    title: 'Order refunded',
    text: 'A payment was refunded, in part or in full. Also sent for later changes of that order, such as a refund that fails',
  },
  basis: 'contract',
  recipients: 'subscribers',
  subscribedByDefault: false,
  data: orderSchema,
  example: orderExample('partially_refunded', 2, 6000),
  from: orderEvents,
  build: orderDataSince('partially_refunded', 'refunded'),
})
