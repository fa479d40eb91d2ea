import { revisionById } from '../courses/published'
import type { Event } from '../events/event'
import { Attempts, type Attempt } from './attempt'
import { countAttempt } from './count-attempt'

/** Reaction to `quiz.attempted`: repeats what follows from the attempt, should the process have died before its end. */
export async function finishAttempt(event: Event<'quiz.attempted'>): Promise<void> {
  const attempt = await Attempts.findById(event.data.attempt).lean<Attempt>()
  const revision = attempt && (await revisionById(attempt.revision))
  const lesson = revision?.lessons.find(each => each.slug === attempt!.lesson)
  if (attempt && lesson) await countAttempt(attempt, lesson)
}
