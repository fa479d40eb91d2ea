import { createHash } from 'node:crypto'
import { Types } from 'mongoose'
import type { Published } from '../courses/published'
import { hours, later, now } from '../platform/clock'
import { record } from '../events/record'
import { itemOf, Orders, type Order } from './order'
import { givesAccess, stateOf } from './payment'

/** What a person buys: a course, or a seat in a live session. */
export type ForSale = {
  of: { course: Types.ObjectId; liveSession: null } | { course: null; liveSession: Types.ObjectId }
  slug: string
  title: string
  /** In minor units; null for what is free. */
  price: { amount: number; currency: string } | null
}

/** Returns what someone buys with a course. */
export function coursePurchase({ course, slug, content }: Published): ForSale {
  return { of: { course, liveSession: null }, slug, title: content.title, price: content.price }
}

/**
 * Places an order, or returns the one whose money is on its way, or the open one of the last 23 hours (a
 * Stripe session expires after 24). So clicking twice, even at the same moment, buys once.
 *
 * @returns null when it is free or already paid
 */
export async function placeOrder(person: { _id: Types.ObjectId }, purchase: ForSale): Promise<Order | null> {
  const { of: bought, price } = purchase
  if (!price) return null
  const earlier = await Orders.find({ person: person._id, ...bought })
  if (earlier.some(order => givesAccess(stateOf(order)))) return null
  const pending = earlier.find(order => stateOf(order) === 'pending')
  if (pending) return pending
  const open = earlier.find(
    order =>
      stateOf(order) === 'open' &&
      order.placedAt > later(now(), -hours(23)) &&
      order.amount === price.amount &&
      order.currency === price.currency,
  )
  const order = open ?? (await createOrder(person._id, purchase, price, earlier.length))
  const { amount, currency, title } = order
  await record({
    name: 'order.placed',
    person: person._id,
    course: bought.course,
    idempotencyKey: [order._id],
    data: { order: String(order._id), amount, currency, title, item: itemOf(order) },
  })
  return order
}

/**
 * Stores the Checkout Session of an order, which is the only one that pays for it. The first one stays.
 *
 * @returns the order's session.
 */
export async function attachSession(id: Types.ObjectId, session: string): Promise<string> {
  await Orders.updateOne({ _id: id, session: null }, { $set: { session } })
  return (await Orders.findById(id))?.session ?? session
}

async function createOrder(
  person: Types.ObjectId,
  { of: bought, slug, title }: ForSale,
  price: { amount: number; currency: string },
  earlierOrders: number,
): Promise<Order> {
  const _id = orderId(person, bought.course ?? bought.liveSession, earlierOrders)
  const { record: order } = await Orders.createOrFind(
    {
      _id,
      person,
      ...bought,
      slug,
      title,
      amount: price.amount,
      currency: price.currency,
      placedAt: now(),
    },
    { _id },
  )
  return order
}

/** Returns the id of a person's next order for something, so that simultaneous requests create one order. */
function orderId(person: Types.ObjectId, item: Types.ObjectId, earlierOrders: number): Types.ObjectId {
  const hash = createHash('sha256').update(`order:${person}:${item}:${earlierOrders}`).digest('hex')
  return new Types.ObjectId(hash.slice(0, 24))
}
