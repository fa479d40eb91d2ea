import { model, Schema, type Types } from 'mongoose'
import { hours, later, now } from '../platform/clock'
import { isDuplicateKey } from '../platform/errors'

/** When somebody got their last marketing letter, and which: at most one in 48 hours. */
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

const gap = hours(48)

/**
 * Takes the person's turn for a marketing letter. Null when it may go now, else the moment at which it may. Atomic, so that
 * two workers cannot send two; a letter that is tried again keeps the turn it has.
 */
export async function claimSendSlot(person: Types.ObjectId, email: string): Promise<Date | null> {
  const moment = now()
  try {
    await FrequencyCaps.updateOne(
      { _id: person, $or: [{ email }, { at: { $lte: later(moment, -gap) } }] },
      { $set: { email, at: moment } },
      { upsert: true },
    )
    return null
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    const last = await FrequencyCaps.findOne({ _id: person }).lean<FrequencyCap>()
    return later(last!.at, gap)
  }
}
