import { defineRecord, nullable, number, oneOf, optional, string, withDefault } from '../platform/record'
import { sources, type Source } from './source'

/**
 * Number of visits that began on a day, by source and brand: all of them, and those that opened a page of each course.
 * Contains nothing about individual visitors.
 */
export const VisitDays = defineRecord(
  'VisitDay',
  'visit_days',
  {
    /** `day|source|course`, and `|brand`. */
    _id: string(),
    /** UTC, `YYYY-MM-DD`. */
    day: string(),
    source: oneOf(sources),
    /** Slug of the course whose pages they opened; null for the number of all visits. */
    course: nullable(string()),
    /** The brand that was visited; missing for the default one, in visits from before there were others. */
    brand: optional(string()),
    visits: withDefault(number(), 0),
  },
  { indexes: [[{ day: 1 }]] },
)

/** Counts a visit, either in total or as one that opened a page of a course. */
export async function countVisit(
  at: Date,
  source: Source,
  course: string | null,
  brand?: string,
): Promise<void> {
  const day = at.toISOString().slice(0, 10)
  await VisitDays.update(
    { _id: [day, source, course ?? '', ...(brand ? [brand] : [])].join('|') },
    { $setOnInsert: { day, source, course, ...(brand && { brand }) }, $inc: { visits: 1 } },
    { upsert: true },
  )
}
