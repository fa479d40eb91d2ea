import { defineMessage } from '../define-message'
import { orderDataIn, orderEvents, orderExample, orderSchema } from '../order-data'

export const orderRefunded = defineMessage({
  name: 'order.refunded',
  docs: { title: 'Order refunded', text: 'A payment was refunded, in part or in full' },
  basis: 'contract',
  recipients: 'subscribers',
  subscribedByDefault: false,
  data: orderSchema,
  example: orderExample('partially_refunded', 2, 6000),
  from: orderEvents,
  build: orderDataIn('partially_refunded', 'refunded'),
})
