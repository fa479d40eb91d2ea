import { date, defineRecord, number, objectId, string, type RecordOf } from '../platform/record'
import { createHash, randomBytes } from 'node:crypto'
import type { Types } from 'mongoose'
import { secretRoutes, secretUrl } from '../platform/secret-routes'
import { days, later, now } from '../platform/clock'

/**
 * A link to the page with the two buttons Accept and Reject, sent in the email and the webhook message about a lead.
 * Anyone who has the link acts as the person it was sent to.
 */
export const LeadActionLinks = defineRecord(
  'LeadActionLink',
  'lead_action_links',
  {
    /** SHA-256 of the token, hex. The token itself is only in the email or the message. */
    _id: string(),
    lead: objectId(),
    /** Number of the hand-off: a later one gets its own link. */
    sequence: number(),
    by: objectId(),
    expiresAt: date(),
  },
  { indexes: [[{ expiresAt: 1 }, { expireAfterSeconds: 0 }]] },
)
export type LeadActionLink = RecordOf<typeof LeadActionLinks>

/**
 * Creates a link that works for 7 days and returns its URL at a brand's address. The token is 32 random bytes; only its
 * hash is stored.
 */
export async function createLeadActionLink(
  lead: Types.ObjectId,
  sequence: number,
  by: Types.ObjectId,
  baseUrl: string,
): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await LeadActionLinks.insertOnce({
    _id: hashOf(token),
    lead,
    sequence,
    by,
    expiresAt: later(now(), days(7)),
  })
  return secretUrl(baseUrl, secretRoutes.leadAction, token)
}

/** Returns the link for a token, or null when there is none or it has expired. */
export function leadActionLink(token: string): Promise<LeadActionLink | null> {
  return LeadActionLinks.findOne({ _id: hashOf(token), expiresAt: { $gt: now() } }).exec()
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
