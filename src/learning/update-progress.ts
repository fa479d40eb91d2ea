import { mapKey } from '../platform/record'
import type { Types } from 'mongoose'
import { revisionById } from '../courses/published'
import { record } from '../events/record'
import { enrolmentId, Enrolments, readEnrolment, type Enrolment } from './enrolment'
import { progressOf } from './progress'

/**
 * Reaction to `lesson.completed`, and the second half of completing a lesson: updates the enrolment, and records
 * `course.completed` when every lesson of the learner's revision is done. Repeating it changes nothing.
 *
 * @returns the enrolment after the change; null when there is none.
 */
export async function updateProgress(event: {
  person: Types.ObjectId
  course: Types.ObjectId | null
  at: Date
  data: { lesson: string }
}): Promise<Readonly<Enrolment> | null> {
  const { person, course, at } = event
  const { lesson } = event.data
  if (!course) return null
  const id = enrolmentId(person, course)
  const stored = await readEnrolment(id)
  const completedAt = stored?.lessons[mapKey(lesson)]?.completedAt
  // Whoever completed the lesson has usually updated the enrolment already. $min keeps the first time.
  const enrolment =
    completedAt && completedAt <= at
      ? stored
      : await Enrolments.findOneAndUpdate(
          { _id: id },
          { $min: { [`lessons.${mapKey(lesson)}.completedAt`]: at } },
          { returnDocument: 'after' },
        )
  if (!enrolment || enrolment.completedAt) return enrolment
  const revision = await revisionById(enrolment.revision)
  if (!revision || !progressOf(revision.lessons, enrolment).finished) return enrolment
  await record({
    name: 'course.completed',
    person,
    course,
    at,
    idempotencyKey: [course],
    data: {
      revision: String(revision.revision),
      title: revision.content.title,
      topics: [...new Set(revision.lessons.flatMap(each => each.topics))],
    },
  })
  await Enrolments.updateOne({ _id: id, completedAt: null }, { $set: { completedAt: at } })
  return { ...enrolment, completedAt: at }
}
