import { model, Schema, type Types } from 'mongoose'
import { hours, later, now } from '../platform/clock'
import { isDuplicateKey } from '../platform/errors'

/** When somebody got their last marketing letter, and which: at most one in 48 hours. */
export type Pace = { _id: Types.ObjectId; letter: string; at: Date }

const schema = new Schema<Pace>(
  {
    _id: { type: Schema.Types.ObjectId, required: true },
    letter: { type: String, required: true },
    at: { type: Date, required: true },
  },
  { versionKey: false },
)

export const Paces = model<Pace>('Pace', schema, 'paces')

const gap = hours(48)

/**
 * Takes the person's turn for a marketing letter. Null when it may go now, else the moment at which it may. Atomic, so that
 * two workers cannot send two; a letter that is tried again keeps the turn it has.
 */
export async function takeTurn(person: Types.ObjectId, letter: string): Promise<Date | null> {
  const moment = now()
  try {
    await Paces.updateOne(
      { _id: person, $or: [{ letter }, { at: { $lte: later(moment, -gap) } }] },
      { $set: { letter, at: moment } },
      { upsert: true },
    )
    return null
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    const last = await Paces.findOne({ _id: person }).lean<Pace>()
    return later(last!.at, gap)
  }
}
