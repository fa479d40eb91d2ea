import { entryId, entryOf, type CatalogueLists, type ListName } from '../courses/catalogue-lists'
import type { Published } from '../courses/published'

export const facetNames = [
  'role',
  'topic',
  'format',
  'length',
  'level',
  'price',
  'language',
  'instructor',
] as const
export type FacetName = (typeof facetNames)[number]
export type Chosen = Record<FacetName, string[]>
export type Facet = { value: string; count: number; chosen: boolean }
type Values = Record<FacetName, string[]>

/** The filters whose values are lists of the academy's own. */
export const listOfFacet: Partial<Record<FacetName, ListName>> = {
  role: 'audiences',
  topic: 'topics',
  level: 'levels',
}
/** The values of the others in their order; those of languages and instructors come from the courses. */
const fixedValues: Partial<Record<FacetName, readonly string[]>> = {
  format: ['video', 'audio', 'tour', 'quiz'],
  length: ['short', 'medium', 'long'],
  price: ['free', 'paid'],
}

/** More instructors than these aren't listed; the search finds the others. */
const maxInstructors = 12

const known = new WeakMap<Published, { lists: CatalogueLists; values: Values }>()

/** Returns the values that a course has in each group. A course matches when it has a chosen value of every group. */
function valuesOf(course: Published, lists: CatalogueLists): Values {
  const cached = known.get(course)
  if (cached?.lists === lists) return cached.values
  const { content, minutes, lessons } = course
  const id = (list: ListName, value: string) => entryOf(lists[list], value)?.id ?? []
  const values: Values = {
    role: content.audiences.flatMap(value => id('audiences', value)),
    topic: [id('topics', content.topic)].flat(),
    format: fixedValues.format!.filter(kind => lessons.some(lesson => lesson.kind === kind)),
    length: [minutes < 45 ? 'short' : minutes <= 90 ? 'medium' : 'long'],
    level: [id('levels', content.level)].flat(),
    price: [content.price ? 'paid' : 'free'],
    language: [content.language],
    instructor: content.authors.map(({ name }) => name),
  }
  known.set(course, { lists, values })
  return values
}

const eachFacet = <Value>(valueOf: (name: FacetName) => Value) =>
  Object.fromEntries(facetNames.map(name => [name, valueOf(name)])) as Record<FacetName, Value>

/**
 * Reads the chosen values from the query string, such as `?level=beginner&level=advanced`; ignores nested values. An
 * alias, in an older link, stands for the entry it was merged into.
 */
export function readFacets(query: Record<string, unknown>, lists: CatalogueLists): Chosen {
  return eachFacet(name => {
    const list = listOfFacet[name]
    const values = [query[name]]
      .flat()
      .filter(value => typeof value === 'string')
      .map(value => (list ? entryId(lists[list], value) : value))
    return [...new Set(values)]
  })
}

export function isChosen(chosen: Chosen): boolean {
  return facetNames.some(name => chosen[name].length > 0)
}

/** Returns the courses that match the filters; `except` ignores one group. */
export function narrow(
  courses: Published[],
  chosen: Chosen,
  lists: CatalogueLists,
  except?: FacetName,
): Published[] {
  const names = facetNames.filter(name => name !== except && chosen[name].length > 0)
  if (!names.length) return courses
  return courses.filter(course => {
    const values = valuesOf(course, lists)
    return names.every(name => values[name].some(value => chosen[name].includes(value)))
  })
}

/**
 * Returns each group's values with the number of courses a value would show, given the choices in the other groups.
 * Values that would show none are left out, unless they are chosen.
 */
export function countFacets(
  courses: Published[],
  chosen: Chosen,
  lists: CatalogueLists,
): Record<FacetName, Facet[]> {
  return eachFacet(name => {
    const counts = new Map<string, number>()
    for (const course of narrow(courses, chosen, lists, name)) {
      for (const value of valuesOf(course, lists)[name]) counts.set(value, (counts.get(value) ?? 0) + 1)
    }
    return orderOf(name, counts, lists)
      .concat(chosen[name].filter(value => !counts.has(value) && isKnown(name, value, courses, lists)))
      .map(value => ({ value, count: counts.get(value) ?? 0, chosen: chosen[name].includes(value) }))
  })
}

/** Whether a chosen value exists at all: a link may name anything. */
function isKnown(name: FacetName, value: string, courses: Published[], lists: CatalogueLists): boolean {
  const list = listOfFacet[name]
  if (list) return entryOf(lists[list], value) !== undefined
  return (
    fixedValues[name]?.includes(value) ??
    courses.some(course => valuesOf(course, lists)[name].includes(value))
  )
}

/** Returns the values that were counted, in the order of their list, or the most frequent first. */
function orderOf(name: FacetName, counts: ReadonlyMap<string, number>, lists: CatalogueLists): string[] {
  const list = listOfFacet[name]
  const order = list ? lists[list].map(({ id }) => id) : fixedValues[name]
  if (order) return order.filter(value => counts.has(value))
  return [...counts]
    .sort(([a, m], [b, n]) => n - m || a.localeCompare(b))
    .slice(0, maxInstructors)
    .map(([value]) => value)
}
