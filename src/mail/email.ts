import { model, Schema, type Types } from 'mongoose'
import { dueIndex, queued, type Queued } from '../platform/queue'

/** Why a letter may go out, or may not; asked before each try (see send.ts). */
export type SendDecision = 'open' | 'suppressed' | 'no-consent' | 'gone' | 'bounced' | 'quiet' | 'too-soon'

/** One e-mail: its own place in the outbox, and afterwards the proof of what was sent. */
export type Email = Queued & {
  /** Deterministic: a letter that is asked for twice is sent once. */
  _id: string
  /** Null for an address that has no account. */
  person: Types.ObjectId | null
  /** Whom a letter to a colleague is about, so that their erasure finds it. */
  about: Types.ObjectId | null
  to: string
  /** Service letters carry no promotion; marketing needs a confirmed consent and can be ended by one click. */
  kind: 'service' | 'marketing'
  subject: string
  html: string
  text: string
  /** Address of the one-click unsubscription, on marketing only. */
  listUnsubscribe: string | null
  createdAt: Date
  sentAt: Date | null
  /** What the gate said at the last try. */
  sendDecision: SendDecision | null
  /** `Message-ID` of all tries, made from the letter's id. */
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
