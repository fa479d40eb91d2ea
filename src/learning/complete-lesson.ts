import { mapKey } from '../platform/record'
import { now } from '../platform/clock'
import type { Lesson } from '../courses/course'
import { completionRule } from '../courses/kinds/kinds'
import { HttpError } from '../platform/errors'
import { record } from '../events/record'
import { updateProgress } from './update-progress'
import type { Enrolment } from './enrolment'
import { watchedThreshold, watchedShare } from './progress'

/**
 * Completes a lesson that the learner marked as done or whose recording they played. Completing it twice records one
 * event.
 *
 * @returns the enrolment after the change.
 * @throws 409 when less than 90% of the recording was played, or when the quiz must be passed first.
 */
export async function completeLesson(
  enrolment: Readonly<Enrolment>,
  lesson: Lesson,
): Promise<Readonly<Enrolment>> {
  const progress = enrolment.lessons[mapKey(lesson.slug)]
  if (progress?.completedAt) return enrolment
  const rule = completionRule(lesson)
  const notYet = `academy:errors.${lesson.completion}First`
  if (rule === 'passed') throw new HttpError(409, notYet)
  if (rule === 'seconds' && watchedShare(lesson, progress) < watchedThreshold) {
    throw new HttpError(409, notYet, {
      percent: Math.floor(100 * watchedShare(lesson, progress)),
    })
  }
  const occurrence = {
    person: enrolment.person,
    course: enrolment.course,
    at: now(),
    data: {
      lesson: lesson.slug,
      title: lesson.title,
      topics: lesson.topics,
      minutes: lesson.minutes,
      seconds: Math.round(progress?.seconds ?? 0),
      kind: lesson.kind,
    },
  }
  await record({ name: 'lesson.completed', ...occurrence, idempotencyKey: [enrolment.course, lesson.slug] })
  return (await updateProgress(occurrence)) ?? enrolment
}
