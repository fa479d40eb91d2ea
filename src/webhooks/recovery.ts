import { model, Schema, type Types } from 'mongoose'
import { dueIndex, queued, type Queued } from '../platform/queue'

export const recoveryModes = ['failed', 'all', 'missed'] as const

/**
 * The work of sending a receiver again what was told in a span of time, and how far it is. Done in small pieces, so that it may be
 * large, and be stopped.
 */
export type Recovery = Queued & {
  _id: Types.ObjectId
  endpoint: Types.ObjectId
  /** The moments, both included, between which it happened. */
  since: Date
  until: Date
  /**
   * `dead`: what was given up. `all`: also what has arrived, for a receiver that lost its own data. `missed`: what it takes and never
   * had, for one that is new or took less before.
   */
  which: (typeof recoveryModes)[number]
  startedAt: Date
  /** How many messages there are, how many were looked at, and how many of these go out again. */
  total: number
  processed: number
  resent: number
  /** The last message that was looked at. */
  cursor: { at: Date; message: string } | null
  endedAt: Date | null
  /** True when somebody has stopped it before its end. */
  stopped: boolean
}

const schema = new Schema<Recovery>(
  {
    endpoint: { type: Schema.Types.ObjectId, required: true },
    since: { type: Date, required: true },
    until: { type: Date, required: true },
    which: { type: String, enum: recoveryModes, required: true },
    startedAt: { type: Date, required: true },
    total: { type: Number, required: true },
    processed: { type: Number, default: 0 },
    resent: { type: Number, default: 0 },
    cursor: { type: Schema.Types.Mixed, default: null },
    endedAt: { type: Date, default: null },
    stopped: { type: Boolean, default: false },
    ...queued,
  },
  { versionKey: false },
)
schema.index(...dueIndex)
schema.index({ endpoint: 1, startedAt: -1 })

export const Recoveries = model<Recovery>('Recovery', schema, 'recoveries')

/** The last one of a receiver, under way or over. */
export function lastRecovery(endpoint: Types.ObjectId): Promise<Recovery | null> {
  return Recoveries.findOne({ endpoint }).sort({ startedAt: -1 }).lean<Recovery>().exec()
}
