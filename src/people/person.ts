import { model, Schema, type Types } from 'mongoose'
import { STALE_AFTER_MS, cached } from '../platform/cached'
import type { Purpose } from './consent'

export const roles = ['prospect', 'author', 'reviewer', 'sales', 'sales-lead', 'admin'] as const
export type Role = (typeof roles)[number]

/** How a visitor got here: the URL they opened and the page before it. Stored on the server only. */
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
  /** Normalised; identifies a person everywhere (`dedupe_key` in webhooks). */
  email: string
  name: string
  role: Role
  /** argon2id; null for a person who signs in by link only. */
  passwordHash: string | null
  signedUpAt: Date
  /** When the person proved to own the address by using a link; null before. */
  confirmedAt: Date | null
  title: string | null
  country: string | null
  /** Registrable domain of the email address; null for free, disposable and university providers. */
  company: { domain: string; name: string } | null
  emailKind: 'company' | 'free' | 'disposable' | 'university'
  /** The purposes consented to now. The proof of each is in the collection `consents`. */
  consents: Purpose[]
  /** Since when sharing with sales is paused; null when it isn't. The consent itself stays. */
  sharingPausedAt: Date | null
  /** Number of pauses and resumptions, so that each is one event however often it is requested. */
  sharingChanges: number
  firstTouch: Touch | null
  lastTouch: Touch | null
  /** Answers to the needs assessment, and the learning path it suggested. */
  needsAssessment: { answers: Record<string, string>; path: string | null; at: Date } | null
  /** Since when the person can't sign in; null for everyone else. */
  suspendedAt: Date | null
  /** When the account was deleted: what is left is an id that events refer to. */
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
    sharingChanges: { type: Number, default: 0 },
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
 * Returns a person's record, or null, for requests that only read it. Requests share the record, so it is frozen. A
 * change made by another process shows after `STALE_AFTER_MS`.
 */
export const readPerson = cached(STALE_AFTER_MS, async (id: string) =>
  Object.freeze(await People.findById(id).lean<Person>()),
)
