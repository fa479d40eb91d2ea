import { mapKey } from '../platform/record'
import { now } from '../platform/clock'
import type { Lesson } from '../courses/course'
import { completionRule } from '../courses/kinds/kinds'
import { HttpError } from '../platform/errors'
import { record } from '../events/record'
import { updateProgress } from './update-progress'
import type { Enrolment, LessonProgress } from './enrolment'
import { isAttended, seenSteps, watchedShare } from './progress'

/**
 * Completes a lesson that the learner marked as done, whose recording they played or whose steps they saw. Completing
 * it twice records one event.
 *
 * @returns the enrolment after the change.
 * @throws 409 when less than 90% of the recording was played, when no way through the tour was seen from beginning to
 * end, or when the quiz must be passed first.
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
  if (rule !== 'marked' && !isAttended(lesson, progress)) {
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
      ...(lesson.kind === 'tour' && { steps: seenCount(lesson, progress) }),
    },
  }
  await record({ name: 'lesson.completed', ...occurrence, idempotencyKey: [enrolment.course, lesson.slug] })
  return (await updateProgress(occurrence)) ?? enrolment
}

function seenCount(lesson: Lesson, progress: LessonProgress | undefined) {
  const { seen, ids } = seenSteps(lesson, progress)
  return { seen: seen.length, total: ids.length }
}
