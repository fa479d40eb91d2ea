import type { Types } from 'mongoose'
import { later, minutes, now } from '../platform/clock'
import { notFound } from '../platform/errors'
import { countAnswers } from './answer-question'
import { reopenHeldCase } from './moderation-case'
import { requireNotSuspended } from './moderation-record'
import { Posts, type Post } from './post'
import { PostImages } from './post-image'
import { holdReason } from './rules'
import { communityCaps, Threads, wordsOfThread, type Thread } from './thread'
import { deleteUnsentNotices } from './unsent-notices'

/** How long a removal can be undone. */
const undoWindow = minutes(10)

/** Keeps what stood until now, beside the latest earlier versions. */
const versionsWith = (old: { title: string; text: string; versions: Thread['versions'] }, until: Date) => ({
  versions: [...old.versions, { title: old.title, text: old.text, until }].slice(-communityCaps.versions),
  editedAt: until,
})

/**
 * Changes the words of a question. Nobody is told; its page says that it was edited. The rules hold new words as they
 * hold those of a new question.
 *
 * @returns true when a moderator reads it before others do.
 * @throws 409 when its writer is suspended.
 */
export async function changeThread(thread: Thread, words: Pick<Thread, 'title' | 'text'>): Promise<boolean> {
  if (words.title === thread.title && words.text === thread.text) return false
  const { _id, person } = thread
  await requireNotSuspended(person)
  const heldFor = await holdReason(person, `${words.title}\n${words.text}`)
  if (heldFor) await reopenHeldCase({ kind: 'thread', thread, of: thread }, heldFor)
  await Threads.updateOne(
    { _id, state: 'shown' },
    {
      $set: {
        ...words,
        search: wordsOfThread(words),
        ...versionsWith(thread, now()),
        ...(heldFor && { state: 'held', dueAt: null }),
      },
    },
  )
  if (heldFor) await deleteUnsentNotices('thread', _id)
  return heldFor !== null
}

/** Changes the words of an answer or a reply to a question; likewise. One that is held isn't accepted any more. */
export async function changePost(thread: Thread, post: Post, text: string): Promise<boolean> {
  if (text === post.text) return false
  const { _id, person } = post
  await requireNotSuspended(person)
  const heldFor = await holdReason(person, text)
  if (heldFor) await reopenHeldCase({ kind: 'post', thread, of: post }, heldFor)
  await Posts.updateOne(
    { _id, state: 'shown' },
    {
      $set: {
        text,
        ...versionsWith({ ...post, title: '' }, now()),
        ...(heldFor && { state: 'held', dueAt: null }),
      },
    },
  )
  if (heldFor) await leaveOut(post)
  return heldFor !== null
}

/** An answer that isn't shown any more doesn't count, isn't the accepted one, and nobody is told of it. */
async function leaveOut({ _id, thread }: Pick<Post, '_id' | 'thread'>): Promise<void> {
  await Threads.updateOne({ _id: thread, accepted: _id }, { $set: { accepted: null, acceptedBy: null } })
  await countAnswers(thread)
  await deleteUnsentNotices('post', _id)
}

/** Removes a question for everybody; it is deleted 10 minutes later, unless it is put back. Nobody is told of it. */
export async function takeDownThread({ _id }: Pick<Thread, '_id'>): Promise<void> {
  const moment = now()
  await Threads.updateOne(
    { _id, state: 'shown' },
    { $set: { state: 'removed', removedAt: moment, dueAt: later(moment, undoWindow), attempts: 0 } },
  )
  await deleteUnsentNotices('thread', _id)
}

/** Removes an answer or a reply; likewise. */
export async function takeDownPost({ _id, thread }: Pick<Post, '_id' | 'thread'>): Promise<void> {
  const moment = now()
  await Posts.updateOne(
    { _id, state: 'shown' },
    { $set: { state: 'removed', removedAt: moment, dueAt: later(moment, undoWindow), attempts: 0 } },
  )
  await leaveOut({ _id, thread })
}

/**
 * Puts back what was removed. Who wasn't told of it yet is told then.
 *
 * @throws 404 when it was deleted meanwhile.
 */
export async function putBackThread({ _id }: Pick<Thread, '_id'>): Promise<void> {
  const { matchedCount } = await Threads.updateOne(
    { _id, state: 'removed' },
    { $set: { state: 'shown', removedAt: null, dueAt: now(), attempts: 0 } },
  )
  if (!matchedCount) throw notFound()
}

/** The same for an answer or a reply. It isn't accepted any more. */
export async function putBackPost({ _id, thread }: Pick<Post, '_id' | 'thread'>): Promise<void> {
  const { matchedCount } = await Posts.updateOne(
    { _id, state: 'removed' },
    { $set: { state: 'shown', removedAt: null, dueAt: now(), attempts: 0 } },
  )
  if (!matchedCount) throw notFound()
  await countAnswers(thread)
}

/** Deletes a question with everything below it. */
export async function deleteThread(_id: Types.ObjectId): Promise<void> {
  await PostImages.deleteMany({ thread: _id })
  await Posts.deleteMany({ thread: _id })
  await Threads.deleteOne({ _id })
}

/** Deletes an answer with its replies, or a reply. */
export async function deletePost(_id: Types.ObjectId): Promise<void> {
  const replies = await Posts.distinct('_id', { answer: _id })
  await PostImages.deleteMany({ _id: { $in: [_id, ...replies] } })
  await Posts.deleteMany({ answer: _id })
  await Posts.deleteOne({ _id })
}
