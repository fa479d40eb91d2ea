import type { Types, UpdateQuery } from 'mongoose'
import { doubling, type QueueRecords } from '../platform/queue'
import { later, minutes, now, seconds } from '../platform/clock'
import { date, immutable, nullable, number, objectId, oneOf, string, type Index } from '../platform/record'
import { makePace } from '../scoring/pace'

/*
 * What reads all of history in the worker for minutes (a replay, a suggestion): it gives others a turn, says how far it
 * is, and stops when a teammate has cancelled it or another worker has taken it over.
 */

const lease = seconds(30)
const saveEvery = seconds(1)

/** Another worker has taken it over, or a teammate has cancelled it. */
class Stopped extends Error {}

/** What the record of every such run has. */
export const longRunFields = {
  _id: objectId(),
  by: immutable(objectId()),
  /** When it was asked for: what happened later doesn't count. */
  at: immutable(date()),
  state: oneOf(['running', 'finished', 'cancelled', 'failed']),
  /** The number and hash of the scoring model that was active. */
  version: immutable(number()),
  activeHash: immutable(string()),
  /** How long it took, in ms. */
  took: nullable(number()),
}

export const longRunIndexes: Index[] = [
  // One runs at a time, also when two are started at the same instant.
  [{ state: 1 }, { unique: true, partialFilterExpression: { state: 'running' } }],
  [{ by: 1 }],
]

/** How such a queue is worked through. One whose process has died starts again. */
export const longRunPolicy = {
  lease,
  backoff: doubling(seconds(10), minutes(5)),
  maxAttempts: 5,
  onFailure: (_record: unknown, _error: Error, { failedAt }: { failedAt: Date | null }) =>
    failedAt ? { state: 'failed' as const } : {},
}

/** What is written with the result. */
export const longRunEnd = {
  ...{ state: 'finished' as const, dueAt: null, leaseToken: null, leaseUntil: null },
  ...{ attempts: 0, lastError: null },
}

/** What is written to cancel one. */
export const longRunCancelled = {
  ...{ state: 'cancelled' as const, dueAt: null, leaseToken: null, leaseUntil: null },
}

type LongRun = { _id: Types.ObjectId; leaseToken: string | null }

/**
 * Returns how a run saves what it found, and how it rests: `rest` is called often, and saves the progress once a
 * second. Both throw when the run has to stop, which `untilStopped` catches.
 */
export function longRun<T extends LongRun>(
  records: Pick<QueueRecords<T>, 'updateOne'>,
  { _id, leaseToken }: T,
  progress: object,
) {
  const save = async (change: object): Promise<void> => {
    const mine = { _id, leaseToken, state: 'running' } as Parameters<typeof records.updateOne>[0]
    const { matchedCount } = await records.updateOne(mine, { $set: change } as UpdateQuery<T>)
    if (!matchedCount) throw new Stopped()
  }
  const pace = makePace()
  let savedAt = -Infinity
  const rest = async (): Promise<void> => {
    await pace()
    if (performance.now() < savedAt + saveEvery) return
    savedAt = performance.now()
    await save({ progress, leaseUntil: later(now(), lease) })
  }
  return { save, rest }
}

/** Does the work of a run, until it ends or has to stop; `tidy` takes away what one that had to stop has written. */
export async function untilStopped(
  work: () => Promise<void>,
  tidy: () => Promise<void> = async () => {},
): Promise<null> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
    await tidy()
  }
  return null
}
