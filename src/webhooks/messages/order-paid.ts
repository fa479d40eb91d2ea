import { defineMessage } from '../define-message'
import { orderDataIn, orderEvents, orderExample, orderSchema } from '../order-data'

export const orderPaid = defineMessage({
  name: 'order.paid',
  docs: { title: 'Order paid', text: 'A course was paid for, or a refund failed or a dispute was won' },
  basis: 'contract',
  recipients: 'subscribers',
  subscribedByDefault: false,
  data: orderSchema,
  example: orderExample('paid', 1, 0),
  from: orderEvents,
  build: orderDataIn('paid'),
})
