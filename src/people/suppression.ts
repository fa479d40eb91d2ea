import { model, Schema } from 'mongoose'
import { now } from '../platform/clock'
import { hashOfEmail } from './email-address'

/** An address that gets no marketing mail whatever else is on record; kept as a hash, also after an erasure. */
export type Suppression = {
  /** SHA-256 of the normalised address. */
  _id: string
  at: Date
  /** No letters; no marketing of any kind, a score and a call included; erased. */
  reason: 'unsubscribed' | 'objected' | 'erased'
}

const schema = new Schema<Suppression>(
  {
    _id: { type: String, required: true },
    at: { type: Date, required: true },
    reason: { type: String, enum: ['unsubscribed', 'objected', 'erased'], required: true },
  },
  { versionKey: false },
)

const Suppressions = model<Suppression>('Suppression', schema, 'suppressions')

/** Puts an address on the list. An objection replaces what is less. */
export async function suppress(email: string, reason: Suppression['reason']): Promise<void> {
  const _id = hashOfEmail(email)
  const at = now()
  await Suppressions.updateOne({ _id }, { $setOnInsert: { at, reason } }, { upsert: true })
  if (reason !== 'unsubscribed') {
    await Suppressions.updateOne({ _id, reason: 'unsubscribed' }, { $set: { at, reason } })
  }
}

/** Makes an objection from before a moment, or what an erasure left of it, an end of letters only. */
export async function endObjection(email: string, before: Date): Promise<void> {
  await Suppressions.updateOne(
    { _id: hashOfEmail(email), reason: { $ne: 'unsubscribed' }, at: { $lt: before } },
    { $set: { reason: 'unsubscribed' } },
  )
}

/** Takes an address off the list, because its owner asked for letters again and proved to be the owner. */
export async function unsuppress(email: string): Promise<void> {
  await Suppressions.deleteOne({ _id: hashOfEmail(email) })
}

/** True when no marketing letter may go to an address, for whatever reason. */
export async function isSuppressed(email: string): Promise<boolean> {
  return Boolean(await Suppressions.exists({ _id: hashOfEmail(email) }))
}

/** True when its owner objected to direct marketing altogether (GDPR Art. 21): no score, no hand-off, no letter. */
export async function hasObjected(email: string): Promise<boolean> {
  return Boolean(await Suppressions.exists({ _id: hashOfEmail(email), reason: { $ne: 'unsubscribed' } }))
}
