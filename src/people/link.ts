import { createHash, randomBytes } from 'node:crypto'
import { model, Schema, Types } from 'mongoose'
import { days, hours, later, minutes, now } from '../platform/clock'
import type { ConsentInput } from './give-consent'
import type { Touches } from './person'

/** What was entered in the sign-up form. It becomes a person only when the link in the email is used. */
type PendingSignUp = {
  /** The id that the person will have. */
  person: Types.ObjectId
  name: string
  passwordHash: string | null
  consents: ConsentInput[]
  touches: Touches | null
  /** When the form was sent, which is also when the consents were given. */
  at: Date
}

/** A link in an email. It works once and expires. Only the hash of its token is stored. */
export type Link = {
  /** SHA-256 of the token, hex. */
  _id: string
  purpose: 'sign-in' | 'sign-up' | 'marketing'
  /** Null when the link confirms a consent. */
  email: string | null
  signUp: PendingSignUp | null
  /** Path in this academy to go to afterwards. */
  next: string | null
  /** Id of the consent to marketing that it confirms. */
  consent: string | null
  expiresAt: Date
  usedAt: Date | null
  purgeAt: Date
}

/**
 * A sign-in link expires in 15 minutes. A sign-up link may wait in a mailbox for a day, since there is no account
 * behind it yet.
 */
const lifetimes: Record<Link['purpose'], number> = {
  'sign-in': minutes(15),
  'sign-up': hours(24),
  marketing: days(7),
}

const schema = new Schema<Link>(
  {
    _id: { type: String, required: true },
    purpose: { type: String, required: true },
    email: { type: String, default: null },
    signUp: { type: Schema.Types.Mixed, default: null },
    next: { type: String, default: null },
    consent: { type: String, default: null },
    expiresAt: { type: Date, required: true },
    usedAt: { type: Date, default: null },
    purgeAt: { type: Date, required: true },
  },
  { versionKey: false, minimize: false },
)
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 })
schema.index({ email: 1 })

export const Links = model<Link>('Link', schema, 'links')

/** Creates a link and returns its token (32 random bytes, base64url), which is stored nowhere but in the email. */
export async function issueLink(
  link: Pick<Link, 'purpose'> & Partial<Pick<Link, 'email' | 'signUp' | 'next' | 'consent'>>,
): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  const expiresAt = later(now(), lifetimes[link.purpose])
  await Links.create({ ...link, _id: hashOfToken(token), expiresAt, purgeAt: later(expiresAt, days(1)) })
  return token
}

/** Returns the link of a token, or null when it is unknown, expired or used. */
export async function usableLink(token: string): Promise<Link | null> {
  return Links.findOne({ _id: hashOfToken(token), usedAt: null, expiresAt: { $gt: now() } })
    .lean<Link>()
    .exec()
}

/** Marks a link as used. Of two requests at the same time, one gets true and the other false. */
export async function consumeLink(link: Pick<Link, '_id'>): Promise<boolean> {
  const update = await Links.updateOne(
    { _id: link._id, usedAt: null },
    { $set: { usedAt: now(), signUp: null } },
  )
  return update.modifiedCount === 1
}

/** Returns the SHA-256 of a token, hex: the id of its link. */
export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
