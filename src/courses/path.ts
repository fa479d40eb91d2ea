import { defineRecord, list, string, type RecordOf } from '../platform/record'

/** A learning path: courses for one goal, in the order to take them. */
export const Paths = defineRecord(
  'Path',
  'paths',
  {
    slug: string(),
    title: string(),
    /** Who it's for, such as "Sales". */
    audience: string(),
    summary: string(),
    /** Slugs of the courses, in order. Pages leave out courses that aren't published. */
    courses: list(string()),
  },
  { indexes: [[{ slug: 1 }, { unique: true }]] },
)
export type Path = RecordOf<typeof Paths>
