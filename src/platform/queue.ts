import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import mongoose, { isObjectIdOrHexString, Types, type QueryFilter, type UpdateQuery } from 'mongoose'
import { later, now } from './clock'
import { heartbeat } from './clock-jump'
import { log } from './log'
import { withoutSecrets } from './secret-routes'
import {
  date,
  defineRecord,
  nullable,
  number,
  string,
  withDefault,
  type Fields,
  type Index,
  type ReadOf,
} from './record'

/**
 * A record can be its own entry in a queue: due at a moment, leased by one worker at a time, and set aside as failed
 * once its attempts are used up. `defineQueue` defines such records, and `work` creates their consumer.
 */
const queueFields = {
  /** When there is work to do; null once nothing is left. */
  dueAt: nullable(date()),
  leaseToken: nullable(string()),
  leaseUntil: nullable(date()),
  attempts: withDefault(number(), 0),
  lastError: nullable(string()),
  /** When the last attempt failed for good: an administrator retries or discards it (admin, Background jobs). */
  failedAt: nullable(date()),
}
type Queued = ReadOf<typeof queueFields>

/** Keeps an index of due work small, since most records are done. */
export const onlyDue = { partialFilterExpression: { dueAt: { $type: 'date' } } }
const queueIndexes: Index[] = [
  [{ dueAt: 1 }, onlyDue],
  [{ failedAt: 1 }, { partialFilterExpression: { failedAt: { $type: 'date' } } }],
]

export type Leased = Queued & { _id: unknown }
type WriteResult = Promise<{ matchedCount: number }>
/** What the queue needs from its records. */
export type QueueRecords<T> = {
  queue: string
  name: string
  findOneAndUpdate(
    filter: QueryFilter<T>,
    change: UpdateQuery<T>,
    options: { sort?: Record<string, 1 | -1>; returnDocument?: 'after' | 'before' },
  ): PromiseLike<T | null>
  updateOne(filter: QueryFilter<T>, change: UpdateQuery<T>): WriteResult
}

/** A queue as an administrator sees it. */
export type QueueOverview = {
  queue: string
  /** Due but not started, or scheduled for later. */
  waiting: number
  running: number
  failed: number
  /** When the oldest piece of work became due; null when nothing is due yet. */
  oldestDueAt: Date | null
}
export type FailedWork = { queue: string; id: string; attempts: number; lastError: string; failedAt: Date }

type Row = Queued & { _id: string | Types.ObjectId }
/** The collection of each queue, and what is written to a record that is discarded, by the queue's name. */
const queues = new Map<string, { collection: string; onDiscard?: object }>()
const rowsOf = (collection: string) => mongoose.connection.collection<Row>(collection)

/**
 * Defines records that are their own queue; `queue` is its name in admin, logs and metrics, and `onDiscard` what is
 * written to a record that is discarded. Otherwise like `defineRecord`.
 */
export function defineQueue<const F extends Fields>(
  name: string,
  collection: string,
  fields: F,
  {
    queue,
    indexes = [],
    onDiscard,
  }: { queue: string; indexes?: readonly Index[]; onDiscard?: Partial<ReadOf<F>> },
) {
  const options = { indexes: [...queueIndexes, ...indexes] }
  queues.set(queue, { collection, onDiscard })
  return { ...defineRecord(name, collection, { ...fields, ...queueFields }, options), queue }
}

/**
 * Emits `due` with the name of a queue when there is work in it, so that this process's worker checks immediately.
 * Nothing depends on it.
 */
export const wakeWorker = new EventEmitter()
// Every consumer listens while it has nothing to do.
wakeWorker.setMaxListeners(0)

/** The filter for what is due at a moment and not leased by any worker. */
export function dueAt(moment: Date) {
  return {
    dueAt: { $type: 'date' as const, $lte: moment },
    $or: [{ leaseUntil: null }, { leaseUntil: { $lte: moment } }],
  }
}

/**
 * Claims the record that has been due longest and isn't leased by any worker, or whose lease has expired, as after a
 * crash.
 *
 * @param leaseMs how long other workers leave it alone, in milliseconds.
 * @param set is written in the same step.
 * @returns null when nothing is due.
 */
export async function claim<T extends Leased>(
  records: QueueRecords<T>,
  leaseMs: number,
  filter: QueryFilter<T> = {},
  set: Partial<T> = {},
): Promise<T | null> {
  const moment = now()
  return records.findOneAndUpdate(
    { ...filter, ...dueAt(moment) } as QueryFilter<T>,
    {
      $set: { ...set, leaseToken: randomUUID(), leaseUntil: later(moment, leaseMs) },
      $inc: { attempts: 1 },
    } as UpdateQuery<T>,
    { sort: { dueAt: 1 }, returnDocument: 'after' },
  )
}

