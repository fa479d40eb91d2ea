import type { Types } from 'mongoose'
import type { Published } from '../courses/published'
import { Orders, type Order } from './order'
import { givesAccess, stateOf } from './payment'

/** True when a person may take a course now: it is free, or they have paid for it. */
export async function hasAccess(
  person: { _id: Types.ObjectId },
  published: Pick<Published, 'course' | 'content'>,
): Promise<boolean> {
  return !published.content.price || hasPaid(person._id, published.course)
}

/** True when a person has an order of a course that was paid, and neither refunded in full nor disputed. */
export async function hasPaid(person: Types.ObjectId, course: Types.ObjectId): Promise<boolean> {
  const orders = await Orders.find({ person, course })
  return orders.some(order => givesAccess(stateOf(order)))
}

/** Returns the order that pays for a person's seat in a live session now; null without one. */
export async function paidSeat(person: Types.ObjectId, liveSession: Types.ObjectId): Promise<Order | null> {
  const orders = await Orders.find({ person, liveSession })
  return orders.find(order => givesAccess(stateOf(order))) ?? null
}
