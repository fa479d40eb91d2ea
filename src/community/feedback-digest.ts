import type { Types } from 'mongoose'
import { days, hours, later, now } from '../platform/clock'
import { defineQueue } from '../platform/queue'
import { objectId } from '../platform/record'
import { instantOf, localTimeOf } from '../platform/zoned-time'

/** Who gets the product team's weekly email, each due on their next Monday. */
export const FeedbackDigests = defineQueue(
  'FeedbackDigest',
  'feedback_digests',
  {
    /** The teammate's id. */
    _id: objectId(),
  },
  { queue: 'feedback-digests' },
)

/** Returns the next Monday at 8:00 on the clocks of a time zone. */
export function nextFeedbackDigestAt(after: Date, timeZone: string): Date {
  const local = localTimeOf(after.getTime(), timeZone)
  const midnight = Math.floor(local / days(1)) * days(1)
  const untilMonday = (8 - new Date(midnight).getUTCDay()) % 7
  const at = new Date(instantOf(midnight + days(untilMonday) + hours(8), timeZone))
  return at > after ? at : nextFeedbackDigestAt(later(after, days(1)), timeZone)
}

/** Starts a teammate's weekly email, or stops it. Starting it again changes nothing. */
export async function setFeedbackDigest(_id: Types.ObjectId, timeZone: string | null): Promise<void> {
  if (timeZone) await FeedbackDigests.insertOnce({ _id, dueAt: nextFeedbackDigestAt(now(), timeZone) })
  else await FeedbackDigests.deleteOne({ _id })
}

/** Whether a teammate gets the weekly email. */
export function getsFeedbackDigest(_id: Types.ObjectId): Promise<boolean> {
  return FeedbackDigests.exists({ _id })
}

/** Reaction to `person.erased`. */
export async function stopFeedbackDigestOfErased({ person }: { person: Types.ObjectId }): Promise<void> {
  await FeedbackDigests.deleteOne({ _id: person })
}
