import { Types } from 'mongoose'
import { revisionById } from '../courses/published'
import { isDuplicateKey } from '../platform/errors'
import type { Event } from '../events/event'
import { enrolmentId, Enrolments } from './enrolment'

/**
 * Reaction to `course.enrolled`, and the second half of `enrol`: makes the enrolment that the event speaks of, unless it is there. So one
 * that was cut off between the two is finished by the worker.
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
    // Two upserts at once: the other one has made it.
    if (!isDuplicateKey(error)) throw error
  }
}
