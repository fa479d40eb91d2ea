import { LRUCache } from 'lru-cache'
import { otherBrands, type ShownBrand } from '../brand/brand'
import { catalogueLists, entryId, type CatalogueLists } from './catalogue-lists'
import { Paths, type PublishedPath } from './path'
import { publishedCourses, type Published } from './published'
import type { CourseInvitation } from './invitation'
import { viewerOf, type AnyVisitor } from './viewer'
import { isForEveryone, sees, seesLesson, type Viewer } from './visibility'

type Slice = ShownBrand['content']['courses']

/** The courses of each slice, for one set of published courses and one state of the lists. */
const slices = new WeakMap<Published[], Map<string, Published[]>>()

/**
 * Returns a brand's published courses by title, including those that some visitors can't see: all courses, or those of
 * its topics and those that it names. For pages of the team; visitors get `coursesOf`. The array stays the same until
 * the published courses or the brand's choice change.
 */
export async function everyCourseOf({ content }: Pick<ShownBrand, 'content'>): Promise<Published[]> {
  const all = await publishedCourses()
  const slice = content.courses
  if (!slice) return all
  const lists = await catalogueLists()
  const made = slices.get(all) ?? new Map<string, Published[]>()
  slices.set(all, made)
  const key = `${lists.number} ${nameOf(slice)}`
  const shown = made.get(key) ?? all.filter(course => isIn(slice, course, lists))
  made.set(key, shown)
  return shown
}

const sliceNames = new WeakMap<object, string>()

/** Written once for each slice, which several parts of every page ask for. */
function nameOf(slice: NonNullable<Slice>): string {
  const name = sliceNames.get(slice) ?? JSON.stringify(slice)
  sliceNames.set(slice, name)
  return name
}

/**
 * Returns the published courses that a brand shows to a visitor, by title, each without the lessons that don't exist
 * for them (see visibility.ts). Catalogue, search, paths, sitemap, enrolment and everything else that a visitor sees
 * begins here. The array is the same one for all visitors who see the same, as long as nothing is published.
 */
export async function coursesOf(
  brand: Pick<ShownBrand, 'content'>,
  visitor: AnyVisitor,
): Promise<Published[]> {
  return seenBy(visitor, await everyCourseOf(brand))
}

/** Returns the published courses of all brands that a visitor may see. */
export async function coursesFor(visitor: AnyVisitor): Promise<Published[]> {
  return seenBy(visitor, await publishedCourses())
}

/** Whether some visitors don't see a course, or not all of it. */
function isRestricted({ content, lessons }: Published): boolean {
  const { excludedCompanies = [] } = content
  return !isForEveryone(content) || excludedCompanies.length > 0 || lessons.some(each => each.visibility)
}

/** The sets of courses of which some are restricted. */
const restricted = new WeakMap<Published[], boolean>()

function hasRestricted(courses: Published[]): boolean {
  const known = restricted.get(courses) ?? courses.some(isRestricted)
  restricted.set(courses, known)
  return known
}

/** What visitors see of a set of courses, by what tells them apart. */
const views = new WeakMap<Published[], LRUCache<string, Published[]>>()
const maxViews = 100

async function seenBy(visitor: AnyVisitor, courses: Published[]): Promise<Published[]> {
  if (!hasRestricted(courses)) return courses
  const viewer = await viewerOf(visitor)
  const seen = courses.map(course => {
    const part = sees(viewer, course) ? partSeenBy(viewer, course) : null
    return part?.lessons.length || part === course ? part : null
  })
  const key = seen.map(course => (course ? `+${course.part ?? ''}` : '-')).join()
  const made = views.get(courses) ?? new LRUCache<string, Published[]>({ max: maxViews })
  views.set(courses, made)
  const view = made.get(key) ?? seen.filter(course => course !== null)
  made.set(key, view)
  return view
}

const parts = new WeakMap<Published, Map<string, Published>>()

/** Returns a course without the lessons that don't exist for a viewer; the same object when they all do. */
function partSeenBy(viewer: Viewer, course: Published): Published {
  const hidden = new Set(course.lessons.filter(each => !seesLesson(viewer, course, each)))
  if (!hidden.size) return course
  const part = [...hidden].map(({ slug }) => slug).join(' ')
  const made = parts.get(course) ?? new Map<string, Published>()
  parts.set(course, made)
  const known = made.get(part)
  if (known) return known
  const modules = course.content.modules
    .map(module => ({ ...module, lessons: module.lessons.filter(each => !hidden.has(each)) }))
    .filter((module, n) => module.lessons.length > 0 || !course.content.modules[n]!.lessons.length)
  const lessons = modules.flatMap(module => module.lessons)
  const minutes = lessons.reduce((sum, lesson) => sum + lesson.minutes, 0)
  const view = { ...course, content: { ...course.content, modules }, lessons, minutes, part }
  made.set(part, view)
  return view
}

