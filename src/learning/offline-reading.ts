import type { Lesson } from '../courses/course'
import { completionRule } from '../courses/kinds/kinds'
import { now } from '../platform/clock'
import { HttpError } from '../platform/errors'
import { mapKey } from '../platform/record'
import { takeTime } from '../people/attention-clock'
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

/**
 * Counts a report about a text that was read without a connection, once. Nobody can look when it happened, so it
 * gets any time since the lesson was opened that nothing else got, with or without a connection (`takeTime`). A
 * lesson has at most twice its own reading time from such reports. Recordings, tours and quizzes count with a
 * connection only.
 *
 * @returns the enrolment after the change.
 * @throws 409 when the lesson was never opened, or when other tabs keep writing first.
 */
export async function addOfflineReading(
  enrolment: Readonly<Enrolment>,
  lesson: Lesson,
  reading: OfflineReading,
): Promise<Readonly<Enrolment>> {
  const opened = enrolment.lessons[mapKey(lesson.slug)]
  if (!opened) throw new HttpError(409, 'academy:errors.openFirst')
  const isCounted = lesson.kind === 'text'
  const claim = {
    seconds: isCounted
      ? Math.max(0, Math.min(reading.seconds, maxReadings * 60 * lesson.minutes - (opened.seconds ?? 0)))
      : 0,
    since: opened.openedAt,
    report: reading.id,
  }
  const taken = await takeTime(enrolment.person, 'learning', claim)
  let current: Readonly<Enrolment> | null = enrolment
  for (let attempt = 1; current && attempt <= maxAttempts; attempt++) {
    const isKnown = current.offline?.reports.includes(reading.id) ?? false
    if (isKnown || (await write(current, lesson, reading, taken))) {
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
  { id, place }: OfflineReading,
  taken: number,
): Promise<boolean> {
  const field = `lessons.${mapKey(lesson.slug)}`
  const { lastHeartbeatAt, seconds = 0 } = enrolment.lessons[mapKey(lesson.slug)]!
  const moment = now()
  const { matchedCount } = await Enrolments.updateOne(
    {
      _id: enrolment._id,
      [`${field}.lastHeartbeatAt`]: lastHeartbeatAt ?? null,
      'offline.reports': { $ne: id },
    },
    {
      $set: {
        lastActivityAt: moment,
        offline: { reports: [...(enrolment.offline?.reports ?? []), id].slice(-maxReports) },
        [`${field}.lastHeartbeatAt`]: moment,
        ...(taken && { [`${field}.seconds`]: seconds + taken }),
        ...(place !== undefined && { [`${field}.place`]: place }),
      },
    },
  )
  return matchedCount === 1
}
