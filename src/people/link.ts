import { createHash, randomBytes } from 'node:crypto'
import { model, Schema, Types } from 'mongoose'
import { days, hours, later, minutes, now } from '../platform/clock'
import type { ConsentInput } from './give-consent'
import type { Touches } from './person'

/** What somebody who wants to join has typed; it makes a person only when the link in their mail is used. */
type PendingSignUp = {
  /** The id that the person will have. */
  person: Types.ObjectId
  name: string
  passwordHash: string | null
  consents: ConsentInput[]
  touches: Touches | null
  /** When the form was sent: the moment of the consents. */
  at: Date
}

/** A link in a letter. It opens a door once, for a while; only the hash of its token is kept. */
export type Link = {
  /** SHA-256 of the token, hex. */
  _id: string
  purpose: 'sign-in' | 'sign-up' | 'marketing'
  /** Null when the link is about a consent. */
  email: string | null
  signUp: PendingSignUp | null
  /** Where to go afterwards: a path of this academy. */
  next: string | null
  /** The consent to marketing mail that it confirms. */
  consent: string | null
  expiresAt: Date
  usedAt: Date | null
  purgeAt: Date
}

/**
 * A link that signs in to an account lives 15 minutes. One that makes an account may wait in a mailbox for a day, since
 * nobody's record is behind it yet.
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

/** Makes a link and answers its token (32 random bytes, base64url), which is nowhere but in the letter. */
export async function issueLink(
  link: Pick<Link, 'purpose'> & Partial<Pick<Link, 'email' | 'signUp' | 'next' | 'consent'>>,
): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  const expiresAt = later(now(), lifetimes[link.purpose])
  await Links.create({ ...link, _id: hashOfToken(token), expiresAt, purgeAt: later(expiresAt, days(1)) })
  return token
}

/** The link of a token while it may still be used; else null: unknown, too old, or used. */
export async function usableLink(token: string): Promise<Link | null> {
  return Links.findOne({ _id: hashOfToken(token), usedAt: null, expiresAt: { $gt: now() } })
    .lean<Link>()
    .exec()
}

/** Burns a link. True for the one who did: of two that come at the same time the other gets false. */
export async function consumeLink(link: Pick<Link, '_id'>): Promise<boolean> {
  const burnt = await Links.updateOne(
    { _id: link._id, usedAt: null },
    { $set: { usedAt: now(), signUp: null } },
  )
  return burnt.modifiedCount === 1
}

export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
