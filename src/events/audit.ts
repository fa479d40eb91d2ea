import { model, Schema, Types } from 'mongoose'
import { now } from '../platform/clock'

/** What a member of staff did, to whom or what. Never changed; no secrets in `detail`. */
export type AuditEntry = {
  _id: Types.ObjectId
  at: Date
  actor: Types.ObjectId
  /** Noun and past participle, such as `receiver.added`, `course.published`, `lead.rejected`. */
  action: string
  /** What it was done to: an id, a slug, an address of a receiver. */
  subject: string
  detail: Record<string, unknown>
}

const schema = new Schema<AuditEntry>(
  {
    at: { type: Date, required: true },
    actor: { type: Schema.Types.ObjectId, required: true },
    action: { type: String, required: true },
    subject: { type: String, required: true },
    detail: { type: Schema.Types.Mixed, default: {} },
  },
  { versionKey: false, minimize: false },
)
schema.index({ at: -1, _id: -1 })
schema.index({ subject: 1, at: -1 })

export const AuditEntries = model<AuditEntry>('AuditEntry', schema, 'audit')

/** Writes a staff deed to the audit log; call it after the deed, since what was refused was not done. */
export async function audit(
  entry: Pick<AuditEntry, 'actor' | 'action' | 'subject'> & { detail?: Record<string, unknown> },
): Promise<void> {
  await AuditEntries.create({ detail: {}, ...entry, at: now() })
}
