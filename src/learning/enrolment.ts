import DataLoader from 'dataloader'
import { model, Schema, type Types } from 'mongoose'

/** One person in one course, on one revision, with all their progress: a page needs this one record. */
export type Enrolment = {
  /** `person:course`: nobody is enrolled twice. */
  _id: string
  person: Types.ObjectId
  course: Types.ObjectId
  slug: string
  revision: Types.ObjectId
  startedAt: Date
  /** Ended when the money went back; the progress stays. */
  revokedAt: Date | null
  /** Progress by the lesson's slug. */
  lessons: Record<string, LessonProgress>
  /** Where to continue. */
  lastLesson: string | null
  lastActivityAt: Date
  completedAt: Date | null
}

export type LessonProgress = {
  openedAt: Date
  completedAt?: Date
  /** Visible seconds on a text, distinct played seconds of a video. */
  seconds?: number
  /** Second of the video to resume at. */
  position?: number
  /** One bit a second of the video, base64. */
  watchedBitmap?: string
  /** When the last beat was accepted: the next may claim at most the time since, times the playing rate. */
  lastHeartbeatAt?: Date
  /** How many attempts at a quiz were made, and the best of them. */
  attempts?: number
  best?: { correct: number; total: number }
}

const schema = new Schema<Enrolment>(
  {
    _id: { type: String, required: true },
    person: { type: Schema.Types.ObjectId, required: true },
    course: { type: Schema.Types.ObjectId, required: true },
    slug: { type: String, required: true },
    revision: { type: Schema.Types.ObjectId, required: true },
    startedAt: { type: Date, required: true },
    revokedAt: { type: Date, default: null },
    lessons: { type: Schema.Types.Mixed, default: {} },
    lastLesson: { type: String, default: null },
    lastActivityAt: { type: Date, required: true },
    completedAt: { type: Date, default: null },
  },
  { versionKey: false, minimize: false },
)
schema.index({ person: 1, lastActivityAt: -1 })
schema.index({ course: 1 })
schema.index({ lastActivityAt: 1 })

export const Enrolments = model<Enrolment>('Enrolment', schema, 'enrolments')

export function enrolmentId(person: Types.ObjectId, course: Types.ObjectId): string {
  return `${person}:${course}`
}

/**
 * An enrolment by its id, or null. Whoever asks in the same turn of the event loop is answered by one query, so that many learners at once
 * cost the database fewer; what two of them read of one enrolment is one object, frozen.
 */
export function readEnrolment(id: string): Promise<Readonly<Enrolment> | null> {
  return reading.load(id)
}

const reading = new DataLoader<string, Readonly<Enrolment> | null>(
  async ids => {
    const found = await Enrolments.find({ _id: { $in: [...new Set(ids)] } }).lean<Enrolment[]>()
    const byId = new Map(found.map(enrolment => [enrolment._id, Object.freeze(enrolment)]))
    return ids.map(id => byId.get(id) ?? null)
  },
  { cache: false, batchScheduleFn: ask => setImmediate(ask), maxBatchSize: 100 },
)
