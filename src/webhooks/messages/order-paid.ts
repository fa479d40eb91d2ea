import { defineMessage } from '../define-message'
import { orderData, orderExample, orderSchema } from '../order-data'

export const orderPaid = defineMessage({
  name: 'order.paid',
  docs: { title: 'Order paid', text: 'A course was paid for' },
  basis: 'contract',
  recipients: 'subscribers',
  subscribedByDefault: false,
  data: orderSchema,
  example: orderExample,
  from: ['order.paid'],
  build: orderData,
})
