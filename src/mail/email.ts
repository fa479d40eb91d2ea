import { config } from '../platform/config'
import { defineQueue } from '../platform/queue'
import { readReplyAddress } from './reply-address'
import { withoutSecrets } from '../platform/secret-routes'
import {
  date,
  list,
  nested,
  nullable,
  number,
  objectId,
  oneOf,
  optional,
  string,
  type RecordOf,
} from '../platform/record'

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

/**
 * Returns the parts of an email without the tokens of its links and of its reply address, for an email that has been
 * sent. The demo keeps them, for its inbox.
 */
export function withoutTokens({
  html,
  text,
  sender,
}: Pick<Email, 'html' | 'text' | 'sender'>): Partial<Email> {
  if (!config.smtpUrl) return {}
  const isToken = sender?.replyTo && readReplyAddress(sender.replyTo)
  return {
    ...{ html: withoutSecrets(html), text: withoutSecrets(text), listUnsubscribe: null },
    ...(isToken && { sender: { ...sender, replyTo: null } }),
  }
}

/** What an email becomes that is never going to be sent. */
export const withoutBody = { html: '', text: '', listUnsubscribe: null, calendar: null }

/** The brand that writes. */
const sender = nested({
  name: string(),
  /** Null for that of `MAIL_FROM`. */
  address: nullable(string()),
  /** Where answers go; null for the sender. */
  replyTo: nullable(string()),
  /** The host of its links. */
  host: nullable(string()),
})

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
    /** The people whom an email to staff names, when they are several. */
    aboutEach: optional(list(objectId())),
    /** The emails that say how one thing stands, such as an order: only the newest of them is sent. */
    series: nullable(nested({ name: string(), number: number() })),
    to: string(),
    sender: nullable(sender),
    /** Service emails carry no promotion. Marketing needs a confirmed consent and a one-click unsubscribe. */
    kind: oneOf(['service', 'marketing']),
    subject: string(),
    /** Both parts have the tokens of their links until the email is sent or given up. */
    html: string(),
    text: string(),
    /** URL of the one-click unsubscribe, as long as the tokens; on marketing emails only. */
    listUnsubscribe: nullable(string()),
    /** An invitation for the recipient's calendar, or its cancellation (RFC 5545). */
    calendar: nullable(nested({ method: oneOf(['REQUEST', 'CANCEL']), text: string() })),
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
    onDiscard: withoutBody,
    indexes: [
      [{ createdAt: -1, _id: -1 }],
      [{ person: 1, createdAt: -1 }],
      [{ about: 1 }, { partialFilterExpression: { about: { $type: 'objectId' } } }],
      [{ aboutEach: 1 }, { partialFilterExpression: { aboutEach: { $type: 'objectId' } } }],
      [{ 'series.name': 1 }, { partialFilterExpression: { 'series.name': { $type: 'string' } } }],
      [{ expiresAt: 1 }, { expireAfterSeconds: 0 }],
    ],
  },
)
export type Email = RecordOf<typeof Emails>
export type Sender = NonNullable<Email['sender']>
