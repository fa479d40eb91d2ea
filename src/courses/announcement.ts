import { model, Schema, type Types } from 'mongoose'
import { hours, later, now } from '../platform/clock'
import { isDuplicateKey } from '../platform/errors'
import { dueIndex, queued, type Queued } from '../platform/queue'

/** The announcement of a new course to the marketing subscribers, sent once per course and in batches. */
export type Announcement = Queued & {
  /** The id of the course. */
  _id: Types.ObjectId
  /** The consent id of the last subscriber whose email is queued; null before the first batch. */
  cursor: string | null
}

const schema = new Schema<Announcement>(
  {
    _id: { type: Schema.Types.ObjectId, required: true },
    cursor: { type: String, default: null },
    ...queued,
  },
  { versionKey: false },
)
schema.index(...dueIndex)

export const Announcements = model<Announcement>('Announcement', schema, 'announcements')

/** A course published by mistake can be withdrawn within this time before any email is sent. */
const gracePeriod = hours(1)

/**
 * Schedules the announcement of a course, 1 hour from now. A course that already has an announcement keeps it, so a
 * later version or a second publication announces nothing.
 */
export async function announce(course: Types.ObjectId): Promise<void> {
  try {
    await Announcements.create({ _id: course, dueAt: later(now(), gracePeriod) })
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
  }
}
