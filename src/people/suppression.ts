import { model, Schema } from 'mongoose'
import { now } from '../clock'
import { hashOfEmail } from './email'

/** An address that gets no marketing mail whatever else is on record; kept as a hash, also after an erasure. */
export type Suppression = {
  /** SHA-256 of the normalised address. */
  _id: string
  at: Date
  reason: 'objected' | 'erased'
}

const schema = new Schema<Suppression>(
  {
    _id: { type: String, required: true },
    at: { type: Date, required: true },
    reason: { type: String, enum: ['objected', 'erased'], required: true },
  },
  { versionKey: false },
)

export const Suppressions = model<Suppression>('Suppression', schema, 'suppressions')

export async function suppress(email: string, reason: Suppression['reason']): Promise<void> {
  await Suppressions.updateOne({ _id: hashOfEmail(email) }, { $setOnInsert: { at: now(), reason } }, { upsert: true })
}

export async function unsuppress(email: string): Promise<void> {
  await Suppressions.deleteOne({ _id: hashOfEmail(email) })
}

export async function isSuppressed(email: string): Promise<boolean> {
  return Boolean(await Suppressions.exists({ _id: hashOfEmail(email) }))
}
