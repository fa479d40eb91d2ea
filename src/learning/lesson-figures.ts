import type { Types } from 'mongoose'
import { cached } from '../platform/cached'
import { days, later, now } from '../platform/clock'
import { mapKey } from '../platform/record'
import { Enrolments, type Enrolment } from './enrolment'

/** The most enrolments that figures are computed from, so that a page takes no longer with a million learners. */
const maxEnrolments = 2000
/** Someone who hasn't come back for this long has stopped. */
const stoppedAfter = days(14)
/** Milliseconds. */
const refreshAfter = 600_000

/** What the learners of one version did in a lesson. */
export type LessonFigures = {
  slug: string
  /** How many opened it, and how many finished it. */
  opened: number
  finished: number
  /** How many opened it last, haven't finished the course, and haven't come back for two weeks. */
  stopped: number
  /** The median of the seconds that those who finished it spent on it; null when nobody did. */
  seconds: number | null
  /** The median second of its recording at which those who stopped left; null for a text, or when nobody stopped. */
  stoppedAt: number | null
}

export type CourseFigures = {
  /** How many enrolments these are: all in the version, or the newest 2,000. */
  learners: number
  isSample: boolean
  lessons: Map<string, LessonFigures>
}

/** Returns what the learners of a revision did, at most 10 minutes old: from its newest 2,000 enrolments. */
export const courseFigures = cached<Types.ObjectId, CourseFigures>(
  refreshAfter,
  async revision => {
    const fields = { lessons: 1, lastLesson: 1, lastActivityAt: 1, completedAt: 1 } as const
    const enrolments = await Enrolments.find({ revision }, fields)
      .sort({ startedAt: -1 })
      .limit(maxEnrolments)
    return figuresOf(enrolments)
  },
  { max: 50 },
)

type LessonSums = {
  opened: number
  finished: number
  stopped: number
  seconds: number[]
  positions: number[]
}
type Counted = Pick<Enrolment, 'lessons' | 'lastLesson' | 'lastActivityAt' | 'completedAt'>

function figuresOf(enrolments: Counted[]): CourseFigures {
  const stale = later(now(), -stoppedAfter)
  // One pass over the learners, however many lessons there are.
  const sums = new Map<string, LessonSums>()
  const sumsOf = (key: string) => {
    const known = sums.get(key) ?? { opened: 0, finished: 0, stopped: 0, seconds: [], positions: [] }
    sums.set(key, known)
    return known
  }
  for (const { lessons, lastLesson, completedAt, lastActivityAt } of enrolments) {
    for (const [key, progress] of Object.entries(lessons)) {
      const sum = sumsOf(key)
      sum.opened++
      if (!progress.completedAt) continue
      sum.finished++
      if (progress.seconds !== undefined) sum.seconds.push(progress.seconds)
    }
    if (lastLesson === null || completedAt || lastActivityAt >= stale) continue
    const key = mapKey(lastLesson)
    const sum = sumsOf(key)
    sum.stopped++
    const position = lessons[key]?.position
    if (position !== undefined) sum.positions.push(position)
  }
  const lessons = new Map(
    [...sums].map(([slug, { seconds, positions, ...counts }]) => [
      slug,
      { slug, ...counts, seconds: median(seconds), stoppedAt: median(positions) },
    ]),
  )
  return { learners: enrolments.length, isSample: enrolments.length === maxEnrolments, lessons }
}

const none = { opened: 0, finished: 0, stopped: 0, seconds: null, stoppedAt: null }

/** Returns the figures of a lesson; zeros for one that nobody has opened. */
export function figuresOfLesson({ lessons }: CourseFigures, slug: string): LessonFigures {
  return { ...(lessons.get(mapKey(slug)) ?? none), slug }
}

/** Returns the middle value, rounded; null without values. */
export function median(values: number[]): number | null {
  if (!values.length) return null
  const sorted = values.toSorted((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  return Math.round(sorted.length % 2 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2)
}
