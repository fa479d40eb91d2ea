import { mapKey } from '../platform/record'
import { later, now } from '../platform/clock'
import type { Lesson } from '../courses/course'
import { stepsOf } from '../courses/steps'
import { HttpError } from '../platform/errors'
import { takeTime } from '../people/attention-clock'
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
/** A heartbeat of a recording covers the last 10 seconds; one delayed by the network covers at most a minute. */
const maxPlayedSeconds = 60
/** A text's seconds are reported once the reader shows that they are there, after 5 minutes at most. */
const maxReadSeconds = 300

/**
 * Adds a heartbeat to the time a learner spent on a lesson. It can claim at most the elapsed time since the last
 * one, times the playback rate (2 at most), plus 2 seconds: at most a minute of a recording, five of a text. And it
 * only gets time of the learner that nothing else got, so that tabs side by side earn no more than one (`takeTime`).
 * A lesson that counts seconds is done at 90% of its recording's distinct seconds, and a tour when every step of one
 * way through it was seen.
 *
 * The caller reads the enrolment. When another tab writes in between, this reads again, once.
 *
 * @returns the enrolment after the change.
 * @throws 422 for a range outside the recording; 409 when the lesson isn't open, or when another tab wrote first,
 *   twice in a row.
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
  const opened = enrolment.lessons[mapKey(lesson.slug)]
  if (!opened?.openedAt) throw new HttpError(409, 'academy:errors.openFirst')
  const claim = claimOf(opened, heartbeat, lesson)
  const { seconds, since, rate } = claim
  const taken = await takeTime(enrolment.person, 'learning', { seconds: seconds / rate, since, tolerance })
  for (let current: Readonly<Enrolment> | null = enrolment, attempt = 0; current && attempt < 2; attempt++) {
    const before = current.lessons[mapKey(lesson.slug)]!
    const after = claim.add(before, taken * rate)
    const watched = await write(current, lesson, before, after)
    if (watched) {
      return !after.completedAt && isAttended(lesson, after) ? completeLesson(watched, lesson) : watched
    }
    current = await readEnrolment(enrolment._id)
  }
  throw new HttpError(409, 'academy:errors.updatedInOtherTab')
}

/**
 * What a heartbeat asks for: seconds of the lesson since a moment, at a playback rate, and how to add those it gets.
 */
type Claim = {
  seconds: number
  since: Date
  rate: number
  add: (before: LessonProgress, seconds: number) => LessonProgress
}

function claimOf(before: LessonProgress, heartbeat: Heartbeat, lesson: Lesson): Claim {
  if (lesson.kind === 'tour') return stepsClaim(before, heartbeat, lesson)
  const moment = now()
  const { mediaSeconds } = lesson
  const rate = mediaSeconds ? Math.min(heartbeat.rate, maxRate) : 1
  const longest = mediaSeconds ? maxPlayedSeconds : maxReadSeconds
  const sinceLast = (moment.getTime() - (before.lastHeartbeatAt ?? before.openedAt).getTime()) / 1000
  const elapsed = Math.min(sinceLast, longest)
  const ranges = mergeRanges(heartbeat.ranges)
  const claimed = mediaSeconds ? totalSeconds(ranges) : heartbeat.seconds
  return {
    seconds: Math.max(0, Math.min(claimed, elapsed * rate + tolerance)),
    since: later(moment, -1000 * elapsed),
    rate,
    add: (current, seconds) => {
      const after: LessonProgress = { ...current, lastHeartbeatAt: moment }
      if (heartbeat.place !== undefined) after.place = heartbeat.place
      if (!mediaSeconds) return { ...after, seconds: (current.seconds ?? 0) + seconds }
      if (heartbeat.position !== null)
        after.position = Math.min(Math.max(0, heartbeat.position), mediaSeconds)
      const played = truncateRanges(ranges, seconds)
      const marked = markWatched(current.watchedBitmap, played, mediaSeconds)
      return { ...after, watchedBitmap: marked.bitmap, seconds: marked.seconds }
    },
  }
}

/**
 * The steps that were visible since the last heartbeat. All that is counted since the page was sent, from whatever
 * tab, is at most the time since: what exceeds it is neither counted nor seen.
 */
function stepsClaim(before: LessonProgress, { steps = [], page }: Heartbeat, lesson: Lesson): Claim {
  const moment = now()
  const counted = before.seconds ?? 0
  const left = page ? Math.max(0, page.sinceShown - Math.max(0, counted - page.counted)) : 0
  const claimed = steps.reduce((sum, [, seconds]) => sum + seconds, 0)
  return {
    seconds: Math.min(claimed, left),
    since: later(moment, -1000 * (page?.sinceShown ?? 0)),
    rate: 1,
    add: (current, allowed) => {
      const known = new Set(stepsOf(lesson.body).map(({ id }) => id))
      const seen = new Set(current.steps)
      let unspent = allowed
      for (const [step, seconds] of steps) {
        // Milliseconds are enough: what was divided and added again isn't exact.
        const taken = Math.round(1000 * Math.min(seconds, unspent)) / 1000
        unspent -= taken
        if (taken >= stepSeconds && known.has(step)) seen.add(step)
      }
      return {
        ...current,
        lastHeartbeatAt: moment,
        seconds: (current.seconds ?? 0) + allowed,
        steps: [...seen],
      }
    },
  }
}

/**
 * Writes unless another heartbeat was written since `before` was read. Returns the enrolment after it, or null. The
 * learner's next heartbeat finds it without reading.
 */
function write(
  enrolment: Readonly<Enrolment>,
  lesson: Lesson,
  before: LessonProgress,
  after: LessonProgress,
): Promise<Readonly<Enrolment> | null> {
  const field = `lessons.${mapKey(lesson.slug)}`
  const change: Record<string, unknown> = { lastActivityAt: after.lastHeartbeatAt }
  for (const name of ['lastHeartbeatAt', 'seconds', 'position', 'place', 'watchedBitmap', 'steps'] as const) {
    if (after[name] !== undefined) change[`${field}.${name}`] = after[name]
  }
  const { _id } = enrolment
  const filter = { _id, [`${field}.lastHeartbeatAt`]: before.lastHeartbeatAt ?? null }
  const update = () =>
    Enrolments.findOneAndUpdate(filter, { $set: change }, { returnDocument: 'after' }).exec()
  // Two at the same millisecond may change nothing.
  const isLater = Number(before.lastHeartbeatAt) !== Number(after.lastHeartbeatAt)
  return isLater ? readEnrolment.change(_id, update) : update()
}
