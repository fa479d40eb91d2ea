import { publishedCourses, revisionById } from '../courses/published'
import { Revisions, type Revision } from '../courses/revision'
import type { Event } from '../events/event'
import { enrol } from '../learning/enrol'
import { revokeEnrolment } from '../learning/revoke-enrolment'
import { hasPaid } from '../orders/access'

/**
 * Reaction to money that came or went back. Asks what is so now and not what the event says: whatever the order of Stripe's
 * events, in the end who has paid is enrolled and who has not is not.
 */
export async function updateAccess({
  person,
  course,
}: Event<'order.paid' | 'order.refunded'>): Promise<void> {
  if (!course) return
  if (!(await hasPaid(person, course))) return revokeEnrolment(person, course)
  const open = (await publishedCourses()).find(published => published.course.equals(course))
  // Withdrawn while it was being paid: the last version that was sold.
  const sold = open ?? (await newestOf(course))
  if (sold) await enrol({ person, published: sold, paid: true })
}

async function newestOf(course: Revision['course']) {
  const newest = await Revisions.findOne({ course }).sort({ number: -1 })
  return newest ? revisionById(newest._id) : undefined
}
