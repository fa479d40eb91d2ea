import { createHash } from 'node:crypto'
import { Types } from 'mongoose'
import { hours, later, now } from '../platform/clock'
import type { Published } from '../courses/published'
import { record } from '../events/record'
import { Orders, type Order } from './order'
import { givesAccess, stateOf } from './payment'

/**
 * Places an order for a course, or returns the one whose money is on its way, or the open one of the last 23 hours (a
 * Stripe session expires after 24). So clicking twice, even at the same moment, buys once.
 *
 * @returns null when the course is free or already paid
 */
export async function placeOrder(
  person: { _id: Types.ObjectId },
  published: Published,
): Promise<Order | null> {
  const price = published.content.price
  if (!price) return null
  const earlier = await Orders.find({ person: person._id, course: published.course })
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
  const order = open ?? (await createOrder(person._id, published, price, earlier.length))
  const { amount, currency, title } = order
  await record({
    name: 'order.placed',
    person: person._id,
    course: published.course,
    idempotencyKey: [order._id],
    data: { order: String(order._id), amount, currency, title },
  })
  return order
}

/** Stores the Checkout Session of an order, which is the only one that pays for it. The first one stays. */
export async function attachSession(id: Types.ObjectId, session: string): Promise<void> {
  await Orders.updateOne({ _id: id, session: null }, { $set: { session } })
}

async function createOrder(
  person: Types.ObjectId,
  published: Published,
  price: { amount: number; currency: string },
  earlierOrders: number,
): Promise<Order> {
  const _id = orderId(person, published.course, earlierOrders)
  const { record: order } = await Orders.createOrFind(
    {
      _id,
      person,
      course: published.course,
      slug: published.slug,
      title: published.content.title,
      amount: price.amount,
      currency: price.currency,
      placedAt: now(),
    },
    { _id },
  )
  return order
}

/** Returns the id of a person's next order for a course, so that simultaneous requests create one order. */
function orderId(person: Types.ObjectId, course: Types.ObjectId, earlierOrders: number): Types.ObjectId {
  const hash = createHash('sha256').update(`order:${person}:${course}:${earlierOrders}`).digest('hex')
  return new Types.ObjectId(hash.slice(0, 24))
}
