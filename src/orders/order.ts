import {
  date,
  defineRecord,
  free,
  list,
  nested,
  nullable,
  number,
  objectId,
  oneOf,
  string,
  type RecordOf,
} from '../platform/record'
import type { PaymentFact } from './payment-fact'

export const orderStates = [
  /** Not paid yet. */
  'open',
  /** The buyer is done at Stripe, and the money is on its way: a bank transfer or a debit takes days. */
  'pending',
  /** The money on its way did not come. */
  'failed',
  'expired',
  'paid',
  'partially_refunded',
  'refunded',
  /** The buyer's bank has taken the money back until the dispute is decided. */
  'disputed',
  'dispute_lost',
] as const
export type OrderState = (typeof orderStates)[number]

/**
 * One purchase of one course, or of a seat in a live session, by one person. What Stripe reports about it is stored;
 * `payment.ts` tells its state.
 */
export const Orders = defineRecord(
  'Order',
  'orders',
  {
    _id: objectId(),
    person: objectId(),
    /** Null for a seat. */
    course: nullable(objectId()),
    /** The live session that the seat is in; null for a course. */
    liveSession: nullable(objectId()),
    slug: string(),
    title: string(),
    /** Minor units, as in platform/currency.ts. */
    amount: number(),
    currency: string(),
    placedAt: date(),
    /** The order's own Checkout Session at Stripe: no other one pays for it. */
    session: nullable(string()),
    /** The PaymentIntent of that session, by which an event about a refund or a dispute finds the order. */
    paymentIntent: nullable(string()),
    /** What Stripe reported, each once, in the order in which it arrived. */
    facts: list(free<PaymentFact>()),
    /** The changes of state that the buyer and endpoints are told about, numbered from 1. */
    changes: list(nested({ number: number(), state: oneOf(orderStates), refunded: number(), at: date() })),
  },
  {
    indexes: [
      [{ person: 1, placedAt: -1 }],
      [{ person: 1, course: 1 }],
      [{ person: 1, liveSession: 1 }],
      [{ session: 1 }],
      [{ paymentIntent: 1 }],
    ],
  },
)
export type Order = RecordOf<typeof Orders>
export type OrderChange = Order['changes'][number]

/** What can be bought. */
export const orderItems = ['course', 'session'] as const
export type OrderItem = (typeof orderItems)[number]

/** Returns what an order is for. */
export function itemOf({ liveSession }: Pick<Order, 'liveSession'>): OrderItem {
  return liveSession ? 'session' : 'course'
}

/** Returns the path of the page of what was ordered. */
export function itemPath(order: Pick<Order, 'liveSession' | 'slug'>): string {
  return itemOf(order) === 'session' ? `/sessions/${order.slug}` : `/courses/${order.slug}`
}
