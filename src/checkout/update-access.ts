import { publishedCourses, revisionById } from '../courses/published'
import { Revisions, type Revision } from '../courses/revision'
import type { Event } from '../events/event'
import { enrol } from '../learning/enrol'
import { revokeEnrolment } from '../learning/revoke-enrolment'
import { hasPaid } from '../orders/access'

/**
 * Reaction to a change of an order: enrols the buyer or revokes the enrolment. Reads the current state of the orders,
 * not the event, so the result is right in whatever order events arrive.
 */
export async function updateAccess({
  person,
  course,
}: Event<'order.paid' | 'order.refunded' | 'order.disputed' | 'order.reinstated'>): Promise<void> {
  if (!course) return
  if (!(await hasPaid(person, course))) return revokeEnrolment(person, course)
  const current = (await publishedCourses()).find(published => published.course.equals(course))
  // If the course was withdrawn in the meantime, the buyer gets its last version.
  const sold = current ?? (await lastRevisionOf(course))
  if (sold) await enrol({ person, published: sold, paid: true })
}

async function lastRevisionOf(course: Revision['course']) {
  const revision = await Revisions.findOne({ course }).sort({ number: -1 })
  return revision ? revisionById(revision._id) : undefined
}
