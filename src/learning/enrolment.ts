import {
  date,
  defineRecord,
  list,
  mapOf,
  nested,
  nullable,
  number,
  objectId,
  oneOf,
  optional,
  string,
  type RecordOf,
} from '../platform/record'
import DataLoader from 'dataloader'
import { retained, type Retained } from '../platform/retained'
import type { Types } from 'mongoose'

export type LessonProgress = {
  openedAt: Date
  completedAt?: Date
  /** Seconds the text was visible, or distinct seconds of a video or audio that were played. */
  seconds?: number
  /** The second of the video or audio to resume at. */
  position?: number
  /** The id of the heading that the text was left at; empty above the first. */
  place?: string
  /** One bit per second of the video or audio, base64. */
  watchedBitmap?: string
  /** The ids of the steps of a tour that were seen. */
  steps?: string[]
  /** When the last heartbeat was accepted; the next can claim at most the time since, times the playback rate. */
  lastHeartbeatAt?: Date
  /** The number of attempts at the quiz, and the best one. */
  attempts?: number
  best?: { correct: number; total: number }
}

/** A person's enrolment in a course, on one revision, with all their progress, so a page needs one record. */
export const Enrolments = defineRecord(
  'Enrolment',
  'enrolments',
  {
    /** `person:course`, so nobody is enrolled twice. */
    _id: string(),
    person: objectId(),
    course: objectId(),
    slug: string(),
    revision: objectId(),
    /** The revision that they were moved from last, and when; missing for a learner who never was. */
    movedFrom: optional(nested({ revision: objectId(), at: date() })),
    startedAt: date(),
    /** When a refund ended the access; the progress stays. */
    revokedAt: nullable(date()),
    /** Progress by lesson slug. */
    lessons: mapOf(
      nested({
        openedAt: date(),
        completedAt: optional(date()),
        /** Seconds the text was visible, or distinct seconds of a video or audio that were played. */
        seconds: optional(number()),
        /** The second of the video or audio to resume at. */
        position: optional(number()),
        /** The id of the heading that the text was left at; empty above the first. */
        place: optional(string()),
        /** One bit per second of the video or audio, base64. */
        watchedBitmap: optional(string()),
        /** The ids of the steps of a tour that were seen. */
        steps: optional(list(string())),
        /** When the last heartbeat was accepted; the next can claim at most the time since, times the playback rate. */
        lastHeartbeatAt: optional(date()),
        /** The number of attempts at the quiz, and the best one. */
        attempts: optional(number()),
        best: optional(nested({ correct: number(), total: number() })),
      }),
    ),
    /** Slug of the lesson that was open last; the learner continues there. */
    lastLesson: nullable(string()),
    lastActivityAt: date(),
    completedAt: nullable(date()),
    /** The reports of reading without a connection that were counted, the last one last. */
    offline: optional(nested({ reports: list(string()) })),
    /** The day that the learner wants to finish by, `YYYY-MM-DD`: theirs alone, and no event. */
    finishBy: optional(nullable(string())),
    /** The last contact request in this course. */
    contactRequest: nullable(nested({ kind: oneOf(['demo', 'trial', 'contact']), at: date() })),
  },
  {
    indexes: [
      [{ person: 1, lastActivityAt: -1 }],
      // Who is in a course, and those of them who have completed it.
      [{ course: 1, completedAt: 1 }],
      [{ lastActivityAt: 1 }],
      // The newest enrolments in a version, for the figures beside its lessons.
      [{ revision: 1, startedAt: -1 }],
    ],
  },
)
export type Enrolment = RecordOf<typeof Enrolments>

/** Returns the id of an enrolment. */
export function enrolmentId(person: Types.ObjectId, course: Types.ObjectId): string {
  return `${person}:${course}`
}

/**
 * Returns an enrolment, or null. Reads within one turn of the event loop share one query, which saves the database work
 * when many learners are active. Readers of the same enrolment share one frozen object, until it is written.
 */
export const readEnrolment: Retained<string, Readonly<Enrolment> | null> = retained(
  (id, dependOn) => {
    dependOn(Enrolments, '_id', id)
    return loader.load(id)
  },
  { max: 300 },
)

const loader = new DataLoader<string, Readonly<Enrolment> | null>(
  async ids => {
    const found = await Enrolments.find({ _id: { $in: [...new Set(ids)] } })
    const byId = new Map(found.map(enrolment => [enrolment._id, enrolment]))
    return ids.map(id => byId.get(id) ?? null)
  },
  { cache: false, batchScheduleFn: loadBatch => setImmediate(loadBatch), maxBatchSize: 100 },
)
