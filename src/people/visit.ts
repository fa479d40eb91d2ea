import { createHash, randomBytes } from 'node:crypto'
import { model, Schema } from 'mongoose'
import { days, hours, later, now } from '../platform/clock'
import { cached } from '../platform/cached'
import { touchFields, type Touch, type Touches } from './person'
import { countVisit } from './visit-day'

/**
 * Somebody looking around who has not joined, told from others without a cookie: the key is a hash of address and browser
 * with a random salt of the day, and both are forgotten after two days. Its touches go with them when they join.
 */
export type Visit = { _id: string; first: Touch; last: Touch; expiresAt: Date }

const touch = new Schema(touchFields, { _id: false })
const schema = new Schema<Visit>(
  {
    _id: { type: String, required: true },
    first: { type: touch, required: true },
    last: { type: touch, required: true },
    expiresAt: { type: Date, required: true },
  },
  { versionKey: false },
)
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 })

export const Visits = model<Visit>('Visit', schema, 'visits')

type Salt = { _id: string; salt: string; expiresAt: Date }

const saltSchema = new Schema<Salt>(
  { _id: { type: String, required: true }, salt: String, expiresAt: Date },
  { versionKey: false },
)
saltSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 })

const VisitSalts = model<Salt>('VisitSalt', saltSchema, 'visit_salts')

export type Visitor = { ip: string; userAgent: string }

/** Begins a visit, and counts it in its day, or renews its last touch when they came again by another way. */
export async function recordVisit(visitor: Visitor, seen: Touch): Promise<void> {
  const key = await visitKey(visitor, seen.at)
  const begun = await Visits.updateOne(
    { _id: key },
    { $setOnInsert: { first: seen, last: seen, expiresAt: later(seen.at, hours(48)) } },
    { upsert: true },
  )
  if (begun.upsertedCount) await countVisit(seen)
  else if (hasAttribution(seen)) await Visits.updateOne({ _id: key }, { $set: { last: seen } })
}

/** True for a view that tells how somebody came here: from another site, or by a marked link. */
export function hasAttribution(seen: Touch): boolean {
  return Boolean(seen.referrer || seen.source || seen.campaign)
}

/** The touches of who is asking, from the visit of today or, around midnight, of yesterday. */
export async function touchesOf(visitor: Visitor): Promise<Touches | null> {
  for (const day of [now(), later(now(), -days(1))]) {
    const visit = await Visits.findOne({ _id: await visitKey(visitor, day) }).lean<Visit>()
    if (visit) return { first: visit.first, last: visit.last }
  }
  return null
}

async function visitKey({ ip, userAgent }: Visitor, at: Date): Promise<string> {
  const salt = await saltOf(at.toISOString().slice(0, 10))
  return createHash('sha256').update(`${salt}\n${ip}\n${userAgent}`).digest('base64url')
}

/** The salt of a day, the same in all processes: whoever asks first makes it. */
const saltOf = cached(days(2), async (day: string) => {
  const made = { salt: randomBytes(32).toString('base64url'), expiresAt: later(now(), hours(48)) }
  const salt = await VisitSalts.findOneAndUpdate(
    { _id: day },
    { $setOnInsert: made },
    { upsert: true, returnDocument: 'after' },
  ).lean<Salt>()
  return salt!.salt
})
