import { model, Schema, type Types } from 'mongoose'
import { hours, later, now } from '../platform/clock'
import { isDuplicateKey } from '../platform/errors'

/** The last marketing email to a person, and when it was sent: at most one in 48 hours. */
export type FrequencyCap = { _id: Types.ObjectId; email: string; at: Date }

const schema = new Schema<FrequencyCap>(
  {
    _id: { type: Schema.Types.ObjectId, required: true },
    email: { type: String, required: true },
    at: { type: Date, required: true },
  },
  { versionKey: false },
)

export const FrequencyCaps = model<FrequencyCap>('FrequencyCap', schema, 'frequency_caps')

const minInterval = hours(48)

/**
 * Claims a person's slot for a marketing email. Atomic, so that two workers cannot send two emails. An email that is
 * sent again after a failure keeps its slot.
 *
 * @returns null when the email may be sent now, otherwise the time from which it may
 */
export async function claimSendSlot(person: Types.ObjectId, email: string): Promise<Date | null> {
  const at = now()
  try {
    await FrequencyCaps.updateOne(
      { _id: person, $or: [{ email }, { at: { $lte: later(at, -minInterval) } }] },
      { $set: { email, at } },
      { upsert: true },
    )
    return null
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    const last = await FrequencyCaps.findOne({ _id: person }).lean<FrequencyCap>()
    return later(last!.at, minInterval)
  }
}
