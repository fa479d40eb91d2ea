import type { Lesson } from '../courses/course'
import type { Published } from '../courses/published'
import { shownCourse } from '../courses/shown-courses'
import type { ShownBrand } from '../brand/brand'

export type Destination = {
  published: Published
  /** Null when the path leads to the course page. */
  lesson: Lesson | null
  /** Position of the lesson in the course, from 1; 0 without a lesson. */
  number: number
  /** True when the visitor chose to enrol, which happens at sign-up. */
  enrols: boolean
}

/**
 * Returns the course that everyone may see, and the lesson, that a path leads to; null when it leads to any other page.
 */
export async function destinationOf(path: string | null, brand: ShownBrand): Promise<Destination | null> {
  const [, slug, lessonSlug] = /^\/courses\/([^/?]+)(?:\/lessons\/([^/?]+))?/.exec(path ?? '') ?? []
  const enrols = path?.split('?')[0] === `/courses/${slug}/enrolment`
  const published = slug ? await shownCourse(brand, slug, null) : undefined
  if (!published) return null
  const index = published.lessons.findIndex(lesson => lesson.slug === lessonSlug)
  return { published, lesson: published.lessons[index] ?? null, number: index + 1, enrols }
}
