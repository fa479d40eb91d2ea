import { Types } from 'mongoose'
import { revisionById } from '../courses/published'
import type { Event } from '../events/event'
import { enrolmentId, Enrolments } from './enrolment'

/**
 * Reaction to `course.enrolled`, and the second half of `enrol`: creates the enrolment unless it exists, so the worker
 * completes an enrolment that was interrupted after its event.
 */
export async function startEnrolment(
  event: Pick<Event<'course.enrolled'>, 'person' | 'course' | 'at' | 'data'>,
): Promise<void> {
  const revision = await revisionById(new Types.ObjectId(event.data.revision))
  if (!revision) return
  const { person, at } = event
  await Enrolments.insertOnce({
    _id: enrolmentId(person, revision.course),
    person,
    course: revision.course,
    slug: revision.slug,
    revision: revision.revision,
    startedAt: at,
    revokedAt: null,
    lessons: {},
    lastLesson: null,
    lastActivityAt: at,
    completedAt: null,
  })
}
