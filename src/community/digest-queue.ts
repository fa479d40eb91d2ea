import type { Types } from 'mongoose'
import { People, type Person } from '../people/person'
import { quietUntil } from '../people/quiet-hours'
import { days, hours, later, minutes, now } from '../platform/clock'
import { defineQueue, doubling, work, type Consumer } from '../platform/queue'
import { boolean, date, objectId, withDefault, type RecordOf } from '../platform/record'

/** The weekly email about a person's groups, due on Mondays. It stays when its reader has ended it. */
export const CommunityDigests = defineQueue(
  'CommunityDigest',
  'community_digests',
  {
    /** The person's id. */
    _id: objectId(),
    isOff: withDefault(boolean(), false),
    /** The Monday that it is due on next, which is its name however late it is sent. */
    week: date(),
    /** What is newer is news. */
    since: date(),
  },
  { queue: 'community-digests' },
)
export type CommunityDigest = RecordOf<typeof CommunityDigests>

/** Returns the next Monday at 8:00 UTC. Quiet hours of its reader move it on. */
export function nextDigestWeek(at: Date): Date {
  const day = new Date(later(at, -hours(8)))
  const midnight = Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate())
  const ahead = (8 - day.getUTCDay()) % 7 || 7
  return new Date(midnight + days(ahead) + hours(8))
}

/** Begins the digest of someone who has joined a group; one that was ended stays so. */
export async function beginDigest(person: Types.ObjectId): Promise<void> {
  const week = nextDigestWeek(now())
  await CommunityDigests.insertOnce({ _id: person, week, since: now(), dueAt: week })
}

/** Ends the digest, or begins it again. */
export async function setDigest(person: Types.ObjectId, isOn: boolean): Promise<void> {
  const week = nextDigestWeek(now())
  const fields = isOn ? { isOff: false, week, since: now(), dueAt: week } : { isOff: true, dueAt: null }
  const none = { attempts: 0, failedAt: null }
  const begun = isOn ? {} : { $setOnInsert: { week, since: now() } }
  await CommunityDigests.updateOne(
    { _id: person },
    { $set: { ...fields, ...none }, ...begun },
    { upsert: true },
  )
}

/** Whether a person gets the digest; null for one who was never in a group. */
export async function digestStateOf(person: Types.ObjectId): Promise<'on' | 'off' | null> {
  const found = await CommunityDigests.findById(person, { isOff: 1 })
  return found && (found.isOff ? 'off' : 'on')
}

const policy = { lease: minutes(5), backoff: doubling(minutes(1), minutes(60)), maxAttempts: 20 }

/**
 * The consumer of the digests: each waits for its reader's daytime, is sent once a week under its own id, and waits for
 * the next Monday. What it says is looked up when it is sent.
 */
export const sendCommunityDigests = (
  send: (person: Person, digest: CommunityDigest) => Promise<unknown>,
): Consumer =>
  work(CommunityDigests, policy, async digest => {
    const person = await People.findOne({ _id: digest._id, erasedAt: null, suspendedAt: null })
    const quiet = person && quietUntil(person.country, now())
    if (quiet) return { dueAt: quiet }
    if (person && !digest.isOff) await send(person, digest)
    if (digest.isOff) return { dueAt: null }
    const week = nextDigestWeek(now())
    return { week, since: now(), dueAt: week }
  })
