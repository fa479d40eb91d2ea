import type { Lesson } from './course'
import type { Published } from './published'

/** The path of a lesson's page, such as `/courses/pumps/lessons/seals`. */
export function lessonPath(published: Pick<Published, 'slug'>, lesson: Pick<Lesson, 'slug'>): string {
  return `/courses/${published.slug}/lessons/${lesson.slug}`
}
