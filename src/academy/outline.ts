import type { Lesson } from '../courses/course'
import type { Published } from '../courses/published'
import { progressOf } from '../learning/progress'
import type { Translate } from '../web/i18n'
import type { CourseContext } from './course-context'

type OutlineRow = {
  lesson: Lesson
  /** 1 for the first lesson of the course. */
  number: number
  state: 'done' | 'here' | 'todo'
  isHere: boolean
  /** Null where this person may not go. */
  href: string | null
}
export type Outline = { title: string; minutes: number; rows: OutlineRow[] }[]

/** The parts of a course with their lessons, as this visitor may open them. */
export function outlineOf(visit: CourseContext, here?: string): Outline {
  const { published, enrolment, hasAccess } = visit
  const steps = progressOf(published.lessons, hasAccess ? enrolment : null, here ?? null).steps
  let number = 0
  return published.content.modules.map(module => ({
    title: module.title,
    minutes: module.lessons.reduce((sum, lesson) => sum + lesson.minutes, 0),
    rows: module.lessons.map(lesson => {
      const step = steps[number++]!
      return {
        lesson,
        number,
        isHere: step.current,
        state: step.done ? 'done' : step.current ? 'here' : 'todo',
        href: hasAccess || lesson.preview ? lessonPath(published, lesson) : null,
      }
    }),
  }))
}

export function lessonPath(published: Published, lesson: Lesson): string {
  return `/courses/${published.slug}/lessons/${lesson.slug}`
}

/** What the path draws, and says to who does not see it. Where they are is the lesson of the page, else the one to go on with. */
export function lessonProgressOf(t: Translate, visit: CourseContext, here?: string) {
  const { published, enrolment, hasAccess } = visit
  const progress = progressOf(published.lessons, hasAccess ? enrolment : null)
  const place = here ?? progress.next?.slug
  const lessonProgress = {
    begun: hasAccess,
    label: t('academy:lessonProgress.label', { done: progress.done, of: progress.total }),
    lessons: progress.steps.map(({ lesson, done }) => ({
      state: done ? ('done' as const) : lesson.slug === place ? ('here' as const) : ('todo' as const),
    })),
  }
  return { progress, lessonProgress }
}
