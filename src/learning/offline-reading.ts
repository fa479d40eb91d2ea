import type { Lesson } from '../courses/course'
import { completionRule } from '../courses/kinds/kinds'
import { later, now } from '../platform/clock'
import { HttpError } from '../platform/errors'
import { mapKey } from '../platform/record'
import { completeLesson } from './complete-lesson'
import { Enrolments, readEnrolment, type Enrolment } from './enrolment'

/** What a learner did on one lesson without a connection. */
export type OfflineReading = {
  /** The report's id, made by the browser: the same report is counted once. */
  id: string
  /** Seconds in which the text was visible. */
  seconds: number
  /** The id of the heading that the text was left at; missing when the page doesn't say. */
  place?: string
  /** Whether the learner marked the lesson as done. */
  isDone: boolean
}

/** Reports are kept to recognise a repeated one. A browser that is back sends one for each lesson. */
const maxReports = 200
const maxAttempts = 3
/** Of a lesson's reading time, what can be spent on it without a connection counts at most so often. */
const maxReadings = 2
/** Seconds by which clocks differ. */
const tolerance = 2

/**
 * Counts a report about a text that was read without a connection, once. Nobody can look when it happened, so all lessons
 * of a course share one clock: the time since the lesson was opened, or since what was counted last, can be spent once.
 * A lesson has at most twice its own reading time from such reports, and never more than the time since it was opened.
 * Recordings, tours and quizzes count with a connection only.
 *
 * @returns the enrolment after the change.
 * @throws 409 when the lesson was never opened, or when other tabs keep writing first.
 */
export async function addOfflineReading(
  enrolment: Readonly<Enrolment>,
  lesson: Lesson,
  reading: OfflineReading,
): Promise<Readonly<Enrolment>> {
  let current: Readonly<Enrolment> | null = enrolment
  for (let attempt = 1; current && attempt <= maxAttempts; attempt++) {
    if (!current.lessons[mapKey(lesson.slug)]) throw new HttpError(409, 'academy:errors.openFirst')
    const isKnown = current.offline?.reports.includes(reading.id) ?? false
    if (isKnown || (await write(current, lesson, reading))) {
      const counted = isKnown ? current : ((await readEnrolment(current._id)) ?? current)
      const isMarked = reading.isDone && completionRule(lesson) === 'marked'
      return isMarked ? completeLesson(counted, lesson) : counted
    }
    current = await readEnrolment(enrolment._id)
  }
  throw new HttpError(409, 'academy:errors.updatedInOtherTab')
}

/** Writes unless another report or a heartbeat was written since the enrolment was read. Returns whether it wrote. */
async function write(
  enrolment: Readonly<Enrolment>,
  lesson: Lesson,
  { id, seconds, place }: OfflineReading,
): Promise<boolean> {
  const field = `lessons.${mapKey(lesson.slug)}`
  const { openedAt, lastHeartbeatAt, seconds: counted = 0 } = enrolment.lessons[mapKey(lesson.slug)]!
  const { until, reports = [] } = enrolment.offline ?? {}
  const moment = now()
  const from = until && until > openedAt ? until : openedAt
  const secondsSince = (at: Date) => (moment.getTime() - at.getTime()) / 1000
  const allowed = Math.min(
    secondsSince(from),
    maxReadings * 60 * lesson.minutes - counted,
    secondsSince(openedAt) + tolerance - counted,
  )
  const taken = lesson.kind === 'text' ? Math.max(0, Math.min(seconds, allowed)) : 0
  const { matchedCount } = await Enrolments.updateOne(
    {
      _id: enrolment._id,
      [`${field}.lastHeartbeatAt`]: lastHeartbeatAt ?? null,
      'offline.until': until ?? null,
    },
    {
      $set: {
        lastActivityAt: moment,
        offline: { until: later(from, taken * 1000), reports: [...reports, id].slice(-maxReports) },
        [`${field}.lastHeartbeatAt`]: moment,
        ...(taken && { [`${field}.seconds`]: counted + taken }),
        ...(place !== undefined && { [`${field}.place`]: place }),
      },
    },
  )
  return matchedCount === 1
}
