import type { Lesson } from '../courses/course'
import type { Enrolment, LessonProgress } from './enrolment'

export type Progress = {
  done: number
  total: number
  /** Whole percent of the lessons, rounded down: 100 only when all are done. */
  percent: number
  /** Minutes of the lessons that are not done yet. */
  minutesLeft: number
  /** Where to go on: the lesson opened last if it is not done, else the first one after it that is not. */
  next: Lesson | undefined
  finished: boolean
  steps: { lesson: Lesson; done: boolean; current: boolean }[]
}

/**
 * The progress of an enrolment through the lessons of its own revision. Only these count: what was done of a lesson that a
 * revision does not have is kept and not counted, so that progress can never pass 100 %.
 */
export function progressOf(
  lessons: Lesson[],
  enrolment: Pick<Enrolment, 'lessons' | 'lastLesson'> | null,
  current: string | null = enrolment?.lastLesson ?? null,
): Progress {
  const isDone = (lesson: Lesson) => enrolment?.lessons[lesson.slug]?.completedAt !== undefined
  const open = lessons.filter(lesson => !isDone(lesson))
  const last = lessons.findIndex(lesson => lesson.slug === enrolment?.lastLesson)
  const done = lessons.length - open.length
  return {
    done,
    total: lessons.length,
    percent: lessons.length ? Math.floor((100 * done) / lessons.length) : 0,
    minutesLeft: open.reduce((sum, lesson) => sum + lesson.minutes, 0),
    next: open.find(lesson => lessons.indexOf(lesson) >= last) ?? open[0],
    finished: lessons.length > 0 && open.length === 0,
    steps: lessons.map(lesson => ({ lesson, done: isDone(lesson), current: lesson.slug === current })),
  }
}

/** A film counts as watched from this share of its distinct seconds on (facts/learning.md). */
export const watchedThreshold = 0.9

/** The share of a film's seconds that were really played, 0 to 1. */
export function watchedShare(lesson: Lesson, progress: LessonProgress | undefined): number {
  return lesson.videoSeconds ? Math.min(1, (progress?.seconds ?? 0) / lesson.videoSeconds) : 0
}
