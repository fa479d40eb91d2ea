import {
  date,
  defineRecord,
  nullable,
  number,
  objectId,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'

/**
 * One purchase of one course by one person. Each fact that Stripe reports is stored once. The state follows from the
 * facts, in whatever order they arrive.
 */
export const Orders = defineRecord(
  'Order',
  'orders',
  {
    _id: objectId(),
    person: objectId(),
    course: objectId(),
    slug: string(),
    title: string(),
    /** Minor units. */
    amount: number(),
    currency: string(),
    placedAt: date(),
    /** Stripe's Checkout Session and PaymentIntent. */
    session: nullable(string()),
    paymentIntent: nullable(string()),
    paidAt: nullable(date()),
    /** When the order was refunded in full. A partial refund does not end access. */
    refundedAt: nullable(date()),
    /** Minor units, in total. */
    refundedAmount: withDefault(number(), 0),
    disputedAt: nullable(date()),
    /** When we won the dispute. */
    disputeWonAt: nullable(date()),
    expiredAt: nullable(date()),
  },
  {
    indexes: [
      [{ person: 1, placedAt: -1 }],
      [{ person: 1, course: 1 }],
      [{ session: 1 }],
      [{ paymentIntent: 1 }],
    ],
  },
)
export type Order = RecordOf<typeof Orders>

export type OrderState = 'open' | 'paid' | 'refunded' | 'disputed' | 'expired'

/** Returns the state of an order. A paid order gives access to the course; a refund or an open dispute ends it. */
export function stateOf(order: Order): OrderState {
  if (order.refundedAt) return 'refunded'
  if (order.disputedAt && !order.disputeWonAt) return 'disputed'
  if (order.paidAt) return 'paid'
  return order.expiredAt ? 'expired' : 'open'
}
