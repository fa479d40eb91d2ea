import { mapKey } from '../platform/record'
import type { Lesson } from '../courses/course'
import { completionRule } from '../courses/kinds/kinds'
import { isWholePath, stepsOf } from '../courses/steps'
import type { Enrolment, LessonProgress } from './enrolment'

export type Progress = {
  done: number
  total: number
  /** Whole percent of the lessons, rounded down, so 100 means all are done. */
  percent: number
  /** Minutes of the lessons that aren't done. */
  minutesLeft: number
  /** The lesson to continue with: the one opened last if it isn't done, or the first open one after it. */
  next: Lesson | undefined
  finished: boolean
  steps: { lesson: Lesson; done: boolean; current: boolean }[]
}

/**
 * Returns the progress of an enrolment through the lessons of its revision. Progress in lessons that the revision
 * doesn't have stays stored but isn't counted, so it never exceeds 100%.
 *
 * @param current slug of the lesson to mark as the current step.
 */
export function progressOf(
  lessons: Lesson[],
  enrolment: Pick<Enrolment, 'lessons' | 'lastLesson'> | null,
  current: string | null = enrolment?.lastLesson ?? null,
): Progress {
  const isDone = (lesson: Lesson) => enrolment?.lessons[mapKey(lesson.slug)]?.completedAt !== undefined
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

/** A video counts as watched, and audio as heard, once this share of its distinct seconds has been played. */
const watchedThreshold = 0.9

/** Returns the share of a recording's distinct seconds that were played, 0 to 1. */
export function watchedShare(lesson: Lesson, progress: LessonProgress | undefined): number {
  return lesson.mediaSeconds ? Math.min(1, (progress?.seconds ?? 0) / lesson.mediaSeconds) : 0
}

/** Returns the ids of a tour's steps, and of those that a learner has seen, in the order of the tour. */
export function seenSteps(
  lesson: Lesson,
  progress: LessonProgress | undefined,
): { ids: string[]; seen: string[] } {
  const ids = stepsOf(lesson.body).map(({ id }) => id)
  const seen = new Set(progress?.steps)
  return { ids, seen: ids.filter(id => seen.has(id)) }
}

/** Whether what was played or seen of a lesson is enough for it to be done; false for a lesson without such a rule. */
export function isAttended(lesson: Lesson, progress: LessonProgress | undefined): boolean {
  switch (completionRule(lesson)) {
    case 'seconds':
      return watchedShare(lesson, progress) >= watchedThreshold
    case 'steps':
      return isWholePath(stepsOf(lesson.body), new Set(progress?.steps))
    default:
      return false
  }
}
