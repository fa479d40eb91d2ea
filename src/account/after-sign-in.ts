import type { Lesson } from '../courses/course'
import { publishedCourse, type Published } from '../courses/published'

/** What somebody was on the way to when asked to join, from the path they go on to; null for any other page. */
export async function destinationOf(
  next: string | null,
): Promise<{ published: Published; lesson: Lesson | null; number: number } | null> {
  const [, slug, lessonSlug] = /^\/courses\/([^/?]+)(?:\/lessons\/([^/?]+))?/.exec(next ?? '') ?? []
  const published = slug ? await publishedCourse(slug) : undefined
  if (!published) return null
  const at = published.lessons.findIndex(lesson => lesson.slug === lessonSlug)
  return { published, lesson: published.lessons[at] ?? null, number: at + 1 }
}
