import { batched, valuesOf } from '../platform/batched'
import { now } from '../platform/clock'
import { dependOnNothing } from '../platform/retained'
import { date, defineRecord, oneOf, string } from '../platform/record'
import { hashOfEmail } from './email-address'

/** `unsubscribed`: no emails. `objected`: no marketing of any kind, which includes scoring and sales. */
const reasons = ['unsubscribed', 'objected', 'erased'] as const
type SuppressionReason = (typeof reasons)[number]

/** An address that gets no marketing, whatever its consents say. Stored as a hash, even after an erasure. */
const Suppressions = defineRecord('Suppression', 'suppressions', {
  /** SHA-256 of the normalised address. */
  _id: string(),
  at: date(),
  reason: oneOf(reasons),
})

/** Suppresses an address. An objection or erasure replaces an unsubscription. */
export async function suppress(email: string, reason: SuppressionReason): Promise<void> {
  const _id = hashOfEmail(email)
  const at = now()
  await Suppressions.updateOne({ _id }, { $setOnInsert: { at, reason } }, { upsert: true })
  if (reason !== 'unsubscribed') {
    await Suppressions.updateOne({ _id, reason: 'unsubscribed' }, { $set: { at, reason } })
  }
}

/** Reduces an objection or erasure from before a date to an unsubscription. */
export async function endObjection(email: string, before: Date): Promise<void> {
  await Suppressions.updateOne(
    { _id: hashOfEmail(email), reason: { $ne: 'unsubscribed' }, at: { $lt: before } },
    { $set: { reason: 'unsubscribed' } },
  )
}

/** Ends the suppression of an address whose owner has subscribed again. */
export async function unsuppress(email: string): Promise<void> {
  await Suppressions.deleteOne({ _id: hashOfEmail(email) })
}

/** True when no marketing email may be sent to an address. */
export async function isSuppressed(email: string): Promise<boolean> {
  return Suppressions.exists({ _id: hashOfEmail(email) })
}

/** True when the owner had objected to all direct marketing by a moment, and hasn't agreed again since. */
export async function objectedBefore(email: string, at: Date): Promise<boolean> {
  const objection = await Suppressions.findById(hashOfEmail(email))
  return objection !== null && objection.reason !== 'unsubscribed' && objection.at <= at
}

/** Returns those of the addresses whose owner objected to all direct marketing, as `hasObjected` says. */
export async function objectedAmong(emails: string[]): Promise<Set<string>> {
  if (!emails.length) return new Set()
  const objections = { _id: { $in: emails.map(hashOfEmail) }, reason: { $ne: 'unsubscribed' as const } }
  const hashes = new Set((await Suppressions.find(objections, { _id: 1 })).map(({ _id }) => _id))
  return new Set(emails.filter(email => hashes.has(hashOfEmail(email))))
}

/** True when the owner objected to all direct marketing (GDPR Art. 21): no score, no hand-off, no marketing email. */
export function hasObjected(email: string, dependOn = dependOnNothing): Promise<boolean> {
  dependOn(Suppressions, '_id', hashOfEmail(email))
  return readObjection(email)
}

const readObjection: (email: string) => Promise<boolean> = batched(async emails => {
  const objected = await objectedAmong(emails)
  return valuesOf(emails.map(email => objected.has(email)))
})
