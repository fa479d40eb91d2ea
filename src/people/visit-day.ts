import { model, Schema } from 'mongoose'
import type { Touch } from './person'
import { sourceOf } from './source'

/** Number of visits that began on a day, by source and first course. Contains nothing about individual visitors. */
export type VisitDay = {
  /** `day|source|course`. */
  _id: string
  /** UTC, `YYYY-MM-DD`. */
  day: string
  /** A `Source` (source.ts). */
  source: string
  /** Slug of the course whose page came first; null for any other page. */
  course: string | null
  visits: number
}

const schema = new Schema<VisitDay>(
  {
    _id: { type: String, required: true },
    day: { type: String, required: true },
    source: { type: String, required: true },
    course: { type: String, default: null },
    visits: { type: Number, default: 0 },
  },
  { versionKey: false },
)
schema.index({ day: 1 })

export const VisitDays = model<VisitDay>('VisitDay', schema, 'visit_days')

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
