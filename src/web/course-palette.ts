import type { ShownBrand } from '../brand/brand'
import { catalogueLists, entryId, type CatalogueLists } from '../courses/catalogue-lists'
import { inCatalogueOrder } from '../courses/catalogue-order'
import { publishedCourses, type Published } from '../courses/published'
import { remembered } from '../platform/cached'
import { palettesOf, type Palette } from './charts/cover'

type Palettes = { lists: CatalogueLists; ordered: Published[]; bySlug: ReadonlyMap<string, Palette> }
const palettes = new WeakMap<Published[], Palettes>()

/** How covers are shown: the palette of a drawn one, and whether the brand draws them all. */
export type CourseLook = { palette: Palette | undefined; isDrawn: boolean }
export type CourseLooks = (slug: string) => CourseLook

/** Returns how a brand shows the covers of its courses: the same function as long as nothing of it changes. */
export async function courseLooks({ content }: ShownBrand): Promise<CourseLooks> {
  const bySlug = await coursePalettes()
  const isDrawn = content.covers === 'drawn'
  return rememberedLooks(bySlug, '', [isDrawn], () => slug => ({ palette: bySlug.get(slug), isDrawn }))
}

const rememberedLooks = remembered<CourseLooks>()

/**
 * The cover palette of each published course, by slug. Palettes are chosen across the whole catalogue, where neighbours
 * must differ, and stay the same on every other page: people recognise a course by its cover.
 */
async function coursePalettes(): Promise<ReadonlyMap<string, Palette>> {
  const [courses, lists] = await Promise.all([publishedCourses(), catalogueLists()])
  const ordered = await inCatalogueOrder(courses)
  const known = palettes.get(courses)
  if (known?.lists === lists && known.ordered === ordered) return known.bySlug
  const topicOf = (value: string) => entryId(lists.topics, value)
  const chosen = palettesOf(ordered.map(course => topicOf(course.content.topic)))
  const bySlug = new Map(ordered.map((course, n) => [course.slug, chosen[n]!]))
  palettes.set(courses, { lists, ordered, bySlug })
  return bySlug
}
