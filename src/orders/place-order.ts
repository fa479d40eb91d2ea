import type { Types } from 'mongoose'
import { hours, later, now } from '../clock'
import type { Published } from '../courses/published'
import { record } from '../events/record'
import { Orders, stateOf, type Order } from './order'

/**
 * The order that a person pays a course by: the open one of the last 23 hours (Stripe's session lives for 24), else a new one.
 * So pressing the button twice buys once. Null when the course is free or already paid.
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
  if (open) return open
  const made = await Orders.create({
    person: person._id,
    course: published.course,
    slug: published.slug,
    title: published.content.title,
    amount: price.amount,
    currency: price.currency,
    placedAt: now(),
  })
  await record({
    name: 'order.placed',
    person: person._id,
    course: published.course,
    once: [made._id],
    data: {
      order: String(made._id),
      amount: price.amount,
      currency: price.currency,
      title: published.content.title,
    },
  })
  return made.toObject()
}
