import type { ShownBrand } from '../brand/brand'
import { coursesOf, shownPaths } from '../courses/shown-courses'
import type { Published } from '../courses/published'
import { Enrolments, type Enrolment } from '../learning/enrolment'
import { courseLooks } from '../web/course-palette'
import type { Texts } from '../web/texts'
import { courseCard } from './course-card'

/**
 * Returns what to learn after a course, for those who have finished it: the next course of a learning path that it is
 * in, or else a related one; null when they have finished all of these.
 */
export async function nextCourseView(
  texts: Texts,
  brand: ShownBrand,
  { published, enrolment }: { published: Published; enrolment: Pick<Enrolment, 'person'> },
) {
  const { t } = texts
  const [shown, paths, finished] = await Promise.all([
    coursesOf(brand),
    shownPaths(brand),
    Enrolments.find({ person: enrolment.person, completedAt: { $ne: null } }, { course: 1 }),
  ])
  const isOpen = ({ course }: Published) => !finished.some(each => each.course.equals(course))
  const openOf = (slugs: readonly string[]) =>
    slugs.flatMap(slug => shown.find(course => course.slug === slug) ?? []).find(isOpen)
  const after = (courses: readonly string[]) => courses.slice(courses.indexOf(published.slug) + 1)
  for (const { content } of paths.filter(path => path.content.courses.includes(published.slug))) {
    const next = openOf(after(content.courses))
    if (next) return view(next, t('academy:attempt.nextInPath', { path: content.title }))
  }
  const related = openOf(published.content.related)
  return related ? view(related, t('academy:attempt.nextRelated')) : null

  async function view(course: Published, text: string) {
    const looks = await courseLooks(brand)
    return { ...courseCard(texts, course, looks(course.slug)), text }
  }
}
