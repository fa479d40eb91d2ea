import type { Types } from 'mongoose'
import { later, minutes, now } from '../platform/clock'
import { notFound } from '../platform/errors'
import { countAnswers } from './answer-question'
import { Posts, type Post } from './post'
import { PostImages } from './post-image'
import { communityCaps, Threads, wordsOfThread, type Thread } from './thread'

/** How long a removal can be undone. */
const undoWindow = minutes(10)

/** Keeps what stood until now, beside the latest earlier versions. */
const versionsWith = (old: { title: string; text: string; versions: Thread['versions'] }, until: Date) => ({
  versions: [...old.versions, { title: old.title, text: old.text, until }].slice(-communityCaps.versions),
  editedAt: until,
})

/** Changes the words of a question. Nobody is told; its page says that it was edited. */
export async function changeThread(thread: Thread, words: Pick<Thread, 'title' | 'text'>): Promise<void> {
  if (words.title === thread.title && words.text === thread.text) return
  await Threads.updateOne(
    { _id: thread._id, state: 'shown' },
    { $set: { ...words, search: wordsOfThread(words), ...versionsWith(thread, now()) } },
  )
}

/** Changes the words of an answer or a reply. */
export async function changePost(post: Post, text: string): Promise<void> {
  if (text === post.text) return
  await Posts.updateOne(
    { _id: post._id, state: 'shown' },
    { $set: { text, ...versionsWith({ ...post, title: '' }, now()) } },
  )
}

/** Removes a question for everybody; it is deleted 10 minutes later, unless it is put back. */
export async function takeDownThread({ _id }: Pick<Thread, '_id'>): Promise<void> {
  const moment = now()
  await Threads.updateOne(
    { _id, state: 'shown' },
    { $set: { state: 'removed', removedAt: moment, dueAt: later(moment, undoWindow), attempts: 0 } },
  )
}

/** Removes an answer or a reply; likewise. */
export async function takeDownPost({ _id, thread }: Pick<Post, '_id' | 'thread'>): Promise<void> {
  const moment = now()
  await Posts.updateOne(
    { _id, state: 'shown' },
    { $set: { state: 'removed', removedAt: moment, dueAt: later(moment, undoWindow), attempts: 0 } },
  )
  await Threads.updateOne({ _id: thread, accepted: _id }, { $set: { accepted: null, acceptedBy: null } })
  await countAnswers(thread)
}

/**
 * Puts back what was removed.
 *
 * @throws 404 when it was deleted meanwhile.
 */
export async function putBackThread({ _id }: Pick<Thread, '_id'>): Promise<void> {
  const { matchedCount } = await Threads.updateOne(
    { _id, state: 'removed' },
    { $set: { state: 'shown', removedAt: null, dueAt: null } },
  )
  if (!matchedCount) throw notFound()
}

/** The same for an answer or a reply. It isn't accepted any more. */
export async function putBackPost({ _id, thread }: Pick<Post, '_id' | 'thread'>): Promise<void> {
  const { matchedCount } = await Posts.updateOne(
    { _id, state: 'removed' },
    { $set: { state: 'shown', removedAt: null, dueAt: null } },
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
