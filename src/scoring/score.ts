import { model, Schema, type Types } from 'mongoose'
import { dueIndex, queued, type Queued } from '../platform/queue'
import type { Group } from './model'
import type { PointsByRule } from './rules'

/** A reason in words: a key of the translations below `sales:headline.`, and what it needs to say. */
export type Reason = { key: string; values: Record<string, string | number> }

/**
 * Somebody's score as it was last computed, kept for lists; the ledger stays the truth. It is also its own place in the
 * queue of re-checks: `dueAt` is when time alone may change something.
 */
export type Score = Queued & {
  /** The person. */
  _id: Types.ObjectId
  /** How many events it was computed from. An older computation never replaces a newer one. */
  ledgerVersion: number
  at: Date
  model: number
  /** 0 to 100 with all its decimals; null without the consent to profiling. */
  engagement: number | null
  fit: number | null
  grade: string | null
  /** Decayed points before caps, by rule, as of `at`: from them follows the score of any later moment (`scoreLater`). */
  rawPointsByRule: PointsByRule
  /** Points by group, as of `at`. */
  pointsByGroup: Record<Group, number> | null
  reasons: Reason[]
  isQualified: boolean
  /** Engagement between exit and enter, never handed over, and may be: for "almost ready". */
  isNearThreshold: boolean
  /** Lower-case beginnings to search by; see `searchWords`. */
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
