import { z } from 'zod'
import { defineMessage } from '../define-message'
import { orderData, orderExample, orderSchema } from '../order-data'

export const orderRefunded = defineMessage({
  name: 'order.refunded',
  docs: { title: 'Order refunded', text: 'A payment was returned, by a refund or a dispute' },
  basis: 'contract',
  recipients: 'subscribers',
  subscribedByDefault: false,
  data: orderSchema.extend({
    reason: z.enum(['refund', 'dispute']).describe('refund: we returned the payment; dispute: a chargeback'),
  }),
  example: { ...orderExample, reason: 'refund' },
  from: ['order.refunded'],
  build: (event, person) => ({ ...orderData(event, person), reason: event.data.reason }),
})
