import { model, Schema, type Types } from 'mongoose'
import { dueIndex, queued, type Queued } from '../platform/queue'
import type { Group } from './model'
import type { PointsByRule } from './rules'

/** A reason in words: a translation key below `sales:headline.` (or as documented where it is used), and its values. */
export type Reason = { key: string; values: Record<string, string | number> }

/**
 * A person's score as it was last computed, stored for lists; the ledger is the source of truth. The record is also its
 * own place in the queue of rescoring: `dueAt` is when time alone may change something.
 */
export type Score = Queued & {
  /** The person. */
  _id: Types.ObjectId
  /** Version of the ledger that it was computed from (`ledgerVersionOf`). An older one never replaces a newer one. */
  ledgerVersion: number
  at: Date
  model: number
  /** 0 to 100 with all decimals; null without the consent to profiling. */
  engagement: number | null
  fit: number | null
  grade: string | null
  /** Decayed points before caps, as of `at`; the score of any later moment follows from them (`scoreLater`). */
  rawPointsByRule: PointsByRule
  /** After caps, as of `at`. */
  pointsByGroup: Record<Group, number> | null
  reasons: Reason[]
  isQualified: boolean
  /** Eligible, not qualified, and with an engagement between the two thresholds ("close to qualifying"). */
  isNearThreshold: boolean
  /** Lower-case words to search by; see `searchWords`. */
  search: string[]
}

const schema = new Schema<Score>(
  {
    _id: { type: Schema.Types.ObjectId, required: true },
    ledgerVersion: { type: Number, required: true },
    at: { type: Date, required: true },
    model: { type: Number, required: true },
    engagement: { type: Number, default: null },
    fit: { type: Number, default: null },
    grade: { type: String, default: null },
    rawPointsByRule: { type: Schema.Types.Mixed, default: {} },
    pointsByGroup: { type: Schema.Types.Mixed, default: null },
    reasons: { type: Schema.Types.Mixed, default: [] },
    isQualified: { type: Boolean, default: false },
    isNearThreshold: { type: Boolean, default: false },
    search: { type: [String], default: [] },
    ...queued,
  },
  { versionKey: false, minimize: false },
)
schema.index(...dueIndex)
schema.index({ isNearThreshold: 1, engagement: -1, _id: 1 })

export const Scores = model<Score>('Score', schema, 'scores')
