import { model, Schema, type Types } from 'mongoose'
import { dueIndex, queued, type Queued } from '../platform/queue'

/** Why an email may be sent or not. Decided before each attempt (see send.ts). */
export type SendDecision = 'open' | 'suppressed' | 'no-consent' | 'gone' | 'bounced' | 'quiet' | 'too-soon'

/** One email: first an entry in the outbox, then the proof of what was sent. */
export type Email = Queued & {
  /** Deterministic, so an email that is queued twice is sent once. */
  _id: string
  /** Null for an address that has no account. */
  person: Types.ObjectId | null
  /** The person whom an email to staff is about, so that their erasure finds it. */
  about: Types.ObjectId | null
  to: string
  /** Service emails carry no promotion. Marketing needs a confirmed consent and a one-click unsubscribe. */
  kind: 'service' | 'marketing'
  subject: string
  html: string
  text: string
  /** URL of the one-click unsubscribe; on marketing only. */
  listUnsubscribe: string | null
  createdAt: Date
  sentAt: Date | null
  /** The decision at the last attempt; null before the first. */
  sendDecision: SendDecision | null
  /** `Message-ID`, the same on every attempt. */
  messageId: string
  expiresAt: Date
}

const schema = new Schema<Email>(
  {
    _id: { type: String, required: true },
    person: { type: Schema.Types.ObjectId, default: null },
    about: { type: Schema.Types.ObjectId, default: null },
    to: { type: String, required: true },
    kind: { type: String, enum: ['service', 'marketing'], required: true },
    subject: { type: String, required: true },
    html: { type: String, required: true },
    text: { type: String, required: true },
    listUnsubscribe: { type: String, default: null },
    createdAt: { type: Date, required: true },
    sentAt: { type: Date, default: null },
    sendDecision: { type: String, default: null },
    messageId: { type: String, required: true },
    expiresAt: { type: Date, required: true },
    ...queued,
  },
  { versionKey: false },
)
schema.index(...dueIndex)
schema.index({ createdAt: -1, _id: -1 })
schema.index({ person: 1, createdAt: -1 })
schema.index({ about: 1 }, { partialFilterExpression: { about: { $type: 'objectId' } } })
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 })

export const Emails = model<Email>('Email', schema, 'emails')