/** Returns what a visitor sees of a revision that they are on. */
export async function shownLessonsOf(visitor: AnyVisitor, course: Published): Promise<Published> {
  return course.lessons.some(each => each.visibility) ? partSeenBy(await viewerOf(visitor), course) : course
}

/**
 * Returns the revision that a new learner of a course gets at a brand; undefined when it isn't shown there, or not to
 * them.
 */
export async function shownCourse(
  brand: ShownBrand,
  slug: string,
  visitor: AnyVisitor,
): Promise<Published | undefined> {
  return (await coursesOf(brand, visitor)).find(course => course.slug === slug)
}

/**
 * Returns the course that an invitation opens to a visitor; undefined when the brand doesn't have it, or it is kept
 * from the visitor's company.
 */
export async function courseOfInvitation(
  brand: ShownBrand,
  invitation: Pick<CourseInvitation, 'course'>,
  visitor: AnyVisitor,
): Promise<Published | undefined> {
  const published = (await everyCourseOf(brand)).find(({ course }) => course.equals(invitation.course))
  const viewer = { ...(await viewerOf(visitor)), invitedTo: new Set([String(invitation.course)]) }
  return published && sees(viewer, published) ? published : undefined
}

/**
 * Returns the published learning paths that a brand shows to a visitor: those with a published course, whose published
 * courses it shows them all. A path that leads on into another brand's catalogue isn't one of its own, and one with a
 * course that they may not see isn't there for them.
 */
export async function shownPaths(
  brand: Pick<ShownBrand, 'content'>,
  visitor: AnyVisitor,
): Promise<PublishedPath[]> {
  const [paths, all, shown] = await Promise.all([
    Paths.published(),
    publishedCourses(),
    coursesOf(brand, visitor),
  ])
  const published = new Set(all.map(({ slug }) => slug))
  const own = new Set(shown.map(({ slug }) => slug))
  return paths.filter(({ content }) => {
    const open = content.courses.filter(slug => published.has(slug))
    return open.length > 0 && open.every(slug => own.has(slug))
  })
}

/**
 * Returns the brand at which a page about these courses can be seen: the reader's own if it shows them all, or else
 * another published one; undefined when none does.
 */
export async function brandThatShows(
  slugs: readonly string[],
  here: ShownBrand,
): Promise<ShownBrand | undefined> {
  for (const brand of [here, ...(await otherBrands(here))]) {
    const shown = new Set((await everyCourseOf(brand)).map(({ slug }) => slug))
    if (slugs.length && slugs.every(slug => shown.has(slug))) return brand
  }
  return undefined
}

/** Returns the topics and audiences of a brand: those of its topics and of the courses that it shows. */
export async function listsOf(
  brand: Pick<ShownBrand, 'content'>,
  { topics, audiences }: CatalogueLists,
): Promise<Pick<CatalogueLists, 'topics' | 'audiences'>> {
  const slice = brand.content.courses
  if (!slice) return { topics, audiences }
  const contents = (await everyCourseOf(brand)).map(({ content }) => content)
  const used = {
    topics: [...slice.topics, ...contents.map(({ topic }) => topic)].map(each => entryId(topics, each)),
    audiences: contents.flatMap(content => content.audiences).map(each => entryId(audiences, each)),
  }
  return {
    topics: topics.filter(({ id }) => used.topics.includes(id)),
    audiences: audiences.filter(({ id }) => used.audiences.includes(id)),
  }
}

/**
 * Whether a brand shows a course, or what was its course when it was published: learners keep those that were
 * withdrawn.
 */
export async function shows({ content }: Pick<ShownBrand, 'content'>, course: Published): Promise<boolean> {
  return isIn(content.courses, course, await catalogueLists())
}

function isIn(slice: Slice, { slug, content }: Published, lists: CatalogueLists): boolean {
  return !slice || slice.slugs.includes(slug) || hasTopic(slice, content.topic, lists)
}

/**
 * Whether a part of the catalogue has a topic; one that was merged into another, or is called by an alias, counts as
 * that one.
 */
export function hasTopic(slice: Slice, topic: string, { topics }: CatalogueLists): boolean {
  return !slice || slice.topics.some(each => entryId(topics, each) === entryId(topics, topic))
}
