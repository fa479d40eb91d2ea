import { createHash, randomBytes } from 'node:crypto'
import { days, hours, later, minutes, now } from '../platform/clock'
import {
  date,
  defineRecord,
  list,
  nested,
  nullable,
  objectId,
  oneOf,
  optional,
  string,
  type RecordOf,
} from '../platform/record'
import { consentInput } from './consent'
import { touch } from './person'

const linkPurposes = ['sign-in', 'sign-up', 'marketing', 'setup'] as const
type LinkPurpose = (typeof linkPurposes)[number]

/**
 * A sign-in link expires in 15 minutes. A sign-up link may wait in a mailbox for a day, since there is no account
 * behind it yet. A set-up link is printed when a server starts that has no administrator.
 */
const lifetimes: Record<LinkPurpose, number> = {
  'sign-in': minutes(15),
  'sign-up': hours(24),
  marketing: days(7),
  setup: days(1),
}

/** A link in an email, or in the server's output. It works once and expires. Only the hash of its token is stored. */
export const Links = defineRecord(
  'Link',
  'links',
  {
    /** SHA-256 of the token, hex. */
    _id: string(),
    purpose: oneOf(linkPurposes),
    /** Null when the link confirms a consent, or sets up the academy. */
    email: nullable(string()),
    /** What was entered in the sign-up form. It becomes a person only when the link in the email is used. */
    signUp: nullable(
      nested({
        /** The id that the person will have. */
        person: objectId(),
        name: string(),
        passwordHash: nullable(string()),
        consents: list(nested(consentInput)),
        touches: nullable(nested({ first: touch, last: touch })),
        /** The brand of the form; missing in links from before there were several. */
        brand: optional(string()),
        /** When the form was sent, which is also when the consents were given. */
        at: date(),
      }),
    ),
    /** Path in this academy to go to afterwards. */
    next: nullable(string()),
    /** Id of the invitation to a course that they opened before. */
    invitation: nullable(string()),
    /** Id of the consent to marketing that it confirms. */
    consent: nullable(string()),
    expiresAt: date(),
    usedAt: nullable(date()),
    purgeAt: date(),
  },
  { indexes: [[{ expiresAt: 1 }, { expireAfterSeconds: 0 }], [{ email: 1 }]] },
)
export type Link = RecordOf<typeof Links>

/** Creates a link and returns its token (32 random bytes, base64url), which is stored nowhere but in the email. */
export async function issueLink(
  link: Pick<Link, 'purpose'> & Partial<Pick<Link, 'email' | 'signUp' | 'next' | 'invitation' | 'consent'>>,
): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  const expiresAt = later(now(), lifetimes[link.purpose])
  await Links.create({ ...link, _id: hashOfToken(token), expiresAt, purgeAt: later(expiresAt, days(1)) })
  return token
}

/** Returns the link for a token, or null when it is unknown, expired or used. */
export async function usableLink(token: string): Promise<Link | null> {
  return Links.findOne({ _id: hashOfToken(token), usedAt: null, expiresAt: { $gt: now() } }).exec()
}

/** The record that the academy is being set up, while there is no administrator yet. */
const setupClaim = 'setup'

/**
 * Creates the link that makes the first administrator, and returns its token. It takes the place of those printed
 * before, and of a set-up that was interrupted.
 */
export async function issueSetupLink(): Promise<string> {
  await Links.deleteMany({ email: null, purpose: 'setup' })
  return issueLink({ purpose: 'setup' })
}

/** Marks a set-up link as used. Of all set-up links there may be, one gets true. */
export async function consumeSetupLink(link: Pick<Link, '_id'>): Promise<boolean> {
  if (!(await consumeLink(link))) return false
  const expiresAt = later(now(), lifetimes.setup)
  return Links.insertOnce({ _id: setupClaim, purpose: 'setup', usedAt: now(), expiresAt, purgeAt: expiresAt })
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
