import type { Request } from 'express'
import { brandChoices, peopleAt } from '../brand/brand'
import { days, later, now } from '../platform/clock'
import { publishedCourses, type Published } from '../courses/published'
import { parametersOf } from '../web/parameters'
import { countFunnel, sumOf, type FunnelCounts, type Scope } from './count-funnel'

/** The periods to choose from, in days. */
export const periods = { '30': 30, '90': 90, '365': 365 } as const

export type FunnelQuery = Scope & {
  span: keyof typeof periods
  by: 'source' | 'course'
  /** The brand whose people are counted; undefined for all. */
  brand?: Brand
}

/** A brand to choose, as the team reads its name. */
type Brand = { id: string; name: string }
/** What a query chooses from. There is no choice of brands while there is only one. */
export type FunnelChoices = { courses: Published[]; brands: Brand[] }

/** A row of the table; `key` is a source or the slug of a course, and `name` is a source or the title of a course. */
export type NamedCounts = { key: string; name: string; counts: FunnelCounts }

/** Reads the query string; anything unknown falls back to 90 days, by source, all courses, all brands. */
export async function readQuery(request: Request): Promise<{ query: FunnelQuery } & FunnelChoices> {
  const [courses, brands] = await Promise.all([publishedCourses(), brandChoices()])
  const parameters = parametersOf(request)
  const span = isSpan(parameters.span) ? parameters.span : '90'
  const query: FunnelQuery = {
    period: { from: later(now(), -days(periods[span])), to: now() },
    span,
    by: parameters.by === 'course' ? 'course' : 'source',
    course: courses.find(({ slug }) => slug === parameters.course),
  }
  const brand = brands.find(({ id }) => id === parameters.brand)
  return { query: brand ? await withBrand(query, brand) : query, courses, brands }
}

/** Returns a query about the people of one brand. */
export async function withBrand(query: FunnelQuery, brand: Brand): Promise<FunnelQuery> {
  return { ...query, brand, brands: await peopleAt(brand.id) }
}

function isSpan(value: string | undefined): value is FunnelQuery['span'] {
  return value !== undefined && Object.hasOwn(periods, value)
}

/** Returns the rows of the table: by source, or by course with the most enrolments first; only the chosen course. */
export async function readRows(query: FunnelQuery, courses: Published[]): Promise<NamedCounts[]> {
  const { by, course } = query
  if (by === 'source') {
    return (await countFunnel(query)).map(row => ({
      key: row.source,
      name: row.source,
      counts: row,
    }))
  }
  const rows = await Promise.all(
    (course ? [course] : courses).map(async each => ({
      key: each.slug,
      name: each.content.title,
      counts: sumOf(await countFunnel({ ...query, course: each })),
    })),
  )
  return rows.sort((a, b) => b.counts.enrolled - a.counts.enrolled)
}
