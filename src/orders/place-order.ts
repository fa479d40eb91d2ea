import { createHash } from 'node:crypto'
import { Types } from 'mongoose'
import { hours, later, now } from '../platform/clock'
import type { Published } from '../courses/published'
import { isDuplicateKey } from '../platform/errors'
import { record } from '../events/record'
import { Orders, stateOf, type Order } from './order'

/**
 * The order that a person pays a course by: the open one of the last 23 hours (Stripe's session lives for 24), else a new one.
 * So pressing the button twice, also twice at once, buys once. Null when the course is free or already paid.
 */
export async function placeOrder(
  person: { _id: Types.ObjectId },
  published: Published,
): Promise<Order | null> {
  const price = published.content.price
  if (!price) return null
  const before = await Orders.find({ person: person._id, course: published.course }).lean<Order[]>()
  if (before.some(order => stateOf(order) === 'paid')) return null
  const open = before.find(
    order =>
      stateOf(order) === 'open' &&
      order.placedAt > later(now(), -hours(23)) &&
      order.amount === price.amount &&
      order.currency === price.currency,
  )
  const order = open ?? (await createOrder(person._id, published, price, before.length))
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

async function createOrder(
  person: Types.ObjectId,
  published: Published,
  price: { amount: number; currency: string },
  earlier: number,
): Promise<Order> {
  const _id = orderId(person, published.course, earlier)
  try {
    const made = await Orders.create({
      _id,
      person,
      course: published.course,
      slug: published.slug,
      title: published.content.title,
      ...price,
      placedAt: now(),
    })
    return made.toObject()
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    return (await Orders.findById(_id).lean<Order>())!
  }
}

/** After so many earlier orders of this course there is one next order, whoever makes it first. */
function orderId(person: Types.ObjectId, course: Types.ObjectId, earlier: number): Types.ObjectId {
  const hash = createHash('sha256').update(`order:${person}:${course}:${earlier}`).digest('hex')
  return new Types.ObjectId(hash.slice(0, 24))
}
