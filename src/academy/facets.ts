import { levels } from '../courses/course'
import type { Published } from '../courses/published'

/** The filters of the catalogue. A course matches when it matches any chosen value of every group. */
const groups = {
  role: audienceOf,
  length: (course: Published) => (course.minutes < 45 ? 'short' : course.minutes <= 90 ? 'medium' : 'long'),
  level: (course: Published) => course.content.level,
  price: (course: Published) => (course.content.price ? 'paid' : 'free'),
} as const

export type FacetName = keyof typeof groups
export type Chosen = Record<FacetName, string[]>
export type Facet = { value: string; label: string | null; count: number; chosen: boolean }

const fixedValues: Record<Exclude<FacetName, 'role'>, readonly string[]> = {
  length: ['short', 'medium', 'long'],
  level: levels,
  price: ['free', 'paid'],
}
const names = Object.keys(groups) as FacetName[]

/** Reads the chosen values from the query string, such as `?level=beginner&level=advanced`; ignores nested values. */
export function readFacets(query: Record<string, unknown>): Chosen {
  const chosen = (name: FacetName) => [query[name]].flat().filter(value => typeof value === 'string')
  return { role: chosen('role'), length: chosen('length'), level: chosen('level'), price: chosen('price') }
}

export function isChosen(chosen: Chosen): boolean {
  return names.some(name => chosen[name].length > 0)
}

/** Returns the courses that match the filters; `except` ignores one group. */
export function narrow(courses: Published[], chosen: Chosen, except?: FacetName): Published[] {
  return courses.filter(course =>
    names.every(
      name => name === except || !chosen[name].length || chosen[name].includes(groups[name](course)),
    ),
  )
}

/** Returns each group's values with the number of courses a value would show, given the choices in the other groups. */
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
  const fixed = (name: Exclude<FacetName, 'role'>) => fixedValues[name].map(value => ({ value, label: null }))
  return {
    role: count(
      'role',
      audiences.map(label => ({ value: slugOf(label), label })),
    ),
    length: count('length', fixed('length')),
    level: count('level', fixed('level')),
    price: count('price', fixed('price')),
  }
}

/** Returns the audience of a course as the query string spells it: `L&D` becomes `l-d`. */
export function audienceOf(course: Published): string {
  return slugOf(course.content.audience)
}

function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
}
