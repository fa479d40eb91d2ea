import {
  date,
  defineRecord,
  free,
  list,
  nullable,
  number,
  objectId,
  oneOf,
  optional,
  string,
  type RecordOf,
} from '../platform/record'
import type { Contribution } from './rules'

/** A score and all its contributions at a change of grade or at a hand-off. Never updated. */
export const Snapshots = defineRecord(
  'Snapshot',
  'score_snapshots',
  {
    /** The id of the hand-off event, or `person:ledgerVersion:grade` for a change of grade. */
    _id: string(),
    person: objectId(),
    at: date(),
    kind: oneOf(['band', 'hand-off']),
    grade: string(),
    before: nullable(string()),
    engagement: number(),
    fit: number(),
    model: number(),
    contributions: list(free<Contribution>()),
    /** Of everything above; see score-seal.ts. */
    seal: optional(string()),
  },
  { indexes: [[{ person: 1, at: -1 }]] },
)
export type Snapshot = RecordOf<typeof Snapshots>
