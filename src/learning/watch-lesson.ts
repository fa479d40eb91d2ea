import { now } from '../platform/clock'
import type { Lesson } from '../courses/course'
import { Refusal } from '../platform/errors'
import { completeLesson } from './complete-lesson'
import { Enrolments, readEnrolment, type Enrolment, type LessonProgress } from './enrolment'
import { watchedEnough, watchedShare } from './progress'
import { cut, lengthOf, mark, merge, type Range } from './watched-seconds'

/** What the learner's page says every 10 s, on pause and when it is left. */
export type Beat = {
  /** What was newly played of the film, in its seconds. */
  ranges: Range[]
  /** Second of the film to resume at. */
  position: number | null
  /** How fast it played; 1 is the film's own speed. */
  rate: number
  /** Newly visible seconds of a text. */
  seconds: number
}

const fastest = 2
/** Seconds that a beat may claim beyond the time that has passed: clocks and networks are not exact. */
const tolerance = 2
/** A beat speaks of the last ten seconds; one that was held up by the network of at most a minute. */
const longestBeat = 60

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
  beat: Beat,
): Promise<Readonly<Enrolment>> {
  const length = lesson.videoSeconds ?? 0
  if (beat.ranges.some(([from, to]) => from < 0 || to < from || Math.round(to) > length)) {
    throw new Refusal(422, 'academy:refusals.outsideTheFilm')
  }
  for (let reading: Readonly<Enrolment> | null = enrolment, tries = 0; reading && tries < 2; tries++) {
    const before = reading.lessons[lesson.slug]
    if (!before?.openedAt) throw new Refusal(409, 'academy:refusals.openFirst')
    const after = add(before, beat, lesson)
    if (await write(reading, lesson, before, after)) {
      const watched = { ...reading, lessons: { ...reading.lessons, [lesson.slug]: after } }
      return isWatched(lesson, after) ? completeLesson(watched, lesson) : watched
    }
    reading = await readEnrolment(enrolment._id)
  }
  throw new Refusal(409, 'academy:refusals.otherTab')
}

function add(before: LessonProgress, beat: Beat, lesson: Lesson): LessonProgress {
  const moment = now()
  const rate = lesson.videoSeconds ? Math.min(beat.rate, fastest) : 1
  const passed = (moment.getTime() - (before.beatAt ?? before.openedAt).getTime()) / 1000
  const sinceOpened = (moment.getTime() - before.openedAt.getTime()) / 1000
  const known = before.seconds ?? 0
  const allowed = Math.max(
    0,
    Math.min(
      Math.min(passed, longestBeat) * rate + tolerance,
      lesson.videoSeconds ? Infinity : sinceOpened + tolerance - known,
    ),
  )
  const after: LessonProgress = { ...before, beatAt: moment }
  if (!lesson.videoSeconds) return { ...after, seconds: known + Math.min(beat.seconds, allowed) }
  const ranges = merge(beat.ranges)
  const played = lengthOf(ranges) > allowed ? cut(ranges, allowed) : ranges
  const { bitmap, seconds } = mark(before.watched, played, lesson.videoSeconds)
  if (seconds > sinceOpened * fastest + tolerance) return after
  if (beat.position !== null) after.position = Math.min(Math.max(0, beat.position), lesson.videoSeconds)
  return { ...after, watched: bitmap, seconds }
}

/** Writes only if no other beat was written since `before` was read. */
async function write(
  enrolment: Readonly<Enrolment>,
  lesson: Lesson,
  before: LessonProgress,
  after: LessonProgress,
): Promise<boolean> {
  const at = `lessons.${lesson.slug}`
  const change: Record<string, unknown> = { lastAt: after.beatAt }
  for (const field of ['beatAt', 'seconds', 'position', 'watched'] as const) {
    if (after[field] !== undefined) change[`${at}.${field}`] = after[field]
  }
  const written = await Enrolments.updateOne(
    { _id: enrolment._id, [`${at}.beatAt`]: before.beatAt ?? null },
    { $set: change },
  )
  return written.matchedCount === 1
}

function isWatched(lesson: Lesson, progress: LessonProgress): boolean {
  return (
    lesson.completion === 'watch' && !progress.completedAt && watchedShare(lesson, progress) >= watchedEnough
  )
}
