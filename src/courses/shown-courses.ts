import { otherBrands, type ShownBrand } from '../brand/brand'
import { catalogueLists, entryId, type CatalogueLists } from './catalogue-lists'
import { Paths, type PublishedPath } from './path'
import { publishedCourses, type Published } from './published'

type Slice = ShownBrand['content']['courses']

/** The courses of each slice, for one set of published courses and one state of the lists. */
const slices = new WeakMap<Published[], Map<string, Published[]>>()

/**
 * Returns the published courses that a brand shows, by title: all of them, or those of its topics and those that it
 * names. Catalogue, search, paths, sitemap, enrolment and everything else that a visitor sees begins here. The array is
 * the same one as long as neither the published courses nor the brand's choice change.
 */
export async function coursesOf({ content }: Pick<ShownBrand, 'content'>): Promise<Published[]> {
  const all = await publishedCourses()
  const slice = content.courses
  if (!slice) return all
  const lists = await catalogueLists()
  const made = slices.get(all) ?? new Map<string, Published[]>()
  slices.set(all, made)
  const key = `${lists.number} ${JSON.stringify(slice)}`
  const shown = made.get(key) ?? all.filter(course => isIn(slice, course, lists))
  made.set(key, shown)
  return shown
}

/** Returns the revision that new learners of a course get at a brand; undefined when it isn't shown there. */
export async function shownCourse(brand: ShownBrand, slug: string): Promise<Published | undefined> {
  return (await coursesOf(brand)).find(course => course.slug === slug)
}

/**
 * Returns the published learning paths that a brand shows: those with a published course, whose published courses it
 * shows all. A path that leads on into another brand's catalogue isn't one of its own.
 */
export async function shownPaths(brand: Pick<ShownBrand, 'content'>): Promise<PublishedPath[]> {
  const [paths, all, shown] = await Promise.all([Paths.published(), publishedCourses(), coursesOf(brand)])
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
    const shown = new Set((await coursesOf(brand)).map(({ slug }) => slug))
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
  const contents = (await coursesOf(brand)).map(({ content }) => content)
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

/** A topic that was merged into another, or is called by an alias, counts as that one. */
function isIn(slice: Slice, { slug, content }: Published, { topics }: CatalogueLists): boolean {
  if (!slice || slice.slugs.includes(slug)) return true
  const topic = entryId(topics, content.topic)
  return slice.topics.some(each => entryId(topics, each) === topic)
}
