import { mapKey } from '../platform/record'
import type { Types } from 'mongoose'
import { revisionById, type Published } from '../courses/published'
import { shownLessonsOf } from '../courses/shown-courses'
import { People } from '../people/person'
import { record } from '../events/record'
import { enrolmentId, Enrolments, readEnrolment, type Enrolment } from './enrolment'
import { progressOf } from './progress'

type Completion = {
  person: Types.ObjectId
  course: Types.ObjectId | null
  at: Date
  data: { lesson: string }
}

/** Reaction to `lesson.completed`: does what `updateProgress` does, if the request was cut off before it did. */
export async function ensureProgress(event: Completion): Promise<void> {
  const { person, course, at, data } = event
  if (!course) return
  const enrolment = await readEnrolment(enrolmentId(person, course))
  const completedAt = enrolment?.lessons[mapKey(data.lesson)]?.completedAt
  if (enrolment && completedAt && completedAt <= at) await finishCourse(enrolment, { person, course, at })
  else await updateProgress(event)
}

/**
 * The second half of completing a lesson: updates the enrolment, and records `course.completed` when every lesson of
 * the learner's revision is done. Repeating it changes nothing.
 *
 * @returns the enrolment after the change; null when there is none.
 */
export async function updateProgress(event: Completion): Promise<Readonly<Enrolment> | null> {
  const { person, course, at, data } = event
  if (!course) return null
  // $min keeps the first time when this is repeated.
  const enrolment = await Enrolments.findOneAndUpdate(
    { _id: enrolmentId(person, course) },
    { $min: { [`lessons.${mapKey(data.lesson)}.completedAt`]: at } },
    { returnDocument: 'after' },
  )
  return enrolment && finishCourse(enrolment, { person, course, at })
}

/** Records `course.completed` when every lesson of the learner's revision that they see is done. */
export async function finishCourse(
  enrolment: Readonly<Enrolment>,
  { person, course, at }: { person: Types.ObjectId; course: Types.ObjectId; at: Date },
): Promise<Readonly<Enrolment>> {
  if (enrolment.completedAt) return enrolment
  const whole = await revisionById(enrolment.revision)
  const revision = whole && (await shownLessonsOf(await learnerOf(whole, person), whole))
  if (!revision || !progressOf(revision.lessons, enrolment).finished) return enrolment
  await record({
    name: 'course.completed',
    person,
    course,
    at,
    idempotencyKey: [course],
    data: {
      revision: String(revision.revision),
      number: revision.number,
      title: revision.content.title,
      topics: [...new Set(revision.lessons.flatMap(each => each.topics))],
    },
  })
  await Enrolments.updateOne({ _id: enrolment._id, completedAt: null }, { $set: { completedAt: at } })
  return { ...enrolment, completedAt: at }
}

/** Returns the learner, where it matters who they are: in a course with lessons for some of its learners. */
async function learnerOf({ lessons }: Published, person: Types.ObjectId) {
  return lessons.some(each => each.visibility) ? People.findById(person) : null
}
