import {
  boolean,
  date,
  nested,
  nullable,
  number,
  objectId,
  oneOf,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'
import type { Types } from 'mongoose'
import { defineQueue } from '../platform/queue'

export const recoveryModes = ['failed', 'all', 'missed'] as const

/**
 * A replay of a time range to an endpoint, and its progress. It runs in small batches, so it can be large and can be
 * stopped.
 */
export const Recoveries = defineQueue(
  'Recovery',
  'recoveries',
  {
    endpoint: objectId(),
    /** The time range, both ends included. */
    since: date(),
    until: date(),
    /**
     * `failed`: messages that ran out of attempts. `all`: delivered ones too, for an endpoint that lost its data.
     * `missed`: messages it subscribes to and never got, for an endpoint that is new or subscribed to fewer events
     * before.
     */
    mode: oneOf(recoveryModes),
    startedAt: date(),
    /** The press of the button that started it; null when it wasn't a form. */
    submission: nullable(string()),
    /** Messages in the time range, how many of them are processed, and how many of those are resent. */
    total: number(),
    processed: withDefault(number(), 0),
    resent: withDefault(number(), 0),
    /** The last processed message. */
    cursor: nullable(nested({ at: date(), message: string() })),
    endedAt: nullable(date()),
    /** True when a teammate stopped it early. */
    stopped: withDefault(boolean(), false),
  },
  { queue: 'recoveries', indexes: [[{ endpoint: 1, startedAt: -1 }]] },
)
export type Recovery = RecordOf<typeof Recoveries>

/** Returns the endpoint's latest recovery, running or finished; null when there was none. */
export function lastRecovery(endpoint: Types.ObjectId): Promise<Recovery | null> {
  return Recoveries.findOne({ endpoint }).sort({ startedAt: -1 }).exec()
}
