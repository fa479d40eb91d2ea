import type { Types } from 'mongoose'
import { conflict, notFound } from '../platform/errors'
import { requireNotSuspended } from './moderation-record'
import { Posts } from './post'
import { communityCaps, Threads } from './thread'

/**
 * Says that a person has the same question or finds an answer helpful, or takes that back. Each counts once.
 *
 * @throws 404 for what doesn't exist, is hidden, or is their own; 409 for a vote of someone who is suspended.
 */
export async function setVote(
  kind: 'thread' | 'post',
  _id: Types.ObjectId,
  person: Types.ObjectId,
  isFor: boolean,
): Promise<void> {
  if (isFor) await requireNotSuspended(person)
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

/**
 * Follows a thread, or stops that: whoever follows is told of new answers.
 *
 * @throws 404 for following what isn't shown; 409 when enough people follow it. Stopping always works.
 */
export async function setFollowing(
  thread: Types.ObjectId,
  person: Types.ObjectId,
  isFollowing: boolean,
): Promise<void> {
  if (!isFollowing) {
    await Threads.updateOne({ _id: thread }, { $pull: { followers: person } })
    return
  }
  const shown = { _id: thread, state: 'shown' as const }
  const { matchedCount } = await Threads.updateOne(
    { ...shown, [`followers.${communityCaps.followers - 1}`]: { $exists: false } },
    { $addToSet: { followers: person } },
  )
  if (matchedCount || (await Threads.exists({ ...shown, followers: person }))) return
  if (await Threads.exists(shown)) throw conflict('academy:errors.community.followedEnough')
  throw notFound()
}

/** Stops following a thread, whatever has become of it. */
export async function stopFollowing(thread: Types.ObjectId, person: Types.ObjectId): Promise<void> {
  await Threads.updateOne({ _id: thread }, { $pull: { followers: person } })
}
