import type { Types } from 'mongoose'
import { record } from '../events/record'
import { days, later, now } from '../platform/clock'
import { conflict, notFound } from '../platform/errors'
import { wakeWorker } from '../platform/queue'
import { Posts, type Post } from './post'
import { ModerationCases, openHeldCase } from './moderation-case'
import { holdReason } from './rules'
import { requireNotSuspended } from './moderation-record'
import { communityCaps, Threads, type Thread } from './thread'

export type NewPost = Pick<Post, '_id' | 'person' | 'text' | 'via' | 'answer'> &
  Partial<Pick<Post, 'picture'>>

/**
 * Writes an answer, or a reply to one. Whoever writes follows the thread from then on. An answer to someone else's
 * question is an event; a reply is none.
 *
 * @param post `_id` follows from the form or the email, so that either counts once.
 * @param about the title of the lesson, or of the course.
 * @returns true when a moderator reads it before others do.
 * @throws 404 for a reply to what isn't an answer of this thread; 409 when the thread isn't shown any more, this person
 *   is suspended or has written too much within a day, or the answer has enough replies.
 */
export async function answerQuestion(thread: Thread, post: NewPost, about: string): Promise<boolean> {
  if (thread.state !== 'shown') throw conflict('academy:errors.community.notShown')
  const { _id, person, answer } = post
  const answers = { thread: thread._id, answer: null, state: 'shown' as const }
  if (answer && !(await Posts.exists({ ...answers, _id: answer }))) throw notFound()
  await requireNotSuspended(person)
  const moment = now()
  const heldFor = await holdReason(person, post.text)
  if (heldFor) await openHeldCase({ kind: 'post', thread, of: post }, heldFor)
  const isNew = await Posts.insertOnce({
    ...{ ...post, thread: thread._id, writtenAt: moment },
    ...(heldFor ? { state: 'held' } : { dueAt: moment }),
  })
  if (isNew) await keepCaps(thread, post, moment)
  const isFollowing = thread.followers.length < communityCaps.followers
  await Threads.updateOne(
    { _id: thread._id },
    {
      ...(!heldFor && { $set: { activeAt: moment } }),
      ...(isFollowing && { $addToSet: { followers: person } }),
    },
  )
  // The same form again: what became of it since stays so.
  const state = isNew ? (heldFor ? 'held' : 'shown') : (await Posts.findById(_id))?.state
  if (state !== 'shown') return state === 'held'
  await countAnswers(thread._id)
  wakeWorker.emit('due', Posts.queue)
  await recordAnswered(thread, post, about)
  return false
}

/** Records an answer that others can read. A reply is no event, and nor is an answer to one's own question. */
export async function recordAnswered(
  thread: Thread,
  { _id, person, answer }: Pick<Post, '_id' | 'person' | 'answer'>,
  about: string,
): Promise<void> {
  if (answer || thread.person.equals(person)) return
  await Threads.updateOne({ _id: thread._id, firstAnsweredAt: null }, { $set: { firstAnsweredAt: now() } })
  await record({
    name: 'question.answered',
    person,
    course: thread.course,
    idempotencyKey: [_id],
    data: { thread: String(thread._id), post: String(_id), lesson: thread.lesson, title: about },
  })
}

/** Counted afterwards: any number of posts at once stay within the limits. */
async function keepCaps(thread: Thread, { _id, person, answer }: NewPost, moment: Date): Promise<void> {
  const [own, replies] = await Promise.all([
    Posts.count({ person, writtenAt: { $gt: later(moment, -days(1)) } }),
    // What the rules hold or a moderator has hidden must not keep others from replying.
    answer ? Posts.count({ thread: thread._id, answer, state: 'shown' }) : 0,
  ])
  const isTooMuch = own > communityCaps.postsPerDay
  if (!isTooMuch && replies <= communityCaps.replies) return
  await Posts.deleteOne({ _id })
  await ModerationCases.deleteOne({ _id, count: 0 })
  throw conflict(`academy:errors.community.${isTooMuch ? 'answeredEnough' : 'repliesEnough'}`)
}

/** Counts the answers of a thread that are shown. */
export async function countAnswers(thread: Types.ObjectId): Promise<void> {
  const answers = await Posts.count({ thread, answer: null, state: 'shown' })
  await Threads.updateOne({ _id: thread }, { $set: { answers } })
}

/**
 * Says which answer is right, or with null that none is. For the asker and the team.
 *
 * @param by who says so.
 * @param about the title of the lesson, or of the course.
 * @throws 404 for what isn't an answer of this thread that is shown; 409 when the thread isn't shown any more.
 */
export async function acceptAnswer(
  thread: Thread,
  answer: Types.ObjectId | null,
  by: Types.ObjectId,
  about: string,
): Promise<void> {
  if (thread.state !== 'shown') throw conflict('academy:errors.community.notShown')
  const shown = { thread: thread._id, answer: null, state: 'shown' as const }
  const found = answer && (await Posts.findOne({ ...shown, _id: answer }))
  if (answer && !found) throw notFound()
  await Threads.updateOne({ _id: thread._id }, { $set: { accepted: answer, acceptedBy: answer && by } })
  // Hidden or removed meanwhile: its place must not be the first.
  if (found && !(await Posts.exists({ ...shown, _id: found._id }))) {
    await Threads.updateOne(
      { _id: thread._id, accepted: found._id },
      { $set: { accepted: null, acceptedBy: null } },
    )
    throw notFound()
  }
  // An answer to oneself is worth nothing.
  if (!found || found.person.equals(thread.person)) return
  await record({
    name: 'answer.accepted',
    person: found.person,
    course: thread.course,
    idempotencyKey: [found._id],
    data: { thread: String(thread._id), post: String(found._id), lesson: thread.lesson, title: about },
  })
}
