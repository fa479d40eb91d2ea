import { defineQueue } from '../platform/queue'
import { date, nested, nullable, number, objectId, oneOf, string, type RecordOf } from '../platform/record'

/** Why an email may be sent or not. Decided before each attempt (see send.ts). */
const sendDecisions = [
  'open',
  'suppressed',
  'no-consent',
  'gone',
  'bounced',
  'quiet',
  'too-soon',
  'overtaken',
] as const
export type SendDecision = (typeof sendDecisions)[number]

/** One email: first an entry in the outbox, then the proof of what was sent. */
export const Emails = defineQueue(
  'Email',
  'emails',
  {
    /** Deterministic, so an email that is queued twice is sent once. */
    _id: string(),
    /** Null for an address that has no account. */
    person: nullable(objectId()),
    /** The person whom an email to staff is about, so that their erasure finds it. */
    about: nullable(objectId()),
    /** The emails that say how one thing stands, such as an order: only the newest of them is sent. */
    series: nullable(nested({ name: string(), number: number() })),
    to: string(),
    /** Service emails carry no promotion. Marketing needs a confirmed consent and a one-click unsubscribe. */
    kind: oneOf(['service', 'marketing']),
    subject: string(),
    html: string(),
    text: string(),
    /** URL of the one-click unsubscribe; on marketing emails only. */
    listUnsubscribe: nullable(string()),
    createdAt: date(),
    sentAt: nullable(date()),
    /** The decision at the last attempt; null before the first. */
    sendDecision: nullable(oneOf(sendDecisions)),
    /** `Message-ID`, the same on every attempt. */
    messageId: string(),
    expiresAt: date(),
  },
  {
    queue: 'emails',
    indexes: [
      [{ createdAt: -1, _id: -1 }],
      [{ person: 1, createdAt: -1 }],
      [{ about: 1 }, { partialFilterExpression: { about: { $type: 'objectId' } } }],
      [{ 'series.name': 1 }, { partialFilterExpression: { 'series.name': { $type: 'string' } } }],
      [{ expiresAt: 1 }, { expireAfterSeconds: 0 }],
    ],
  },
)
export type Email = RecordOf<typeof Emails>
