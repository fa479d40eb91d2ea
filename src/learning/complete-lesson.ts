import { now } from '../platform/clock'
import type { Lesson } from '../courses/course'
import { HttpError } from '../platform/errors'
import { record } from '../events/record'
import { updateProgress } from './update-progress'
import type { Enrolment } from './enrolment'
import { watchedThreshold, watchedShare } from './progress'

/**
 * Marks a lesson as done by the learner's own word, or by the film they watched. Doing it twice is one event.
 *
 * @returns the enrolment afterwards.
 * @throws Refusal 409 when the film was not watched to 90 %, or when the lesson is done by passing its quiz.
 */
export async function completeLesson(
  enrolment: Readonly<Enrolment>,
  lesson: Lesson,
): Promise<Readonly<Enrolment>> {
  const progress = enrolment.lessons[lesson.slug]
  if (progress?.completedAt) return enrolment
  if (lesson.completion === 'pass') throw new HttpError(409, 'academy:errors.passTheQuiz')
  if (lesson.completion === 'watch' && watchedShare(lesson, progress) < watchedThreshold) {
    throw new HttpError(409, 'academy:errors.watchFirst', {
      percent: Math.floor(100 * watchedShare(lesson, progress)),
    })
  }
  const happening = {
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
  await record({ name: 'lesson.completed', ...happening, idempotencyKey: [enrolment.course, lesson.slug] })
  return (await updateProgress(happening)) ?? enrolment
}
