import type { ShownBrand } from '../brand/brand'
import { entryId } from '../courses/catalogue-lists'
import type { Published } from '../courses/published'
import { coursesOf } from '../courses/shown-courses'
import type { AnyVisitor } from '../courses/viewer'
import { finishedTogether } from '../learning/finished-together'
import type { Person } from '../people/person'
import { NeedsAssessments } from '../signals/needs-content'
import type { Texts } from '../web/texts'
import type { LearnerCourse } from './learner-courses'
import { needsOf } from './needs-questions'
import { pathSummaries } from './stats'

/** A course to take next, and why in one line. */
export type Recommendation = { course: Published; reason: string }

/** How many finished courses are asked for what others took after them. */
const maxFinished = 3

/**
 * Returns what a person may take next, the best reason first: the next course of the path that their needs assessment
 * led to, or that they have begun, what people who finished the same course finished too, what the course's
 * author names, what is for their role, and more on a topic. Never what they have begun.
 *
 * @param learned the courses that the person has begun, the latest first.
 * @param after the course that was just finished; its reasons come first.
 */
export async function recommendationsFor(
  texts: Texts,
  brand: ShownBrand,
  person: Pick<Person, 'needsAssessment'> & NonNullable<AnyVisitor>,
  learned: readonly LearnerCourse[],
  limit: number,
  after?: Published,
): Promise<Recommendation[]> {
  const begun = new Set(learned.map(({ published }) => String(published.course)))
  const finished = learned.filter(({ state }) => state === 'completed').map(({ published }) => published)
  const recent = [...(after ? [after] : []), ...finished.filter(each => !after?.course.equals(each.course))]
  const courses = (await coursesOf(brand, person)).filter(({ course }) => !begun.has(String(course)))
  const found = new Map<Published, string>()
  const reasons = [
    () => fromPaths(texts, brand, person, begun, recent),
    () => fromOthers(texts, courses, recent.slice(0, maxFinished)),
    () => fromAuthors(texts, courses, recent),
    () => fromNeeds(texts, brand, person, courses),
    () => fromTopics(texts, courses, recent),
  ]
  for (const read of reasons) {
    for (const { course, reason } of await read()) if (!found.has(course)) found.set(course, reason)
    if (found.size >= limit) break
  }
  return [...found].slice(0, limit).map(([course, reason]) => ({ course, reason }))
}

/** The next course of the suggested path, then of each path with one of the latest courses. */
async function fromPaths(
  { t }: Texts,
  brand: ShownBrand,
  person: Pick<Person, 'needsAssessment'> & NonNullable<AnyVisitor>,
  begun: ReadonlySet<string>,
  recent: readonly Published[],
): Promise<Recommendation[]> {
  const paths = await pathSummaries(brand, person)
  const nextOf = (path: (typeof paths)[number], key: 'path' | 'suggestedPath') => {
    const course = path.courses.find(each => !begun.has(String(each.course)))
    return course ? [{ course, reason: t(`academy:reasons.${key}`, { path: path.title }) }] : []
  }
  const isIn = (path: (typeof paths)[number], course: Published) =>
    path.courses.some(each => each.course.equals(course.course))
  return [
    ...paths
      .filter(({ slug }) => slug === person.needsAssessment?.path)
      .flatMap(path => nextOf(path, 'suggestedPath')),
    ...recent.flatMap(course =>
      paths.filter(path => isIn(path, course)).flatMap(path => nextOf(path, 'path')),
    ),
  ]
}

async function fromOthers(
  { t }: Texts,
  courses: readonly Published[],
  recent: readonly Published[],
): Promise<Recommendation[]> {
  const found: (Recommendation & { count: number })[] = []
  for (const finished of recent) {
    const counts = await finishedTogether(finished.course)
    for (const course of courses) {
      const count = counts.get(String(course.course))
      if (!count) continue
      const reason = t('academy:reasons.others', { count, title: finished.content.title })
      found.push({ course, reason, count })
    }
  }
  return found.sort((a, b) => b.count - a.count)
}

function fromAuthors(
  { t }: Texts,
  courses: readonly Published[],
  recent: readonly Published[],
): Recommendation[] {
  return recent.flatMap(({ content }) =>
    content.related.flatMap(slug => {
      const course = courses.find(each => each.slug === slug)
      return course ? [{ course, reason: t('academy:reasons.author', { title: content.title }) }] : []
    }),
  )
}

/** What is for a role that the person named in the needs assessment, then what is about a topic that they want. */
async function fromNeeds(
  { t, lists, listName, within }: Texts,
  brand: ShownBrand,
  { needsAssessment }: Pick<Person, 'needsAssessment'>,
  courses: readonly Published[],
): Promise<Recommendation[]> {
  const content = needsAssessment && (await NeedsAssessments.shownAt(brand))
  if (!content) return []
  const { audiences, topics } = needsOf(content, needsAssessment.answers)
  const forRole = audiences.flatMap(role =>
    courses
      .filter(each => each.content.audiences.some(value => entryId(lists.audiences, value) === role))
      .map(course => {
        const reason = t('academy:reasons.role', { role: within(listName('audiences', role)) })
        return { course, reason }
      }),
  )
  const wanted = topics.flatMap(topic =>
    courses
      .filter(each => entryId(lists.topics, each.content.topic) === topic)
      .map(course => {
        const reason = t('academy:reasons.wanted', { topic: within(listName('topics', topic)) })
        return { course, reason }
      }),
  )
  return [...forRole, ...wanted]
}

function fromTopics(
  { t, lists, listName, within }: Texts,
  courses: readonly Published[],
  recent: readonly Published[],
): Recommendation[] {
  return recent.flatMap(({ content }) => {
    const topic = entryId(lists.topics, content.topic)
    const reason = t('academy:reasons.topic', { topic: within(listName('topics', topic)) })
    return courses
      .filter(each => entryId(lists.topics, each.content.topic) === topic)
      .map(course => ({ course, reason }))
  })
}
