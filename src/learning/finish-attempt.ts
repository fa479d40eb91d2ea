import { mapKey } from '../platform/record'
import type { Lesson } from '../courses/course'
import { revisionById } from '../courses/published'
import type { Event } from '../events/event'
import { attemptId, Attempts } from './attempt'
import { applyAttempt } from './apply-attempt'
import { readEnrolment, type Enrolment } from './enrolment'

/** Reaction to `quiz.attempted`: applies the attempt again in case the process died halfway. */
export async function finishAttempt(event: Event<'quiz.attempted'>): Promise<void> {
  const attempt = await Attempts.findById(event.data.attempt)
  const revision = attempt && (await revisionById(attempt.revision))
  const lesson = revision?.lessons.find(each => each.slug === attempt!.lesson)
  if (attempt && lesson) await applyAttempt(attempt, lesson)
}

/**
 * Applies an attempt that was stored just before the process died, so no event was recorded. Call it before showing or
 * counting a learner's attempts.
 *
 * @returns the enrolment after the change.
 */
export async function resumeAttempt(
  enrolment: Readonly<Enrolment>,
  lesson: Lesson,
): Promise<Readonly<Enrolment>> {
  const { _id, person, course } = enrolment
  const next = (enrolment.lessons[mapKey(lesson.slug)]?.attempts ?? 0) + 1
  const interrupted = await Attempts.findById(attemptId(person, course, lesson.slug, next))
  if (!interrupted) return enrolment
  await applyAttempt(interrupted, lesson)
  return (await readEnrolment(_id))!
}
