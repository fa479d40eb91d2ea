import type { Lesson } from '../courses/course'
import { revisionById } from '../courses/published'
import type { Event } from '../events/event'
import { attemptId, Attempts, type Attempt } from './attempt'
import { applyAttempt } from './apply-attempt'
import { readEnrolment, type Enrolment } from './enrolment'

/** Reaction to `quiz.attempted`: repeats what follows from the attempt, should the process have died before its end. */
export async function finishAttempt(event: Event<'quiz.attempted'>): Promise<void> {
  const attempt = await Attempts.findById(event.data.attempt).lean<Attempt>()
  const revision = attempt && (await revisionById(attempt.revision))
  const lesson = revision?.lessons.find(each => each.slug === attempt!.lesson)
  if (attempt && lesson) await applyAttempt(attempt, lesson)
}

/**
 * Finishes an attempt that was stored when the process died, so that nothing was told of it: its answers are in no event. Asked
 * wherever the learner sees how many attempts they made.
 *
 * @returns the enrolment afterwards.
 */
export async function resumeAttempt(
  enrolment: Readonly<Enrolment>,
  lesson: Lesson,
): Promise<Readonly<Enrolment>> {
  const { _id, person, course } = enrolment
  const next = (enrolment.lessons[lesson.slug]?.attempts ?? 0) + 1
  const cut = await Attempts.findById(attemptId(person, course, lesson.slug, next)).lean<Attempt>()
  if (!cut) return enrolment
  await applyAttempt(cut, lesson)
  return (await readEnrolment(_id))!
}
