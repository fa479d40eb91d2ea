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
import { Deliveries } from './delivery'
import { choiceFields } from './delivery-choice'

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
     * before. `chosen`: the deliveries that `chosen` matches.
     */
    mode: oneOf([...recoveryModes, 'chosen']),
    chosen: nullable(nested(choiceFields)),
    startedAt: date(),
    /** The press of the button that started it; null when it wasn't a form. */
    submission: nullable(string()),
    /** Messages in the range, or chosen deliveries; how many are processed, and how many of those are resent. */
    total: number(),
    processed: withDefault(number(), 0),
    resent: withDefault(number(), 0),
    /** The last processed message. */
    cursor: nullable(nested({ at: date(), message: string() })),
    /** In its place for `chosen`: the last processed delivery. */
    chosenCursor: nullable(nested({ createdAt: date(), delivery: string() })),
    endedAt: nullable(date()),
    /** True when a teammate stopped it early: then what it has queued and isn't sent yet becomes what it was before. */
    stopped: withDefault(boolean(), false),
    /** How many deliveries were taken back that way. */
    takenBack: withDefault(number(), 0),
  },
  { queue: 'recoveries', indexes: [[{ endpoint: 1, startedAt: -1 }]] },
)
export type Recovery = RecordOf<typeof Recoveries>

/** Returns the endpoint's latest recovery, running or finished; null when there was none. */
export function lastRecovery(endpoint: Types.ObjectId): Promise<Recovery | null> {
  return Recoveries.findOne({ endpoint }).sort({ startedAt: -1 }).exec()
}

/** The filter for deliveries that a recovery has queued and that no attempt has been made at since. */
export const waitingFor = ({ _id }: Pick<Recovery, '_id'>) => ({
  'replay.recovery': _id,
  state: { $in: ['pending' as const, 'held' as const, 'sending' as const] },
})

/** Counts the deliveries that a recovery has queued and that no attempt has been made at since. */
export function countWaiting(recovery: Pick<Recovery, '_id'>, limit?: number): Promise<number> {
  return Deliveries.count(waitingFor(recovery), limit)
}
