import { defineRecord, nullable, number, oneOf, string, withDefault } from '../platform/record'
import type { Touch } from './person'
import { sourceOf, sources } from './source'

/** Number of visits that began on a day, by source and first course. Contains nothing about individual visitors. */
export const VisitDays = defineRecord(
  'VisitDay',
  'visit_days',
  {
    /** `day|source|course`. */
    _id: string(),
    /** UTC, `YYYY-MM-DD`. */
    day: string(),
    source: oneOf(sources),
    /** Slug of the course whose page came first; null for any other page. */
    course: nullable(string()),
    visits: withDefault(number(), 0),
  },
  { indexes: [[{ day: 1 }]] },
)

/** Counts a visit by its first touch. */
export async function countVisit(first: Touch): Promise<void> {
  const day = first.at.toISOString().slice(0, 10)
  const source = sourceOf(first)
  const course = /^\/courses\/([a-z0-9-]{1,80})(?:\/|$)/.exec(first.landing)?.[1] ?? null
  await VisitDays.updateOne(
    { _id: `${day}|${source}|${course ?? ''}` },
    { $setOnInsert: { day, source, course }, $inc: { visits: 1 } },
    { upsert: true },
  )
}
