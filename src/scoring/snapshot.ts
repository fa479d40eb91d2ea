import { model, Schema, type Types } from 'mongoose'
import type { Contribution } from './rules'

/** A score and all its contributions at a change of grade or at a hand-off. Never updated. */
export type Snapshot = {
  /** The id of the hand-off event, or `person:ledgerVersion:grade` for a change of grade. */
  _id: string
  person: Types.ObjectId
  at: Date
  kind: 'band' | 'hand-off'
  grade: string
  before: string | null
  engagement: number
  fit: number
  model: number
  contributions: Contribution[]
}

const schema = new Schema<Snapshot>(
  {
    _id: { type: String, required: true },
    person: { type: Schema.Types.ObjectId, required: true },
    at: { type: Date, required: true },
    kind: { type: String, enum: ['band', 'hand-off'], required: true },
    grade: { type: String, required: true },
    before: { type: String, default: null },
    engagement: { type: Number, required: true },
    fit: { type: Number, required: true },
    model: { type: Number, required: true },
    contributions: { type: Schema.Types.Mixed, required: true },
  },
  { versionKey: false, minimize: false },
)
schema.index({ person: 1, at: -1 })

export const Snapshots = model<Snapshot>('Snapshot', schema, 'score_snapshots')
