import { now } from '../platform/clock'
import type { Lesson } from '../courses/course'
import { HttpError } from '../platform/errors'
import { completeLesson } from './complete-lesson'
import { Enrolments, readEnrolment, type Enrolment, type LessonProgress } from './enrolment'
import { watchedThreshold, watchedShare } from './progress'
import { truncateRanges, totalSeconds, markWatched, mergeRanges, type Range } from './watched-seconds'

/** What the learner's page says every 10 s, on pause and when it is left. */
export type Heartbeat = {
  /** What was newly played of the film, in its seconds. */
  ranges: Range[]
  /** Second of the film to resume at. */
  position: number | null
  /** How fast it played; 1 is the film's own speed. */
  rate: number
  /** Newly visible seconds of a text. */
  seconds: number
}

const maxRate = 2
/** Seconds that a beat may claim beyond the time that has passed: clocks and networks are not exact. */
const tolerance = 2
/** A beat speaks of the last ten seconds; one that was held up by the network of at most a minute. */
const maxHeartbeatSeconds = 60

/**
 * Adds a beat to the attention that was really paid. A beat may claim at most the wall time since the last one, times the
 * playing rate (no more than 2), plus 2 s (facts/learning.md); what goes beyond is not counted. Over the whole lesson nobody gets
 * more than twice the time since they opened it. A film of `completion: watch` is done at 90 % of its distinct seconds.
 *
 * One read (the caller's), one write. A beat of another tab in between makes it read again, once.
 *
 * @returns the enrolment afterwards.
 * @throws Refusal 422 for a range outside the film, 409 when another tab is faster twice.
 */
export async function watchLesson(
  enrolment: Readonly<Enrolment>,
  lesson: Lesson,
  beat: Heartbeat,
): Promise<Readonly<Enrolment>> {
  const length = lesson.videoSeconds ?? 0
  if (beat.ranges.some(([from, to]) => from < 0 || to < from || Math.round(to) > length)) {
    throw new HttpError(422, 'academy:errors.outsideVideo')
  }
  for (let reading: Readonly<Enrolment> | null = enrolment, tries = 0; reading && tries < 2; tries++) {
    const before = reading.lessons[lesson.slug]
    if (!before?.openedAt) throw new HttpError(409, 'academy:errors.openFirst')
    const after = add(before, beat, lesson)
    if (await write(reading, lesson, before, after)) {
      const watched = { ...reading, lessons: { ...reading.lessons, [lesson.slug]: after } }
      return isWatched(lesson, after) ? completeLesson(watched, lesson) : watched
    }
    reading = await readEnrolment(enrolment._id)
  }
  throw new HttpError(409, 'academy:errors.updatedInOtherTab')
}

function add(before: LessonProgress, beat: Heartbeat, lesson: Lesson): LessonProgress {
  const moment = now()
  const rate = lesson.videoSeconds ? Math.min(beat.rate, maxRate) : 1
  const passed = (moment.getTime() - (before.lastHeartbeatAt ?? before.openedAt).getTime()) / 1000
  const sinceOpened = (moment.getTime() - before.openedAt.getTime()) / 1000
  const known = before.seconds ?? 0
  const allowed = Math.max(
    0,
    Math.min(
      Math.min(passed, maxHeartbeatSeconds) * rate + tolerance,
      lesson.videoSeconds ? Infinity : sinceOpened + tolerance - known,
    ),
  )
  const after: LessonProgress = { ...before, lastHeartbeatAt: moment }
  if (!lesson.videoSeconds) return { ...after, seconds: known + Math.min(beat.seconds, allowed) }
  const ranges = mergeRanges(beat.ranges)
  const played = totalSeconds(ranges) > allowed ? truncateRanges(ranges, allowed) : ranges
  const { bitmap, seconds } = markWatched(before.watchedBitmap, played, lesson.videoSeconds)
  if (seconds > sinceOpened * maxRate + tolerance) return after
  if (beat.position !== null) after.position = Math.min(Math.max(0, beat.position), lesson.videoSeconds)
  return { ...after, watchedBitmap: bitmap, seconds }
}

/** Writes only if no other beat was written since `before` was read. */
async function write(
  enrolment: Readonly<Enrolment>,
  lesson: Lesson,
  before: LessonProgress,
  after: LessonProgress,
): Promise<boolean> {
  const at = `lessons.${lesson.slug}`
  const change: Record<string, unknown> = { lastActivityAt: after.lastHeartbeatAt }
  for (const field of ['lastHeartbeatAt', 'seconds', 'position', 'watchedBitmap'] as const) {
    if (after[field] !== undefined) change[`${at}.${field}`] = after[field]
  }
  const written = await Enrolments.updateOne(
    { _id: enrolment._id, [`${at}.lastHeartbeatAt`]: before.lastHeartbeatAt ?? null },
    { $set: change },
  )
  return written.matchedCount === 1
}

function isWatched(lesson: Lesson, progress: LessonProgress): boolean {
  return (
    lesson.completion === 'watch' &&
    !progress.completedAt &&
    watchedShare(lesson, progress) >= watchedThreshold
  )
}
