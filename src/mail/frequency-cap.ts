import type { Types } from 'mongoose'
import { hours, later, now } from '../platform/clock'
import { date, defineRecord, objectId, string } from '../platform/record'

/** The last marketing email to a person, and when it was sent: at most one in 48 hours. */
export const FrequencyCaps = defineRecord('FrequencyCap', 'frequency_caps', {
  /** The person. */
  _id: objectId(),
  email: string(),
  at: date(),
})

const minInterval = hours(48)

/**
 * Claims a person's slot for a marketing email. Atomic, so that two workers cannot send two emails. An email that is
 * sent again after a failure keeps its slot.
 *
 * @returns null when the email may be sent now, otherwise the earliest time at which it may
 */
export async function claimSendSlot(person: Types.ObjectId, email: string): Promise<Date | null> {
  const at = now()
  const isClaimed = await FrequencyCaps.upsertIfMatching(
    { _id: person, $or: [{ email }, { at: { $lte: later(at, -minInterval) } }] },
    { $set: { email, at } },
  )
  if (isClaimed) return null
  const last = await FrequencyCaps.findById(person)
  return later(last!.at, minInterval)
}
