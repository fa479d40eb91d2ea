import { createHash } from 'node:crypto'
import { Types } from 'mongoose'
import { People, type Person } from '../people/person'
import { now } from '../platform/clock'
import { hmacOf, isHmacOf } from '../platform/hmac'
import { boolean, date, defineRecord, number, objectId, string, type RecordOf } from '../platform/record'

/** A learner's own address of a course's podcast, for an app that can't sign in. One per learner and course. */
export const PodcastFeeds = defineRecord(
  'PodcastFeed',
  'podcast_feeds',
  {
    /** Follows from the person and the course. */
    _id: objectId(),
    person: objectId(),
    course: objectId(),
    slug: string(),
    /** Whether the address answers. */
    isOn: boolean(),
    /** The number of the address, which is part of it: the ones before it answer nothing. */
    number: number(),
    createdAt: date(),
    changedAt: date(),
  },
  { indexes: [[{ person: 1 }]] },
)
export type PodcastFeed = RecordOf<typeof PodcastFeeds>

function feedId(person: Types.ObjectId, course: Types.ObjectId): Types.ObjectId {
  const hash = createHash('sha256').update(`podcast:${person}:${course}`).digest('hex')
  return new Types.ObjectId(hash.slice(0, 24))
}

/** Returns a learner's address of a course's podcast; null when they have none, or have removed it. */
export async function podcastFeedOf(
  person: Types.ObjectId,
  course: Types.ObjectId,
): Promise<PodcastFeed | null> {
  return PodcastFeeds.findOne({ _id: feedId(person, course), isOn: true })
}

/** Gives a learner an address of a course's podcast. The one that they have already stays. */
export async function createPodcastFeed(
  person: Types.ObjectId,
  { course, slug }: { course: Types.ObjectId; slug: string },
): Promise<void> {
  const _id = feedId(person, course)
  const at = now()
  const fields = { person, course, slug, isOn: true, changedAt: at }
  const isNew = await PodcastFeeds.insertOnce({ _id, ...fields, number: 1, createdAt: at })
  if (!isNew)
    await PodcastFeeds.updateOne({ _id, isOn: false }, { $set: { isOn: true, slug, changedAt: at } })
}

/**
 * Ends a learner's address of a course's podcast, and begins another one unless it is to be removed. Does nothing when
 * its number isn't the current one, so that a form that was sent twice changes it once.
 */
export async function endPodcastFeed(
  person: Types.ObjectId,
  course: Types.ObjectId,
  { number, isRemoved }: { number: number; isRemoved: boolean },
): Promise<void> {
  const change = { number: number + 1, isOn: !isRemoved, changedAt: now() }
  await PodcastFeeds.updateOne({ _id: feedId(person, course), number, isOn: true }, { $set: change })
}

/** Returns the token of an address. Nobody can guess it, and no record has it. */
export function podcastToken({ _id, number }: Pick<PodcastFeed, '_id' | 'number'>): string {
  const text = `${_id}.${number}`
  return `${text}.${hmacOf('podcast', text)}`
}

/** Returns the address that a token belongs to and its owner; null unless it answers and its owner can sign in. */
export async function podcastOfToken(token: string): Promise<{ feed: PodcastFeed; owner: Person } | null> {
  const end = token.lastIndexOf('.')
  const text = token.slice(0, Math.max(0, end))
  if (!isHmacOf('podcast', text, token.slice(end + 1))) return null
  const [_id, number] = text.split('.')
  const feed = await PodcastFeeds.findOne({ _id: _id!, number: Number(number), isOn: true })
  const owner = feed && (await People.findOne({ _id: feed.person, suspendedAt: null, erasedAt: null }))
  return owner && { feed, owner }
}
