import type { Types } from 'mongoose'
import type { Course, CourseContent } from '../courses/course'
import { CourseInvitations } from '../courses/invitation'
import { viewerWith } from '../courses/viewer'
import { sees } from '../courses/visibility'
import { People } from '../people/person'
import { Enrolments } from './enrolment'

/** The most learners who are looked at. */
const maxRead = 5000

/**
 * Returns how many people who have enrolled in a course wouldn't find it with this content, because of who it is for;
 * they keep it. `isAtLeast` when there are more learners than were looked at.
 */
export async function learnersOutside(
  { _id: course }: Pick<Course, '_id'>,
  content: CourseContent,
): Promise<{ count: number; isAtLeast: boolean }> {
  const [enrolments, invitations] = await Promise.all([
    Enrolments.find({ course }, { person: 1 }).limit(maxRead + 1),
    CourseInvitations.find({ course, revokedAt: null }, { people: 1, email: 1 }),
  ])
  const learners = await People.find(
    { _id: { $in: enrolments.slice(0, maxRead).map(({ person }) => person) }, erasedAt: null },
    { email: 1, role: 1, confirmedAt: 1, emailKind: 1 },
  )
  const accepted = new Set(invitations.flatMap(({ people }) => people.map(String)))
  const addressed = new Set(invitations.map(({ email }) => email))
  const isInvited = ({ _id, email }: { _id: Types.ObjectId; email: string }) =>
    accepted.has(String(_id)) || addressed.has(email)
  const outside = learners.filter(each => {
    const invitedTo = new Set(isInvited(each) ? [String(course)] : [])
    return !sees(viewerWith(each, invitedTo), { course, content })
  })
  return { count: outside.length, isAtLeast: enrolments.length > maxRead }
}
