import type { ListName } from '../courses/catalogue-lists'
import type { Course, Lesson } from '../courses/course'

/** Returns the URL of a course or of one of its lessons in the studio. */
export function urlOf(course: Pick<Course, 'slug'>, lesson?: Pick<Lesson, 'slug'> | string): string {
  const slug = typeof lesson === 'string' ? lesson : lesson?.slug
  return `/studio/courses/${course.slug}${slug ? `/lessons/${slug}` : ''}`
}

/** Returns the URL where an administrator adds words that a course already uses to one of the academy's lists. */
export function addEntryUrl(list: ListName, words: string): string {
  return `/admin/catalogue-lists?${new URLSearchParams({ list, add: words })}#${list}`
}
