import type { Request } from 'express'
import { days, later, now } from '../platform/clock'
import { publishedCourses, type Published } from '../courses/published'
import { parametersOf } from '../web/parameters'
import { countFunnel, sumOf, type FunnelCounts, type Period } from './count-funnel'

/** The periods to choose from, in days. */
export const periods = { '30': 30, '90': 90, '365': 365 } as const

export type FunnelQuery = {
  period: Period
  span: keyof typeof periods
  by: 'source' | 'course'
  course?: Published
}

/** A row of the table; `key` is a source or the slug of a course, and `name` is a source or the title of a course. */
export type NamedCounts = { key: string; name: string; counts: FunnelCounts }

/** Reads the query string; anything unknown falls back to 90 days, by source, all courses. */
export async function readQuery(request: Request): Promise<{ query: FunnelQuery; courses: Published[] }> {
  const courses = await publishedCourses()
  const parameters = parametersOf(request)
  const span = isSpan(parameters.span) ? parameters.span : '90'
  const query: FunnelQuery = {
    period: { from: later(now(), -days(periods[span])), to: now() },
    span,
    by: parameters.by === 'course' ? 'course' : 'source',
    course: courses.find(({ slug }) => slug === parameters.course),
  }
  return { query, courses }
}

function isSpan(value: string | undefined): value is FunnelQuery['span'] {
  return value !== undefined && Object.hasOwn(periods, value)
}

/** Returns the rows of the table: by source, or by course with the most enrolments first; only the chosen course. */
export async function readRows(
  { period, by, course }: FunnelQuery,
  courses: Published[],
): Promise<NamedCounts[]> {
  if (by === 'source') {
    return (await countFunnel(period, course)).map(row => ({
      key: row.source,
      name: row.source,
      counts: row,
    }))
  }
  const rows = await Promise.all(
    (course ? [course] : courses).map(async each => ({
      key: each.slug,
      name: each.content.title,
      counts: sumOf(await countFunnel(period, each)),
    })),
  )
  return rows.sort((a, b) => b.counts.enrolled - a.counts.enrolled)
}