/**
 * Writes the result of the work and ends the lease. Returns false, without writing, when another worker has taken the
 * record over.
 */
export async function complete<T extends Leased>(
  records: QueueRecords<T>,
  record: T,
  update: Partial<T>,
  push?: Record<string, unknown>,
): Promise<boolean> {
  const change: Record<string, unknown> = { $set: { ...update, leaseToken: null, leaseUntil: null } }
  if (push) change.$push = push
  return updateLeased(records, record, change as UpdateQuery<T>)
}

async function updateLeased<T extends Leased>(
  records: QueueRecords<T>,
  { _id, leaseToken }: T,
  change: UpdateQuery<T>,
  filter: Partial<Queued> = {},
): Promise<boolean> {
  const written = await records.updateOne({ ...filter, _id, leaseToken } as QueryFilter<T>, change)
  return written.matchedCount === 1
}

/**
 * Writes the result of work that others may make due again while it is done: then it stays due, and only the rest is
 * written. For the end of a handler.
 *
 * @param record as it was read last.
 */
export async function completeUnlessDue<T extends Leased>(
  records: QueueRecords<T>,
  record: T,
  { dueAt = null, ...update }: Partial<T>,
): Promise<null> {
  const rest = { attempts: 0, lastError: null, failedAt: null, leaseToken: null, leaseUntil: null, ...update }
  const change = { $set: { ...rest, dueAt } } as UpdateQuery<T>
  const isSame = await updateLeased(records, record, change, { dueAt: record.dueAt })
  if (!isSame) await updateLeased(records, record, { $set: rest } as UpdateQuery<T>)
  return null
}

/**
 * The consumer of a queue. `take` claims one piece of work and returns the function that does it, or null when nothing
 * is due. At most `atOnce` pieces are in progress at a time in one process.
 */
export type Consumer = {
  queue: string
  atOnce: number
  take: () => Promise<(() => Promise<void>) | null>
  /** Gives back what is claimed and not begun, when the process stops. */
  release?: () => Promise<void>
}

export type Policy<T, Context = void> = {
  /** How long one piece of work may take, in milliseconds; another worker takes it over afterwards. */
  lease: number
  /** Milliseconds until the next attempt, after this many. */
  backoff: (attempts: number) => number
  /** After this many attempts, a record is set aside as failed. */
  maxAttempts: number
  atOnce?: number
  /** Claims the next record, for a queue that has to consider more than due times; `claim` by default. */
  next?: () => Promise<{ record: T; context: Context } | null>
  /** True for an error that another attempt cannot fix, so the record is set aside immediately. */
  isPermanent?: (error: Error) => boolean
  /** Returns what else to write with a failure; it may include `dueAt`. */
  onFailure?: (record: T, error: Error, failure: Failure) => Partial<T> | Promise<Partial<T>>
}
type Failure = { dueAt: Date | null; failedAt: Date | null; lastError: string }

/**
 * Creates the consumer of a queue. The handler returns what to write: `dueAt` becomes null unless it returns a time at
 * which there is more to do. It returns null when it has called `complete` itself. When it throws, the failure is
 * logged, and the record waits for its next attempt or is set aside as failed, where an administrator retries or
 * discards it. The same happens to a record when the process died in every attempt.
 */
export function work<T extends Leased, Context = void>(
  records: QueueRecords<T>,
  policy: Policy<T, Context>,
  handler: (record: T, context: Context) => Promise<Partial<T> | null | void>,
): Consumer {
  const { lease, atOnce = 1 } = policy
  const claimNext = async () => {
    const record = await claim(records, lease)
    return record && { record, context: undefined as Context }
  }
  return {
    queue: records.queue,
    atOnce,
    take: async () => {
      const claimed = await (policy.next ?? claimNext)()
      return (
        claimed &&
        (() =>
          attempt(
            records,
            policy,
            claimed.record,
            () => handler(claimed.record, claimed.context),
            (record, update) => complete(records, record, update),
          ))
      )
    },
  }
}

/**
 * Does one piece of work and passes what to write about it to `write`: the result, or the failure with the time of the
 * next attempt.
 */
