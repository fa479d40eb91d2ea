import { model, Schema, type Types } from 'mongoose'
import { STALE_AFTER_MS, cached } from '../platform/cached'
import type { Purpose } from './consent'

export const roles = ['prospect', 'author', 'reviewer', 'sales', 'sales-lead', 'admin'] as const
export type Role = (typeof roles)[number]

/** How somebody came here, from the address they opened and the page before it. Kept on the server only. */
export type Touch = {
  at: Date
  landing: string
  referrer: string | null
  source: string | null
  medium: string | null
  campaign: string | null
  term: string | null
  content: string | null
}

export type Touches = { first: Touch; last: Touch }

export type Person = {
  _id: Types.ObjectId
  /** Trimmed and in lower case; the key of a person everywhere (`dedupe_key`). */
  email: string
  name: string
  role: Role
  /** argon2id; null for who signs in by link only. */
  passwordHash: string | null
  signedUpAt: Date
  /** When the address was shown to be theirs (a link used); null before. */
  confirmedAt: Date | null
  title: string | null
  country: string | null
  /** The registrable domain of their mail, the key of their company; null for free, disposable and university mail. */
  company: { domain: string; name: string } | null
  emailKind: 'company' | 'free' | 'disposable' | 'university'
  /** The purposes consented to now; the proof of each stands in `consents`. */
  consents: Purpose[]
  /** While sharing with sales is paused: since when. The consent itself stays. */
  sharingPausedAt: Date | null
  /** Counts pauses and resumptions, so that each is one event however often it is asked for. */
  sharingTurns: number
  firstTouch: Touch | null
  lastTouch: Touch | null
  /** Answers of the needs assessment, and the path it proposed. */
  needsAssessment: { answers: Record<string, string>; path: string | null; at: Date } | null
  /** Staff that may no longer sign in, or a learner that was blocked. */
  suspendedAt: Date | null
  /** When they had themselves erased: what is left is an id that events point at. */
  erasedAt: Date | null
}

/** The fields of `Touch` for a mongoose schema. */
export const touchFields = {
  at: Date,
  landing: String,
  referrer: { type: String, default: null },
  source: { type: String, default: null },
  medium: { type: String, default: null },
  campaign: { type: String, default: null },
  term: { type: String, default: null },
  content: { type: String, default: null },
}

const schema = new Schema<Person>(
  {
    email: { type: String, required: true },
    name: { type: String, required: true },
    role: { type: String, enum: roles, required: true },
    passwordHash: { type: String, default: null },
    signedUpAt: { type: Date, required: true },
    confirmedAt: { type: Date, default: null },
    title: { type: String, default: null },
    country: { type: String, default: null },
    company: { type: new Schema({ domain: String, name: String }, { _id: false }), default: null },
    emailKind: { type: String, enum: ['company', 'free', 'disposable', 'university'], required: true },
    consents: { type: [String], default: [] },
    sharingPausedAt: { type: Date, default: null },
    sharingTurns: { type: Number, default: 0 },
    firstTouch: { type: new Schema(touchFields, { _id: false }), default: null },
    lastTouch: { type: new Schema(touchFields, { _id: false }), default: null },
    needsAssessment: { type: Schema.Types.Mixed, default: null },
    suspendedAt: { type: Date, default: null },
    erasedAt: { type: Date, default: null },
  },
  { versionKey: false, minimize: false },
)
schema.index({ email: 1 }, { unique: true })
schema.index({ 'company.domain': 1 })
schema.index({ role: 1, _id: 1 })
schema.index({ role: 1, signedUpAt: 1 })

schema.post(/^(update|delete|replace|findOneAnd|bulk)/, () => readPerson.forget())

export const People = model<Person>('Person', schema, 'people')

/**
 * Somebody's record, or null, for pages that only look at it: all requests share it, so it is frozen. Another process's change shows
 * `believed` milliseconds late.
 */
export const readPerson = cached(STALE_AFTER_MS, async (id: string) =>
  Object.freeze(await People.findById(id).lean<Person>()),
)
