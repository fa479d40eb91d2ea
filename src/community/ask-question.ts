import { record } from '../events/record'
import { days, later, now } from '../platform/clock'
import { conflict } from '../platform/errors'
import { wakeWorker } from '../platform/queue'
import { ModerationCases, openHeldCase } from './moderation-case'
import { holdReason } from './rules'
import { requireNotSuspended } from './moderation-record'
import { communityCaps, Threads, wordsOfThread, type Thread } from './thread'

export type NewThread = Pick<
  Thread,
  '_id' | 'course' | 'lesson' | 'second' | 'person' | 'isNameHidden' | 'title' | 'text'
> &
  Partial<Pick<Thread, 'picture'>>

/**
 * Asks a question about a course, a lesson or a second of its recording. Its asker follows it. Asking under one's own
 * name is an event, which sales sees of those who share; a question without a name is none.
 *
 * @param question `_id` follows from the form, so that sending it twice asks once.
 * @param about the title of the lesson, or of the course.
 * @returns true when a moderator reads it before others do.
 * @throws 409 when this person is suspended, or has asked too much within a day.
 */
export async function askQuestion(question: NewThread, about: string): Promise<boolean> {
  const { _id, person, title, text } = question
  await requireNotSuspended(person)
  const moment = now()
  const heldFor = await holdReason(person, `${title}\n${text}`)
  if (heldFor) await openHeldCase({ kind: 'thread', thread: question, of: question }, heldFor)
  const isNew = await Threads.insertOnce({
    ...question,
    followers: [person],
    search: wordsOfThread(question),
    askedAt: moment,
    activeAt: moment,
    ...(heldFor ? { state: 'held' } : { dueAt: moment }),
  })
  // Counted afterwards: any number of requests at once stay within the limit.
  const sinceYesterday = { person, askedAt: { $gt: later(moment, -days(1)) } }
  if (isNew && (await Threads.count(sinceYesterday)) > communityCaps.threadsPerDay) {
    await Threads.deleteOne({ _id })
    await ModerationCases.deleteOne({ _id, count: 0 })
    throw conflict('academy:errors.community.askedEnough')
  }
  // The same form again: what became of it since stays so.
  const state = isNew ? (heldFor ? 'held' : 'shown') : (await Threads.findById(_id))?.state
  if (state !== 'shown') return state === 'held'
  wakeWorker.emit('due', Threads.queue)
  await recordAsked(question, about)
  return false
}

/** Records a question that others can read. Without a name, it is no event. */
export async function recordAsked(
  { _id, person, course, lesson, isNameHidden, title, text }: NewThread,
  about: string,
): Promise<void> {
  if (isNameHidden) return
  await record({
    name: 'question.asked',
    person,
    course,
    idempotencyKey: [_id],
    data: { thread: String(_id), text: [title, text].filter(Boolean).join('\n\n'), lesson, title: about },
  })
}
