import { mapKey } from '../platform/record'
import type { Lesson } from '../courses/course'
import { record } from '../events/record'
import { updateProgress } from './update-progress'
import type { Attempt } from './attempt'
import { enrolmentId, Enrolments } from './enrolment'

/**
 * Applies an attempt: records it in the ledger, updates the enrolment, and completes the lesson if it passed. Repeating
 * it changes nothing, so an interrupted attempt is completed when the learner submits again or opens a page of the
 * lesson.
 */
export async function applyAttempt(attempt: Attempt, lesson: Lesson): Promise<void> {
  const { person, course, number, correct, total, passed, weakTopics, at } = attempt
  const occurrence = { person, course, at }
  const about = { lesson: lesson.slug, title: lesson.title, topics: lesson.topics }
  const seconds = attempt.durationSeconds ?? 0
  await record({
    name: 'quiz.attempted',
    ...occurrence,
    idempotencyKey: [course, lesson.slug, number],
    data: { ...about, attempt: attempt._id, number, correct, total, passed, weakTopics, seconds },
  })
  const field = `lessons.${mapKey(lesson.slug)}`
  await Enrolments.updateOne(
    { _id: enrolmentId(person, course) },
    {
      $max: { [`${field}.attempts`]: number, [`${field}.best.correct`]: correct },
      $set: { [`${field}.best.total`]: total },
    },
  )
  if (!passed) return
  const data = { ...about, minutes: lesson.minutes, seconds, kind: lesson.kind }
  await record({ name: 'lesson.completed', ...occurrence, idempotencyKey: [course, lesson.slug], data })
  await updateProgress({ ...occurrence, data })
}
