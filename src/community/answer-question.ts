import type { Types } from 'mongoose'
import { record } from '../events/record'
import { days, later, now } from '../platform/clock'
import { conflict, notFound } from '../platform/errors'
import { Posts, type Post } from './post'
import { communityCaps, Threads, type Thread } from './thread'

export type NewPost = Pick<Post, '_id' | 'person' | 'text' | 'via' | 'answer'>

/**
 * Writes an answer, or a reply to one. Whoever answers follows the thread from then on. An answer is an event; a reply
 * is none.
 *
 * @param post `_id` follows from the form or the email, so that either counts once.
 * @param about the title of the lesson, or of the course.
 * @throws 404 for a reply to what isn't an answer of this thread; 409 when the thread is hidden, or this person has
 *   written too much within a day.
 */
export async function answerQuestion(thread: Thread, post: NewPost, about: string): Promise<void> {
  if (thread.state === 'hidden') throw conflict('academy:errors.community.hidden')
  const { _id, person, answer } = post
  if (answer && !(await Posts.exists({ _id: answer, thread: thread._id, answer: null }))) throw notFound()
  const moment = now()
  const isNew = await Posts.insertOnce({ ...post, thread: thread._id, writtenAt: moment, dueAt: moment })
  const sinceYesterday = { person, writtenAt: { $gt: later(moment, -days(1)) } }
  if (isNew && (await Posts.count(sinceYesterday)) > communityCaps.postsPerDay) {
    await Posts.deleteOne({ _id })
    throw conflict('academy:errors.community.answeredEnough')
  }
  await Threads.updateOne({ _id: thread._id }, { $addToSet: { followers: person }, $set: { activeAt: moment } })
  await countAnswers(thread._id)
  if (answer) return
  await record({
    name: 'question.answered',
    person,
    course: thread.course,
    idempotencyKey: [_id],
    data: { thread: String(thread._id), post: String(_id), lesson: thread.lesson, title: about },
  })
}

/** Counts the answers of a thread that are shown. */
export async function countAnswers(thread: Types.ObjectId): Promise<void> {
  const answers = await Posts.count({ thread, answer: null, state: 'shown' })
  await Threads.updateOne({ _id: thread }, { $set: { answers } })
}

/**
 * Says which answer is right, or with null that none is. The asker may, and the team.
 *
 * @throws 404 for what isn't an answer of this thread that is shown.
 */
export async function acceptAnswer(
  thread: Thread,
  answer: Types.ObjectId | null,
  about: string,
): Promise<void> {
  const found = answer && (await Posts.findOne({ _id: answer, thread: thread._id, answer: null, state: 'shown' }))
  if (answer && !found) throw notFound()
  await Threads.updateOne({ _id: thread._id }, { $set: { accepted: answer } })
  // Accepting one's own answer is worth nothing.
  if (!found || found.person.equals(thread.person)) return
  await record({
    name: 'answer.accepted',
    person: found.person,
    course: thread.course,
    idempotencyKey: [found._id],
    data: { thread: String(thread._id), post: String(found._id), lesson: thread.lesson, title: about },
  })
}
