import { nullable, objectId, string } from '../platform/record'
import type { Types } from 'mongoose'
import { hours, later, now } from '../platform/clock'
import { defineQueue } from '../platform/queue'

/** The announcement of a new course to the marketing subscribers, sent once per course and in batches. */
export const Announcements = defineQueue(
  'Announcement',
  'announcements',
  {
    /** The id of the course. */
    _id: objectId(),
    /** The consent id of the last subscriber whose email is queued; null before the first batch. */
    cursor: nullable(string()),
  },
  { queue: 'announcements' },
)

/** A course published by mistake can be withdrawn within this time before any email is sent. */
const gracePeriod = hours(1)

/**
 * Schedules the announcement of a course, 1 hour from now. A course that already has an announcement keeps it, so a
 * later version or a second publication isn't announced.
 */
export async function announce(course: Types.ObjectId): Promise<void> {
  await Announcements.insertOnce({ _id: course, dueAt: later(now(), gracePeriod) })
}

/** Cancels the announcement of a course whose first publication is taken back before any email has left. */
export async function cancelAnnouncement(course: Types.ObjectId): Promise<void> {
  await Announcements.deleteOne({ _id: course, cursor: null })
}
