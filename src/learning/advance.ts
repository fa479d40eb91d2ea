import type { Types } from 'mongoose'
import { revisionById } from '../courses/published'
import { record } from '../events/record'
import { enrolmentId, Enrolments, type Enrolment } from './enrolment'
import { progressOf } from './progress'

/**
 * Reaction to `lesson.completed`, and the second half of completing a lesson: writes it into the enrolment, and records
 * `course.completed` once every lesson of the learner's own revision is done. Repeating it changes nothing.
 */
export async function advance(event: {
  person: Types.ObjectId
  course: Types.ObjectId | null
  at: Date
  data: { lesson: string }
}): Promise<void> {
  const { person, course, at } = event
  const { lesson } = event.data
  if (!course) return
  const id = enrolmentId(person, course)
  await Enrolments.updateOne(
    { _id: id, [`lessons.${lesson}.completedAt`]: { $exists: false } },
    { $set: { [`lessons.${lesson}.completedAt`]: at } },
  )
  const enrolment = await Enrolments.findById(id).lean<Enrolment>()
  if (!enrolment || enrolment.completedAt) return
  const revision = await revisionById(enrolment.revision)
  if (!revision || !progressOf(revision.lessons, enrolment).finished) return
  await record({
    name: 'course.completed',
    person,
    course,
    at,
    once: [course],
    data: {
      revision: String(revision.revision),
      title: revision.content.title,
      topics: [...new Set(revision.lessons.flatMap(each => each.topics))],
    },
  })
  await Enrolments.updateOne({ _id: id, completedAt: null }, { $set: { completedAt: at } })
}
