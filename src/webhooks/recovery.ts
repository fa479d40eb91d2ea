import { model, Schema, type Types } from 'mongoose'
import { dueIndex, queued, type Queued } from '../platform/queue'

export const recoveryModes = ['failed', 'all', 'missed'] as const

/**
 * A replay of a time range to an endpoint, and its progress. It runs in small batches, so it can be large and can be
 * stopped.
 */
export type Recovery = Queued & {
  _id: Types.ObjectId
  endpoint: Types.ObjectId
  /** The time range, both ends included. */
  since: Date
  until: Date
  /**
   * `failed`: messages that ran out of attempts. `all`: also delivered ones, for an endpoint that lost its data.
   * `missed`: messages it subscribes to and never got, for an endpoint that is new or subscribed to fewer events
   * before.
   */
  mode: (typeof recoveryModes)[number]
  startedAt: Date
  /** Messages in the time range, how many of them are processed, and how many of those are resent. */
  total: number
  processed: number
  resent: number
  /** The last processed message. */
  cursor: { at: Date; message: string } | null
  endedAt: Date | null
  /** True when a teammate stopped it early. */
  stopped: boolean
}

const schema = new Schema<Recovery>(
  {
    endpoint: { type: Schema.Types.ObjectId, required: true },
    since: { type: Date, required: true },
    until: { type: Date, required: true },
    mode: { type: String, enum: recoveryModes, required: true },
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

/** Returns the endpoint's latest recovery, running or finished; null when there was none. */
export function lastRecovery(endpoint: Types.ObjectId): Promise<Recovery | null> {
  return Recoveries.findOne({ endpoint }).sort({ startedAt: -1 }).lean<Recovery>().exec()
}
