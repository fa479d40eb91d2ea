import type { Types } from 'mongoose'
import { publishedCourses, revisionById, type Published } from '../courses/published'
import { Revisions, type Revision } from '../courses/revision'
import { Events, type Event } from '../events/event'
import { enrol } from './enrol'
import { revokeEnrolment } from './revoke-enrolment'

/**
 * Reaction to `order.paid` and `order.refunded`: paid means enrolled, refunded means not. It looks at all orders of the person
 * for the course, not at the one event, so that it ends the same whatever the order and number of the events.
 */
export async function settleEnrolment(event: Event<'order.paid'> | Event<'order.refunded'>): Promise<void> {
  const { person, course } = event
  if (!course) return
  const events = await Events.find({
    person,
    course,
    name: { $in: ['order.paid', 'order.refunded'] },
  }).lean<(Event<'order.paid'> | Event<'order.refunded'>)[]>()
  const refunded = new Set(events.filter(each => each.name === 'order.refunded').map(each => each.data.order))
  const stands = events.some(each => each.name === 'order.paid' && !refunded.has(each.data.order))
  if (!stands) return revokeEnrolment(person, course)
  const published = await newest(course)
  if (published) await enrol({ person, published, paid: true })
}

/** What is published now, or, after a withdrawal, the last that was: what was paid for is kept. */
async function newest(course: Types.ObjectId): Promise<Published | undefined> {
  const published = (await publishedCourses()).find(each => each.course.equals(course))
  if (published) return published
  const last = await Revisions.findOne({ course }, { _id: 1 }).sort({ number: -1 }).lean<Revision>()
  return last ? revisionById(last._id) : undefined
}
