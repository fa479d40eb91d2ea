import type { Lesson } from '../courses/course'
import type { Published } from '../courses/published'

/** The path of a lesson's page, such as `/courses/pumps/lessons/seals`. */
export function lessonPath(published: Published, lesson: Lesson): string {
  return `/courses/${published.slug}/lessons/${lesson.slug}`
}
