import {
  date,
  defineRecord,
  free,
  nullable,
  number,
  objectId,
  optional,
  string,
  type RecordOf,
} from '../platform/record'
import type { CourseContent } from './course'

/** A published version of a course. It never changes, and learners in progress stay on theirs. */
export const Revisions = defineRecord(
  'Revision',
  'revisions',
  {
    course: objectId(),
    slug: string(),
    /** 1, 2, 3… within the course. */
    number: number(),
    /** The `draftNumber` of the draft it was made from. */
    draftNumber: number(),
    content: free<CourseContent>(),
    publishedAt: date(),
    publishedBy: nullable(objectId()),
    /** What changed, for learners of an older version. */
    note: optional(string()),
    /** Who approved the draft it was made from. */
    approvedBy: optional(objectId()),
  },
  { indexes: [[{ course: 1, number: -1 }, { unique: true }]] },
)
export type Revision = RecordOf<typeof Revisions>
