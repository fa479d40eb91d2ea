import { model, Schema, type Types } from 'mongoose'

/**
 * One purchase of one course by one person. Each fact that Stripe reports is stored once. The state follows from the
 * facts, in whatever order they arrive.
 */
export type Order = {
  _id: Types.ObjectId
  person: Types.ObjectId
  course: Types.ObjectId
  slug: string
  title: string
  /** Minor units. */
  amount: number
  currency: string
  placedAt: Date
  /** Stripe's Checkout Session and PaymentIntent. */
  session: string | null
  paymentIntent: string | null
  paidAt: Date | null
  /** When the order was refunded in full. A partial refund does not end access. */
  refundedAt: Date | null
  /** Minor units, in total. */
  refundedAmount: number
  disputedAt: Date | null
  /** When we won the dispute. */
  disputeWonAt: Date | null
  expiredAt: Date | null
}

export type OrderState = 'open' | 'paid' | 'refunded' | 'disputed' | 'expired'

/** Returns the state of an order. A paid order gives access to the course; a refund or an open dispute ends it. */
export function stateOf(order: Order): OrderState {
  if (order.refundedAt) return 'refunded'
  if (order.disputedAt && !order.disputeWonAt) return 'disputed'
  if (order.paidAt) return 'paid'
  return order.expiredAt ? 'expired' : 'open'
}

const schema = new Schema<Order>(
  {
    person: { type: Schema.Types.ObjectId, required: true },
    course: { type: Schema.Types.ObjectId, required: true },
    slug: { type: String, required: true },
    title: { type: String, required: true },
    amount: { type: Number, required: true },
    currency: { type: String, required: true },
    placedAt: { type: Date, required: true },
    session: { type: String, default: null },
    paymentIntent: { type: String, default: null },
    paidAt: { type: Date, default: null },
    refundedAt: { type: Date, default: null },
    refundedAmount: { type: Number, default: 0 },
    disputedAt: { type: Date, default: null },
    disputeWonAt: { type: Date, default: null },
    expiredAt: { type: Date, default: null },
  },
  { versionKey: false },
)
schema.index({ person: 1, placedAt: -1 })
schema.index({ person: 1, course: 1 })
schema.index({ session: 1 })
schema.index({ paymentIntent: 1 })

export const Orders = model<Order>('Order', schema, 'orders')
