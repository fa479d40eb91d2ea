import type { Types } from 'mongoose'
import type { Published } from '../courses/published'
import { Orders, stateOf } from './order'

/** True when a person may take a course now: it is free, or they have a paid order for it. */
export async function hasAccess(
  person: { _id: Types.ObjectId },
  published: Pick<Published, 'course' | 'content'>,
): Promise<boolean> {
  return !published.content.price || hasPaid(person._id, published.course)
}

/** True when a person has a paid order for a course that was neither refunded nor disputed. */
export async function hasPaid(person: Types.ObjectId, course: Types.ObjectId): Promise<boolean> {
  const orders = await Orders.find({ person, course })
  return orders.some(order => stateOf(order) === 'paid')
}
