import { levels } from '../courses/course'
import type { Published } from '../courses/published'

/** What the catalogue can be narrowed by, and what of it was chosen. Within a group any choice will do, the groups all must. */
const groups = {
  work: audienceOf,
  time: (course: Published) => (course.minutes < 45 ? 'short' : course.minutes <= 90 ? 'medium' : 'long'),
  level: (course: Published) => course.content.level,
  price: (course: Published) => (course.content.price ? 'paid' : 'free'),
} as const

export type FacetName = keyof typeof groups
export type Chosen = Record<FacetName, string[]>
export type Facet = { value: string; label: string | null; count: number; chosen: boolean }

const fixed: Record<Exclude<FacetName, 'work'>, readonly string[]> = {
  time: ['short', 'medium', 'long'],
  level: levels,
  price: ['free', 'paid'],
}
const names = Object.keys(groups) as FacetName[]

/** What was chosen in the address, `?level=beginner&level=advanced`. What is no text is left out. */
export function readFacets(query: Record<string, unknown>): Chosen {
  const chosen = (name: FacetName) => [query[name]].flat().filter(value => typeof value === 'string')
  return { work: chosen('work'), time: chosen('time'), level: chosen('level'), price: chosen('price') }
}

export function isChosen(chosen: Chosen): boolean {
  return names.some(name => chosen[name].length > 0)
}

/** The courses that fit all groups in which something was chosen; `except` leaves one group out of it. */
export function narrow(courses: Published[], chosen: Chosen, except?: FacetName): Published[] {
  return courses.filter(course =>
    names.every(
      name => name === except || !chosen[name].length || chosen[name].includes(groups[name](course)),
    ),
  )
}

/** Each group with its values, and how many courses a value would show beside the choices in the other groups. */
export function countFacets(courses: Published[], chosen: Chosen): Record<FacetName, Facet[]> {
  const count = (name: FacetName, values: { value: string; label: string | null }[]): Facet[] => {
    const others = narrow(courses, chosen, name)
    return values.map(({ value, label }) => ({
      value,
      label,
      count: others.filter(course => groups[name](course) === value).length,
      chosen: chosen[name].includes(value),
    }))
  }
  const audiences = [...new Set(courses.map(course => course.content.audience))].sort()
  const plain = (name: Exclude<FacetName, 'work'>) => fixed[name].map(value => ({ value, label: null }))
  return {
    work: count(
      'work',
      audiences.map(label => ({ value: slugOf(label), label })),
    ),
    time: count('time', plain('time')),
    level: count('level', plain('level')),
    price: count('price', plain('price')),
  }
}

/** For whom a course is, as the address says it: `L&D` is `l-d`. */
export function audienceOf(course: Published): string {
  return slugOf(course.content.audience)
}

function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
}