export async function attempt<T extends Leased, Context>(
  records: Pick<QueueRecords<T>, 'queue'>,
  policy: Policy<T, Context>,
  record: T,
  handle: () => Promise<Partial<T> | null | void>,
  write: (record: T, update: Partial<T>) => Promise<unknown>,
): Promise<void> {
  try {
    if (record.attempts > policy.maxAttempts) throw new Error('The process ended during the last attempt')
    const result = await handle()
    if (result === null) return
    const attempts = result?.dueAt ? 0 : record.attempts
    const done: Partial<Queued> = { dueAt: null, lastError: null, failedAt: null, attempts }
    await write(record, { ...done, ...result } as Partial<T>)
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    const { attempts } = record
    const isLast = attempts >= policy.maxAttempts || policy.isPermanent?.(error) === true
    const message = isLast ? 'work failed for good' : 'work failed; it will be retried'
    log.error({ err: error, queue: records.queue, record: record._id, attempts }, message)
    const failure: Failure = {
      lastError: withoutSecrets(error.message).slice(0, 500),
      dueAt: isLast ? null : later(now(), policy.backoff(attempts)),
      failedAt: isLast ? now() : null,
    }
    await write(record, {
      ...failure,
      ...(await policy.onFailure?.(record, error, failure)),
    } as Partial<T>)
  }
}

/** Backoff that starts at `first` and doubles up to `longest`, in milliseconds. */
export function doubling(first: number, longest: number): (attempts: number) => number {
  return attempts => Math.min(first * 2 ** (attempts - 1), longest)
}

/** Returns the state of every queue of this process, by name. Four counts of an index each. */
export function queueOverviews(): Promise<QueueOverview[]> {
  const moment = now()
  return Promise.all(
    [...queues].map(async ([queue, { collection }]) => {
      const rows = rowsOf(collection)
      const [running, due, failed, oldest] = await Promise.all([
        rows.countDocuments({ dueAt: { $type: 'date' }, leaseUntil: { $gt: moment } }),
        rows.countDocuments({ dueAt: { $type: 'date' } }),
        rows.countDocuments(isFailed),
        rows.findOne(
          { dueAt: { $type: 'date', $lte: moment } },
          { sort: { dueAt: 1 }, projection: { dueAt: 1 } },
        ),
      ])
      return { queue, waiting: due - running, running, failed, oldestDueAt: oldest?.dueAt ?? null }
    }),
  )
}

/** Returns how many records of a queue are due. */
export function countDue(queue: string): Promise<number> {
  const filter = { dueAt: { $type: 'date' as const, $lte: now() } }
  return rowsOf(queues.get(queue)!.collection).countDocuments(filter)
}

/** Returns how many records of each queue have failed for good, by its name. */
export async function countFailed(): Promise<Record<string, number>> {
  const counts = [...queues].map(
    async ([queue, { collection }]) => [queue, await rowsOf(collection).countDocuments(isFailed)] as const,
  )
  return Object.fromEntries(await Promise.all(counts))
}

/** True for the name of a queue. */
export const isQueue = (name: string): boolean => queues.has(name)

const isFailed = { failedAt: { $type: 'date' as const } }

/** Returns at most `limit` records that have failed for good, of one queue or of all, the newest first. */
export async function failedWork(limit: number, only: string | null = null): Promise<FailedWork[]> {
  const asked = [...queues].filter(([queue]) => only === null || queue === only)
  const found = await Promise.all(
    asked.map(async ([queue, { collection }]) =>
      (await rowsOf(collection).find(isFailed).sort({ failedAt: -1 }).limit(limit).toArray()).map(row => ({
        queue,
        id: String(row._id),
        attempts: row.attempts,
        lastError: row.lastError ?? '',
        failedAt: row.failedAt!,
      })),
    ),
  )
  return found
    .flat()
    .sort((a, b) => b.failedAt.getTime() - a.failedAt.getTime())
    .slice(0, limit)
}

/**
 * Makes failed records of a queue due again, with a full set of attempts: one by its id, or all without an id.
 *
 * @returns how many; 0 when none is failed, or no longer.
 */
export async function retryFailed(queue: string, id: string | null): Promise<number> {
  const retried = await updateFailed(queue, id, { failedAt: null, attempts: 0, dueAt: now() })
  if (retried) wakeWorker.emit('due', queue)
  return retried
}

/** Gives up on failed records: one by its id, or all without an id. Returns how many. */
export function discardFailed(queue: string, id: string | null): Promise<number> {
  return updateFailed(queue, id, { ...queues.get(queue)?.onDiscard, failedAt: null })
}

async function updateFailed(queue: string, id: string | null, $set: Partial<Queued>): Promise<number> {
  const found = queues.get(queue)
  if (!found) return 0
  const ids: Row['_id'][] =
    id !== null && isObjectIdOrHexString(id) ? [id, new Types.ObjectId(id)] : [id ?? '']
  const filter = { ...(id !== null && { _id: { $in: ids } }), ...isFailed }
  return (await rowsOf(found.collection).updateMany(filter, { $set })).modifiedCount
}

/** Records that a worker is alive. When the clock has gone back, what waits in the queues moves back with it. */
export function recordHeartbeat(): Promise<void> {
  return heartbeat([...queues.values()].map(({ collection }) => collection))
}
