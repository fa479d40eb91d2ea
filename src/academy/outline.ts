import type { Lesson } from '../courses/course'
import { progressOf, type Progress } from '../learning/progress'
import { lessonProgress } from '../web/charts/lesson-progress'
import { opensLesson } from '../courses/visibility'
import type { CourseContext } from './course-context'
import { lessonPath } from '../courses/lesson-path'
import type { Texts } from '../web/texts'

export type OutlineRow = {
  lesson: Lesson
  /** 1 for the first lesson of the course. */
  number: number
  state: 'done' | 'current' | 'todo'
  isCurrent: boolean
  /** Null for a lesson that this visitor may not open. */
  href: string | null
}
export type Outline = { title: string; minutes: number; rows: OutlineRow[] }[]

/** Returns the modules of a course with their lessons, and links to those that this visitor may open. */
export function outlineOf(
  context: Pick<CourseContext, 'published' | 'enrolment' | keyof Parameters<typeof opensLesson>[0]>,
  currentLesson?: string,
): Outline {
  const { published, enrolment, hasAccess } = context
  const steps = progressOf(published.lessons, hasAccess ? enrolment : null, currentLesson ?? null).steps
  let number = 0
  return published.content.modules.map(module => ({
    title: module.title,
    minutes: module.lessons.reduce((sum, lesson) => sum + lesson.minutes, 0),
    rows: module.lessons.map(lesson => {
      const step = steps[number++]!
      return {
        lesson,
        number,
        isCurrent: step.current,
        state: step.done ? 'done' : step.current ? 'current' : 'todo',
        href: opensLesson(context, lesson) ? lessonPath(published, lesson) : null,
      }
    }),
  }))
}

/**
 * Returns the visitor's progress in a course and its chart as SVG. The chart marks the lesson of the page as the
 * current one, or the lesson to continue with.
 */
export function courseProgress(
  { t, dir }: Texts,
  { published, enrolment, hasAccess }: Pick<CourseContext, 'published' | 'enrolment' | 'hasAccess'>,
  currentLesson?: string,
): { progress: Progress; chart: string } {
  const progress = progressOf(published.lessons, hasAccess ? enrolment : null)
  const current = currentLesson ?? progress.next?.slug
  const chart = lessonProgress({
    begun: hasAccess,
    label: t('academy:lessonProgress.label', { done: progress.done, count: progress.total }),
    lessons: progress.steps.map(({ lesson, done }) => ({
      state: done ? 'done' : lesson.slug === current ? 'current' : 'todo',
    })),
    rtl: dir === 'rtl',
  })
  return { progress, chart }
}

/** Summarises progress in one line, such as `2 of 3 done, about 5 min left`. */
export function progressSummary({ t, minutes }: Texts, progress: Progress): string {
  const { done, total, minutesLeft, finished } = progress
  return finished
    ? t('academy:lessonProgress.finished', { count: total })
    : t('academy:lessonProgress.summary', { done, total, time: minutes(minutesLeft) })
}
