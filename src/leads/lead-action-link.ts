import { createHash, randomBytes } from 'node:crypto'
import { model, Schema, type Types } from 'mongoose'
import { config } from '../platform/config'
import { days, later, now } from '../platform/clock'

/** The two buttons of a letter about a lead, and the two links of its message: whoever holds the link answers as the person it was sent to. */
export type LeadActionLink = {
  /** SHA-256 of the token, hex; the token itself is only in the letter or the message. */
  _id: string
  lead: Types.ObjectId
  /** The hand-off that it is about: a later one has its own letter. */
  sequence: number
  by: Types.ObjectId
  expiresAt: Date
}

const schema = new Schema<LeadActionLink>(
  {
    _id: { type: String, required: true },
    lead: { type: Schema.Types.ObjectId, required: true },
    sequence: { type: Number, required: true },
    by: { type: Schema.Types.ObjectId, required: true },
    expiresAt: { type: Date, required: true },
  },
  { versionKey: false },
)
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 })

export const LeadActionLinks = model<LeadActionLink>('LeadActionLink', schema, 'lead_action_links')

/** A new address of the page with the two buttons, good for 7 days. 32 random bytes; only their hash is kept. */
export async function createLeadActionLink(
  lead: Types.ObjectId,
  sequence: number,
  by: Types.ObjectId,
): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await LeadActionLinks.create({ _id: hashOf(token), lead, sequence, by, expiresAt: later(now(), days(7)) })
  return `${config.baseUrl}/lead-actions/${token}`
}

/** The link that a token opens, or null when there is none or its time is over. */
export function leadActionLink(token: string): Promise<LeadActionLink | null> {
  return LeadActionLinks.findOne({ _id: hashOf(token), expiresAt: { $gt: now() } })
    .lean<LeadActionLink>()
    .exec()
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
