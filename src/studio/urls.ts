import type { Course, Lesson } from '../courses/course'

/** Returns the URL of a course or of one of its lessons in the studio. */
export function urlOf(course: Pick<Course, 'slug'>, lesson?: Pick<Lesson, 'slug'> | string): string {
  const slug = typeof lesson === 'string' ? lesson : lesson?.slug
  return `/studio/courses/${course.slug}${slug ? `/lessons/${slug}` : ''}`
}
