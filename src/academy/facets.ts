import { entryId, entryOf, type CatalogueLists, type ListName } from '../courses/catalogue-lists'
import type { Published } from '../courses/published'

export const facetNames = ['role', 'topic', 'length', 'level', 'price'] as const
export type FacetName = (typeof facetNames)[number]
export type Chosen = Record<FacetName, string[]>
export type Facet = { value: string; count: number; chosen: boolean }

/** The filters whose values are lists of the academy's own. */
export const listOfFacet: Partial<Record<FacetName, ListName>> = {
  role: 'audiences',
  topic: 'topics',
  level: 'levels',
}
const fixedValues: Partial<Record<FacetName, readonly string[]>> = {
  length: ['short', 'medium', 'long'],
  price: ['free', 'paid'],
}

/** Returns the values that a course has in each group. A course matches when it has a chosen value of every group. */
function valuesOf({ content, minutes }: Published, lists: CatalogueLists): Record<FacetName, string[]> {
  const id = (list: ListName, value: string) => entryOf(lists[list], value)?.id ?? []
  return {
    role: content.audiences.flatMap(value => id('audiences', value)),
    topic: [id('topics', content.topic)].flat(),
    length: [minutes < 45 ? 'short' : minutes <= 90 ? 'medium' : 'long'],
    level: [id('levels', content.level)].flat(),
    price: [content.price ? 'paid' : 'free'],
  }
}

/**
 * Reads the chosen values from the query string, such as `?level=beginner&level=advanced`; ignores nested values. An
 * alias, in an older link, stands for the entry it was merged into.
 */
export function readFacets(query: Record<string, unknown>, lists: CatalogueLists): Chosen {
  const chosen = (name: FacetName) => {
    const list = listOfFacet[name]
    return [query[name]]
      .flat()
      .filter(value => typeof value === 'string')
      .map(value => (list ? entryId(lists[list], value) : value))
  }
  return {
    role: chosen('role'),
    topic: chosen('topic'),
    length: chosen('length'),
    level: chosen('level'),
    price: chosen('price'),
  }
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
  if (!isChosen(chosen)) return courses
  return courses.filter(course => {
    const values = valuesOf(course, lists)
    return facetNames.every(
      name =>
        name === except || !chosen[name].length || values[name].some(value => chosen[name].includes(value)),
    )
  })
}

/**
 * Returns each group's values with the number of courses a value would show, given the choices in the other groups.
 * Topics, audiences and levels that no course has are left out.
 */
export function countFacets(
  courses: Published[],
  chosen: Chosen,
  lists: CatalogueLists,
): Record<FacetName, Facet[]> {
  const values = new Map(courses.map(course => [course, valuesOf(course, lists)]))
  const used = (name: FacetName) => new Set([...values.values()].flatMap(each => each[name]))
  const count = (name: FacetName): Facet[] => {
    const others = narrow(courses, chosen, lists, name)
    const list = listOfFacet[name]
    const shown = list
      ? lists[list].map(({ id }) => id).filter(id => used(name).has(id) || chosen[name].includes(id))
      : (fixedValues[name] ?? [])
    return shown.map(value => ({
      value,
      count: others.filter(course => values.get(course)![name].includes(value)).length,
      chosen: chosen[name].includes(value),
    }))
  }
  return {
    role: count('role'),
    topic: count('topic'),
    length: count('length'),
    level: count('level'),
    price: count('price'),
  }
}
