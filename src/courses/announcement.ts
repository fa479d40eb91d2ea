import { model, Schema, type Types } from 'mongoose'
import { hours, later, now } from '../platform/clock'
import { isDuplicateKey } from '../platform/errors'
import { dueIndex, queued, type Queued } from '../platform/queue'

/** That a course is new, told once in its life to whoever asked for such letters; in pieces, since they may be many. */
export type Announcement = Queued & {
  /** The course. */
  _id: Types.ObjectId
  /** The last reader (the id of their consent) who was written to. */
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

/** Within this time a publication that was a slip can be withdrawn, and nobody was written to. */
const grace = hours(1)

/** Has a course announced, once the grace is over. Asked again, for a later version or after a withdrawal, it changes nothing. */
export async function announce(course: Types.ObjectId): Promise<void> {
  try {
    await Announcements.create({ _id: course, dueAt: later(now(), grace) })
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
  }
}
