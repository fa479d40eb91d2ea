import { now } from '../platform/clock'
import { readLists } from './catalogue-lists'
import { checkCourse, type Around, type Finding } from './check-course'
import { lessonsOf } from './content'
import { readEmbedList } from './embed-list'
import { Courses, type Course } from './course'
import { triedLinks } from './outside-link'
import { Paths } from './path'
import { publishedCourses } from './published'

/** Returns what the links of a draft can lead to: the academy's pages, and what is known about outside links. */
export async function around({ slug, draft }: Pick<Course, 'slug' | 'draft'>): Promise<Around> {
  const [published, all, paths, outside, lists, embeds] = await Promise.all([
    publishedCourses(),
    Courses.find({}, { slug: 1 }),
    Paths.published(),
    triedLinks(draft),
    readLists(),
    readEmbedList(),
  ])
  const courses = new Map<string, ReturnType<typeof lessonsOf> | null>([
    ...all.map(course => [course.slug, null] as const),
    ...published.map(course => [course.slug, course.lessons] as const),
    // Once the draft is published, links to its own pages lead to its own lessons.
    [slug, lessonsOf(draft)],
  ])
  return { pages: { courses, paths: new Set(paths.map(path => path.id)) }, outside, lists, embeds }
}

/** Returns the findings about a draft as it is now (see check-course.ts). */
export async function checkDraft(course: Pick<Course, 'slug' | 'draft'>): Promise<Finding[]> {
  return checkCourse(course.draft, now(), await around(course))
}
