import { now } from '../platform/clock'
import { date, defineRecord, free, nullable, objectId, string, type RecordOf } from '../platform/record'

/** What teammates did, or the academy by a rule of theirs, to whom or what. Never changed; no secrets in `detail`. */
export const AuditEntries = defineRecord(
  'AuditEntry',
  'audit',
  {
    at: date(),
    /** Null for what the academy did by itself. */
    actor: nullable(objectId()),
    /** Noun and past participle, such as `endpoint.added`, `course.published`, `lead.rejected`. */
    action: string(),
    /** What it was done to: an id, a slug, an endpoint's URL. */
    subject: string(),
    detail: free<Record<string, unknown>>(),
  },
  {
    indexes: [
      [{ at: -1, _id: -1 }],
      [{ subject: 1, at: -1 }],
      [{ actor: 1, at: -1, _id: -1 }],
      [{ action: 1, at: -1, _id: -1 }],
    ],
  },
)
export type AuditEntry = RecordOf<typeof AuditEntries>

/** Writes a teammate's action to the audit log. Call it after the action, so that a rejected one isn't logged. */
export async function audit(
  entry: Pick<AuditEntry, 'actor' | 'action' | 'subject'> & { detail?: Record<string, unknown> },
): Promise<void> {
  await AuditEntries.create({ detail: {}, ...entry, at: now() })
}
