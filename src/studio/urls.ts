import type { ListName } from '../courses/catalogue-lists'
import type { Course, Lesson } from '../courses/course'
import type { KindName } from '../courses/kinds/kinds'

/** Returns the URL of a course or of one of its lessons in the studio. */
export function urlOf(course: Pick<Course, 'slug'>, lesson?: Pick<Lesson, 'slug'> | string): string {
  const slug = typeof lesson === 'string' ? lesson : lesson?.slug
  return `/studio/courses/${course.slug}${slug ? `/lessons/${slug}` : ''}`
}

/** What a kind of lesson is made of, where that isn't its text: a quiz of questions, a tour of steps. */
const partsOf: Partial<Record<KindName, 'questions' | 'steps'>> = { quiz: 'questions', tour: 'steps' }

/** Returns the URL where an author edits what a lesson is made of. */
export function editorUrl(course: Pick<Course, 'slug'>, lesson: Pick<Lesson, 'slug' | 'kind'>): string {
  const parts = partsOf[lesson.kind]
  return urlOf(course, lesson) + (parts ? `/${parts}` : '')
}

/** Returns the URL where an administrator adds words that a course already uses to one of the academy's lists. */
export function addEntryUrl(list: ListName, words: string): string {
  return `/admin/catalogue-lists?${new URLSearchParams({ list, add: words })}#${list}`
}
