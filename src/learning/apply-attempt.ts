import type { Lesson } from '../courses/course'
import { record } from '../events/record'
import { updateProgress } from './update-progress'
import type { Attempt } from './attempt'
import { enrolmentId, Enrolments } from './enrolment'

/**
 * What follows from an attempt: it is in the ledger, the enrolment knows it, and a passed one completes the lesson. Repeating it
 * changes nothing, so an attempt that was cut off is finished by sending its form or opening a page of its lesson again.
 */
export async function applyAttempt(attempt: Attempt, lesson: Lesson): Promise<void> {
  const { person, course, number, correct, total, passed, weakTopics, at } = attempt
  const happening = { person, course, at }
  const about = { lesson: lesson.slug, title: lesson.title, topics: lesson.topics }
  await record({
    name: 'quiz.attempted',
    ...happening,
    idempotencyKey: [course, lesson.slug, number],
    data: { ...about, attempt: attempt._id, number, correct, total, passed, weakTopics },
  })
  const slot = `lessons.${lesson.slug}`
  await Enrolments.updateOne(
    { _id: enrolmentId(person, course) },
    {
      $max: { [`${slot}.attempts`]: number, [`${slot}.best.correct`]: correct },
      $set: { [`${slot}.best.total`]: total },
    },
  )
  if (!passed) return
  const data = { ...about, minutes: lesson.minutes, seconds: attempt.durationSeconds ?? 0, kind: lesson.kind }
  await record({ name: 'lesson.completed', ...happening, idempotencyKey: [course, lesson.slug], data })
  await updateProgress({ ...happening, data })
}
