import { mapKey } from '../platform/record'
import { now } from '../platform/clock'
import type { Lesson } from '../courses/course'
import { stepsOf } from '../courses/steps'
import { HttpError } from '../platform/errors'
import { completeLesson } from './complete-lesson'
import { Enrolments, readEnrolment, type Enrolment, type LessonProgress } from './enrolment'
import { isAttended } from './progress'
import { truncateRanges, totalSeconds, markWatched, mergeRanges, type Range } from './watched-seconds'

/** What the learner's page sends every 10 seconds, on pause and when they leave it. */
export type Heartbeat = {
  /** The parts of the recording played since the last heartbeat, in seconds from its start. */
  ranges: Range[]
  /** The second of the recording to resume at. */
  position: number | null
  /** Playback rate; 1 is normal speed. */
  rate: number
  /** The id of the heading that the text is at; missing when the page doesn't say. */
  place?: string
  /** Seconds the text was visible since the last heartbeat. */
  seconds: number
  /** The steps of a tour that were visible, one after the other, each with its seconds. */
  steps?: readonly StepSeconds[]
  /** When the page of a tour was sent, by the server's clock, and the seconds that had been counted until then. */
  page?: { sinceShown: number; counted: number }
}

type StepSeconds = readonly [step: string, seconds: number]

/** A step of a tour counts as seen after so many seconds in which it was visible without a break. */
export const stepSeconds = 2

const maxRate = 2
/** Seconds a heartbeat can claim beyond the elapsed time, because clocks and networks aren't exact. */
const tolerance = 2
/** A heartbeat covers the last 10 seconds; one delayed by the network covers at most a minute. */
const maxHeartbeatSeconds = 60

/**
 * Adds a heartbeat to the time a learner spent on a lesson. It can claim at most the elapsed time since the last one,
 * at most a minute, times the playback rate (2 at most), plus 2 seconds; the rest isn't counted. In total, nobody gets
 * more than twice the time since they opened the lesson. A lesson that counts seconds is done at 90% of its recording's
 * distinct seconds, and a tour when every step of one way through it was seen.
 *
 * The caller reads the enrolment, so this is one write. When another tab writes in between, it reads again, once.
 *
 * @returns the enrolment after the change.
 * @throws 422 for a range outside the recording; 409 when the lesson isn't open, or when another tab wrote first, twice
 * in a row.
 */
export async function watchLesson(
  enrolment: Readonly<Enrolment>,
  lesson: Lesson,
  heartbeat: Heartbeat,
): Promise<Readonly<Enrolment>> {
  const length = lesson.mediaSeconds ?? 0
  if (heartbeat.ranges.some(([from, to]) => from < 0 || to < from || Math.round(to) > length)) {
    throw new HttpError(422, 'academy:errors.outsideRecording')
  }
  for (let current: Readonly<Enrolment> | null = enrolment, attempt = 0; current && attempt < 2; attempt++) {
    const before = current.lessons[mapKey(lesson.slug)]
    if (!before?.openedAt) throw new HttpError(409, 'academy:errors.openFirst')
    const after = addHeartbeat(before, heartbeat, lesson)
    if (await write(current, lesson, before, after)) {
      const watched = { ...current, lessons: { ...current.lessons, [mapKey(lesson.slug)]: after } }
      return !after.completedAt && isAttended(lesson, after) ? completeLesson(watched, lesson) : watched
    }
    current = await readEnrolment(enrolment._id)
  }
  throw new HttpError(409, 'academy:errors.updatedInOtherTab')
}

function addHeartbeat(before: LessonProgress, heartbeat: Heartbeat, lesson: Lesson): LessonProgress {
  if (lesson.kind === 'tour') return addSteps(before, heartbeat, lesson)
  const moment = now()
  const rate = lesson.mediaSeconds ? Math.min(heartbeat.rate, maxRate) : 1
  const sinceLast = (moment.getTime() - (before.lastHeartbeatAt ?? before.openedAt).getTime()) / 1000
  const sinceOpened = (moment.getTime() - before.openedAt.getTime()) / 1000
  const counted = before.seconds ?? 0
  const allowed = Math.max(
    0,
    Math.min(
      Math.min(sinceLast, maxHeartbeatSeconds) * rate + tolerance,
      lesson.mediaSeconds ? Infinity : sinceOpened + tolerance - counted,
    ),
  )
  const after: LessonProgress = { ...before, lastHeartbeatAt: moment }
  if (heartbeat.place !== undefined) after.place = heartbeat.place
  if (!lesson.mediaSeconds) return { ...after, seconds: counted + Math.min(heartbeat.seconds, allowed) }
  const ranges = mergeRanges(heartbeat.ranges)
  const played = totalSeconds(ranges) > allowed ? truncateRanges(ranges, allowed) : ranges
  const { bitmap, seconds } = markWatched(before.watchedBitmap, played, lesson.mediaSeconds)
  if (seconds > sinceOpened * maxRate + tolerance) return after
  if (heartbeat.position !== null)
    after.position = Math.min(Math.max(0, heartbeat.position), lesson.mediaSeconds)
  return { ...after, watchedBitmap: bitmap, seconds }
}

/**
 * Adds the steps that were visible since the last heartbeat. All that is counted since the page was sent, from whatever
 * tab, is at most the time since: what exceeds it is neither counted nor seen.
 */
function addSteps(before: LessonProgress, { steps = [], page }: Heartbeat, lesson: Lesson): LessonProgress {
  let seconds = before.seconds ?? 0
  let left = page ? Math.max(0, page.sinceShown - Math.max(0, seconds - page.counted)) : 0
  const known = new Set(stepsOf(lesson.body).map(({ id }) => id))
  const seen = new Set(before.steps)
  for (const [step, claimed] of steps) {
    const taken = Math.min(claimed, left)
    left -= taken
    seconds += taken
    if (taken >= stepSeconds && known.has(step)) seen.add(step)
  }
  return { ...before, lastHeartbeatAt: now(), seconds, steps: [...seen] }
}

/** Writes unless another heartbeat was written since `before` was read. Returns whether it wrote. */
async function write(
  enrolment: Readonly<Enrolment>,
  lesson: Lesson,
  before: LessonProgress,
  after: LessonProgress,
): Promise<boolean> {
  const field = `lessons.${mapKey(lesson.slug)}`
  const change: Record<string, unknown> = { lastActivityAt: after.lastHeartbeatAt }
  for (const name of ['lastHeartbeatAt', 'seconds', 'position', 'place', 'watchedBitmap', 'steps'] as const) {
    if (after[name] !== undefined) change[`${field}.${name}`] = after[name]
  }
  const written = await Enrolments.updateOne(
    { _id: enrolment._id, [`${field}.lastHeartbeatAt`]: before.lastHeartbeatAt ?? null },
    { $set: change },
  )
  return written.matchedCount === 1
}
