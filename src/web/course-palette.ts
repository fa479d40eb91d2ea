import type { ShownBrand } from '../brand/brand'
import { catalogueLists, entryId, type CatalogueLists } from '../courses/catalogue-lists'
import { publishedCourses, type Published } from '../courses/published'
import { palettesOf, type Palette } from './charts/cover'

const orders = new WeakMap<Published[], Published[]>()
type Palettes = { lists: CatalogueLists; bySlug: ReadonlyMap<string, Palette> }
const palettes = new WeakMap<Published[], Palettes>()

/** Courses in the catalogue's order, newest first; sorted once for each list that is read. */
export function newestFirst(courses: Published[]): Published[] {
  const known = orders.get(courses)
  if (known) return known
  const ordered = [...courses].sort((a, b) => b.publishedAt.getTime() - a.publishedAt.getTime())
  orders.set(courses, ordered)
  return ordered
}

/** How covers are shown: the palette of a drawn one, and whether the brand draws them all. */
export type CourseLook = { palette: Palette | undefined; isDrawn: boolean }
export type CourseLooks = (slug: string) => CourseLook

/** Returns how a brand shows the covers of its courses. */
export async function courseLooks({ content }: ShownBrand): Promise<CourseLooks> {
  const bySlug = await coursePalettes()
  return slug => ({ palette: bySlug.get(slug), isDrawn: content.covers === 'drawn' })
}

/**
 * The cover palette of each published course, by slug. Palettes are chosen across the whole catalogue, where neighbours
 * must differ, and stay the same on every other page: people recognise a course by its cover.
 */
export async function coursePalettes(): Promise<ReadonlyMap<string, Palette>> {
  const [courses, lists] = await Promise.all([publishedCourses(), catalogueLists()])
  const known = palettes.get(courses)
  if (known?.lists === lists) return known.bySlug
  const ordered = newestFirst(courses)
  const topicOf = (value: string) => entryId(lists.topics, value)
  const chosen = palettesOf(ordered.map(course => topicOf(course.content.topic)))
  const bySlug = new Map(ordered.map((course, n) => [course.slug, chosen[n]!]))
  palettes.set(courses, { lists, bySlug })
  return bySlug
}
