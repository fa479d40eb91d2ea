import { Types } from 'mongoose'
import { revisionById } from '../courses/published'
import { isDuplicateKey } from '../platform/errors'
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
  try {
    await Enrolments.updateOne(
      { _id: enrolmentId(person, revision.course) },
      {
        $setOnInsert: {
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
        },
      },
      { upsert: true },
    )
  } catch (error) {
    // Of two upserts at once, the other one inserted it.
    if (!isDuplicateKey(error)) throw error
  }
}
