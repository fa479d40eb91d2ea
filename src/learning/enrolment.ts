import DataLoader from 'dataloader'
import { model, Schema, type Types } from 'mongoose'

/** A person's enrolment in a course, on one revision, with all their progress, so a page needs one record. */
export type Enrolment = {
  /** `person:course`, so nobody is enrolled twice. */
  _id: string
  person: Types.ObjectId
  course: Types.ObjectId
  slug: string
  revision: Types.ObjectId
  startedAt: Date
  /** When a refund ended the access; the progress stays. */
  revokedAt: Date | null
  /** Progress by lesson slug. */
  lessons: Record<string, LessonProgress>
  /** Slug of the lesson that was open last; the learner continues there. */
  lastLesson: string | null
  lastActivityAt: Date
  completedAt: Date | null
}

export type LessonProgress = {
  openedAt: Date
  completedAt?: Date
  /** Seconds a text was visible, or distinct seconds of a video that were played. */
  seconds?: number
  /** The second of the video to resume at. */
  position?: number
  /** One bit per second of the video, base64. */
  watchedBitmap?: string
  /** When the last heartbeat was accepted; the next can claim at most the time since, times the playback rate. */
  lastHeartbeatAt?: Date
  /** The number of attempts at the quiz, and the best one. */
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

/** Returns the id of an enrolment. */
export function enrolmentId(person: Types.ObjectId, course: Types.ObjectId): string {
  return `${person}:${course}`
}

/**
 * Returns an enrolment, or null. Reads within one turn of the event loop share one query, which saves the database work
 * when many learners are active. Readers of the same enrolment share one frozen object.
 */
export function readEnrolment(id: string): Promise<Readonly<Enrolment> | null> {
  return loader.load(id)
}

const loader = new DataLoader<string, Readonly<Enrolment> | null>(
  async ids => {
    const found = await Enrolments.find({ _id: { $in: [...new Set(ids)] } }).lean<Enrolment[]>()
    const byId = new Map(found.map(enrolment => [enrolment._id, Object.freeze(enrolment)]))
    return ids.map(id => byId.get(id) ?? null)
  },
  { cache: false, batchScheduleFn: loadBatch => setImmediate(loadBatch), maxBatchSize: 100 },
)
