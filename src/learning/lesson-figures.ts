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

type Counted = Pick<Enrolment, 'lessons' | 'lastLesson' | 'lastActivityAt' | 'completedAt'>

function figuresOf(enrolments: Counted[]): CourseFigures {
  const stale = later(now(), -stoppedAfter)
  const keys = new Set(enrolments.flatMap(({ lessons }) => Object.keys(lessons)))
  const lessons = new Map(
    [...keys].map(key => {
      const progress = enrolments.flatMap(({ lessons }) => lessons[key] ?? [])
      const finished = progress.filter(({ completedAt }) => completedAt)
      const stopped = enrolments.filter(
        ({ lastLesson, completedAt, lastActivityAt }) =>
          lastLesson !== null && mapKey(lastLesson) === key && !completedAt && lastActivityAt < stale,
      )
      const figures = {
        slug: key,
        opened: progress.length,
        finished: finished.length,
        stopped: stopped.length,
        seconds: median(finished.flatMap(({ seconds }) => seconds ?? [])),
        stoppedAt: median(stopped.flatMap(({ lessons }) => lessons[key]?.position ?? [])),
      }
      return [key, figures] as const
    }),
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
