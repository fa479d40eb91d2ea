import { defineMessage } from '../define-message'
import type { OrderChange } from '../../orders/order'
import { hasArrived } from '../../orders/payment'
import { orderDataWhen, orderEvents, orderExample, orderSchema } from '../order-data'

export const orderPaid = defineMessage({
  name: 'order.paid',
  docs: { title: 'Order paid', text: 'A course was paid for' },
  basis: 'contract',
  recipients: 'subscribers',
  subscribedByDefault: false,
  data: orderSchema,
  example: orderExample('paid', 1, 0),
  from: orderEvents,
  build: orderDataWhen(changes => changes.at(-1)!.state === 'paid' && !changes.slice(0, -1).some(wasPaid)),
})

const wasPaid = ({ state }: OrderChange) => hasArrived(state)
