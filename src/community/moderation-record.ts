import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { conflict } from '../platform/errors'
import { defineQueue } from '../platform/queue'
import { date, list, nested, nullable, objectId, string, type RecordOf } from '../platform/record'

/** What moderators have said to a person, which is due until it was emailed, and until when they may only read. */
export const ModerationRecords = defineQueue(
  'ModerationRecord',
  'moderation_records',
  {
    /** The person's id. */
    _id: objectId(),
    warnings: list(nested({ at: date(), by: objectId(), text: string() })),
    suspendedAt: nullable(date()),
    suspendedBy: nullable(objectId()),
    /** The end of the suspension; far ahead for one without an end. */
    suspendedUntil: nullable(date()),
  },
  { queue: 'community-warnings', indexes: [[{ suspendedUntil: -1, _id: 1 }]] },
)
export type ModerationRecord = RecordOf<typeof ModerationRecords>

/** The end of a suspension without an end. */
export const forGood = new Date('9999-12-31T00:00:00Z')

/** @throws 409 while a person is suspended from asking and answering */
export async function requireNotSuspended(person: Types.ObjectId): Promise<void> {
  const record = await ModerationRecords.loadKept(person)
  const until = record?.suspendedUntil
  if (!until || until <= now()) return
  const isForGood = until >= forGood
  const day = until.toISOString().slice(0, 10)
  throw conflict(`academy:errors.community.suspended${isForGood ? 'ForGood' : ''}`, { day })
}

/** Returns what moderators have said to a person, and until when they are suspended, as the person may know it. */
export async function moderationRecordOf(person: Types.ObjectId) {
  const found = await ModerationRecords.findById(person)
  if (!found) return null
  const { warnings, suspendedAt, suspendedUntil } = found
  return { warnings: warnings.map(({ at, text }) => ({ at, text })), suspendedAt, suspendedUntil }
}
