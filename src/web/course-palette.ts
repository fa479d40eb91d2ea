import { publishedCourses, type Published } from '../courses/published'
import { palettesOf, type Palette } from './charts/cover'

const orders = new WeakMap<Published[], Published[]>()
const palettes = new WeakMap<Published[], ReadonlyMap<string, Palette>>()

/** Courses in the catalogue's order; sorted once per reading of the list. */
export function newestFirst(courses: Published[]): Published[] {
  const known = orders.get(courses)
  if (known) return known
  const ordered = [...courses].sort((a, b) => b.publishedAt.getTime() - a.publishedAt.getTime())
  orders.set(courses, ordered)
  return ordered
}

/**
 * The floor of each open course's cover, by slug. It is given out over the whole catalogue, where neighbours have to differ, and
 * stays the same on every other page: people know a course by its cover.
 */
export async function coursePalettes(): Promise<ReadonlyMap<string, Palette>> {
  const courses = await publishedCourses()
  const known = palettes.get(courses)
  if (known) return known
  const ordered = newestFirst(courses)
  const given = palettesOf(ordered.map(course => course.content.topic))
  const bySlug = new Map(ordered.map((course, n) => [course.slug, given[n]!]))
  palettes.set(courses, bySlug)
  return bySlug
}
