import type { Types } from 'mongoose'
import { notFound } from '../platform/errors'
import { Posts } from './post'
import { Threads } from './thread'

/**
 * Says that a person has the same question or finds an answer helpful, or takes that back. Each counts once.
 *
 * @throws 404 for what doesn't exist, is hidden, or is their own.
 */
export async function setVote(
  kind: 'thread' | 'post',
  _id: Types.ObjectId,
  person: Types.ObjectId,
  isFor: boolean,
): Promise<void> {
  const records = kind === 'thread' ? Threads : Posts
  const shown = { _id, state: 'shown' as const, person: { $ne: person } }
  const [filter, change] = isFor
    ? [
        { ...shown, voters: { $ne: person } },
        { $push: { voters: person }, $inc: { votes: 1 } },
      ]
    : [
        { ...shown, voters: person },
        { $pull: { voters: person }, $inc: { votes: -1 } },
      ]
  const { matchedCount } = await records.updateOne(filter, change)
  if (!matchedCount && !(await records.exists(shown))) throw notFound()
}

/** Follows a thread, or stops that: whoever follows is told of new answers. */
export async function setFollowing(
  thread: Types.ObjectId,
  person: Types.ObjectId,
  isFollowing: boolean,
): Promise<void> {
  const change = isFollowing ? { $addToSet: { followers: person } } : { $pull: { followers: person } }
  const { matchedCount } = await Threads.updateOne({ _id: thread, state: 'shown' }, change)
  if (!matchedCount) throw notFound()
}

/** Stops following a thread, whatever has become of it. */
export async function stopFollowing(thread: Types.ObjectId, person: Types.ObjectId): Promise<void> {
  await Threads.updateOne({ _id: thread }, { $pull: { followers: person } })
}
