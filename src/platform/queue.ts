import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import mongoose, {
  isObjectIdOrHexString,
  Types,
  type Model,
  type QueryFilter,
  type UpdateQuery,
} from 'mongoose'
import { later, now } from './clock'
import { log } from './log'
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
 * A record can be its own place in a queue: due at a moment, leased by one worker at a time, and set aside as failed once its
 * attempts are used up. `defineQueue` defines such records, `work` makes their consumer.
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
export type Queued = ReadOf<typeof queueFields>

/** Keeps an index of due work small, since most records are done. */
export const onlyDue = { partialFilterExpression: { dueAt: { $type: 'date' } } }
const queueIndexes: Index[] = [
  [{ dueAt: 1 }, onlyDue],
  [{ failedAt: 1 }, { partialFilterExpression: { failedAt: { $type: 'date' } } }],
]

type Leased = Queued & { _id: unknown }
/** Until every record is defined by `defineQueue`, a mongoose model too. */
type Claimable<T> = QueueRecords<T> | Model<T>
type WriteResult = Promise<{ matchedCount: number }>
/** What the queue needs of its records. */
export type QueueRecords<T> = {
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
  /** Due and not begun, or waiting for a retry. */
  waiting: number
  running: number
  failed: number
  /** When the oldest piece of work became due; null when nothing is due yet. */
  oldestDueAt: Date | null
}
export type FailedWork = { queue: string; id: string; attempts: number; lastError: string; failedAt: Date }

type Row = Queued & { _id: string | Types.ObjectId }
/** The collection of each queue, by the queue's name. */
const queues = new Map<string, string>()
const rowsOf = (collection: string) => mongoose.connection.collection<Row>(collection)

/** Defines records that are their own queue; `queue` is its name in admin, logs and metrics. Otherwise like `defineRecord`. */
export function defineQueue<const F extends Fields>(
  name: string,
  collection: string,
  fields: F,
  { queue, indexes = [] }: { queue: string; indexes?: readonly Index[] },
) {
  const records = defineRecord(
    name,
    collection,
    { ...fields, ...queueFields },
    { indexes: [...queueIndexes, ...indexes] },
  )
  queues.set(queue, collection)
  return records
}

/** Emits `due` when there is work, so that the worker of this process looks at once. Nothing depends on it. */
export const wakeWorker = new EventEmitter()

/** The filter of what is due at a moment and leased by no worker. */
export function dueAt(moment: Date) {
  return {
    dueAt: { $type: 'date' as const, $lte: moment },
    $or: [{ leaseUntil: null }, { leaseUntil: { $lte: moment } }],
  }
}

/**
 * Claims the record that has been due longest and is leased by no worker, or whose lease has run out as after a crash.
 *
 * @param leaseMs how long other workers leave it alone, in milliseconds.
 * @param set is written in the same step.
 * @returns null when nothing is due.
 */
export async function claim<T extends Leased>(
  records: Claimable<T>,
  leaseMs: number,
  filter: QueryFilter<T> = {},
  set: Partial<T> = {},
): Promise<T | null> {
  const moment = now()
  const claimed = (records as QueueRecords<T>).findOneAndUpdate(
    { ...filter, ...dueAt(moment) } as QueryFilter<T>,
    {
      $set: { ...set, leaseToken: randomUUID(), leaseUntil: later(moment, leaseMs) },
      $inc: { attempts: 1 },
    } as UpdateQuery<T>,
    { sort: { dueAt: 1 }, returnDocument: 'after' },
  )
  return 'lean' in claimed ? (claimed as { lean: () => PromiseLike<T | null> }).lean() : claimed
}

/** Writes the result of the work and ends the lease. False when another worker has taken the record over; then nothing is written. */
export async function complete<T extends Leased>(
  records: Claimable<T>,
  record: T,
  update: Partial<T>,
  push?: Record<string, unknown>,
): Promise<boolean> {
  const change: Record<string, unknown> = { $set: { ...update, leaseToken: null, leaseUntil: null } }
  if (push) change.$push = push
  return updateLeased(records, record, change as UpdateQuery<T>)
}

/** Extends the lease of a record that takes long; false when the lease is lost. */
export async function extendLease<T extends Leased>(
  records: Claimable<T>,
  record: T,
  leaseMs: number,
): Promise<boolean> {
  return updateLeased(records, record, { $set: { leaseUntil: later(now(), leaseMs) } } as UpdateQuery<T>)
}

async function updateLeased<T extends Leased>(
  records: Claimable<T>,
  { _id, leaseToken }: T,
  change: UpdateQuery<T>,
): Promise<boolean> {
  const written = await records.updateOne({ _id, leaseToken } as QueryFilter<T>, change)
  return written.matchedCount === 1
}

export type Policy = {
  /** Milliseconds that one piece of work may take; another worker takes it over afterwards. */
  lease: number
  /** Milliseconds until the next attempt, after so many. */
  backoff: (attempts: number) => number
  /** After so many attempts a record is set aside as failed. */
  maxAttempts: number
}

/**
 * Makes the consumer of a queue: each call does one piece of work that is due, and returns false when there is none. The
 * handler returns what to write; `dueAt` becomes null unless it says otherwise. When it throws, the failure is logged and the
 * record waits for its next attempt, or is set aside as failed.
 */
export function work<T extends Leased>(
  queue: string,
  records: Claimable<T>,
  { lease, backoff, maxAttempts }: Policy,
  handler: (record: T) => Promise<Partial<T> | void>,
): () => Promise<boolean> {
  return async () => {
    const record = await claim(records, lease)
    if (!record) return false
    try {
      const done: Partial<Queued> = { dueAt: null, lastError: null }
      await complete(records, record, { ...done, ...(await handler(record)) } as Partial<T>)
    } catch (error) {
      const { attempts } = record
      const isLast = attempts >= maxAttempts
      const message = isLast ? 'work failed for good' : 'work failed; it will be retried'
      log.error({ err: error, queue, record: record._id, attempts }, message)
      const failed: Partial<Queued> = {
        lastError: error instanceof Error ? error.message.slice(0, 500) : String(error),
        dueAt: isLast ? null : later(now(), backoff(attempts)),
        failedAt: isLast ? now() : null,
      }
      await complete(records, record, failed as Partial<T>)
    }
    return true
  }
}

/** Backoff that begins at `first` and doubles up to `longest`, in milliseconds. */
export function doubling(first: number, longest: number): (attempts: number) => number {
  return attempts => Math.min(first * 2 ** (attempts - 1), longest)
}

/** The state of every queue of this process, by name. Five counts of an index each. */
export function overview(): Promise<QueueOverview[]> {
  const moment = now()
  return Promise.all(
    [...queues].map(async ([queue, collection]) => {
      const rows = rowsOf(collection)
      const [running, due, failed, oldest] = await Promise.all([
        rows.countDocuments({ dueAt: { $type: 'date' }, leaseUntil: { $gt: moment } }),
        rows.countDocuments({ dueAt: { $type: 'date' } }),
        rows.countDocuments(isFailed),
        rows.findOne({ dueAt: { $type: 'date', $lte: moment } }, { sort: { dueAt: 1 } }),
      ])
      return { queue, waiting: due - running, running, failed, oldestDueAt: oldest?.dueAt ?? null }
    }),
  )
}

const isFailed = { failedAt: { $type: 'date' as const } }

/** At most `most` records that have failed for good, the newest first. */
export async function failedWork(most: number): Promise<FailedWork[]> {
  const found = await Promise.all(
    [...queues].map(async ([queue, collection]) =>
      (await rowsOf(collection).find(isFailed).sort({ failedAt: -1 }).limit(most).toArray()).map(row => ({
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
    .slice(0, most)
}

/** Makes a failed record due again, with all its attempts. False when it is not failed (any more). */
export async function retryFailed(queue: string, id: string): Promise<boolean> {
  const retried = await updateFailed(queue, id, { failedAt: null, attempts: 0, dueAt: now() })
  if (retried) wakeWorker.emit('due')
  return retried
}

/** Gives up on a failed record: it stays as it is. False when it is not failed (any more). */
export function discardFailed(queue: string, id: string): Promise<boolean> {
  return updateFailed(queue, id, { failedAt: null })
}

async function updateFailed(queue: string, id: string, $set: Partial<Queued>): Promise<boolean> {
  const ids: Row['_id'][] = isObjectIdOrHexString(id) ? [id, new Types.ObjectId(id)] : [id]
  const collection = queues.get(queue)
  if (!collection) return false
  const written = await rowsOf(collection).updateOne({ _id: { $in: ids }, ...isFailed }, { $set })
  return written.matchedCount === 1
}

const heartbeats = () => mongoose.connection.collection<{ _id: string; at: Date }>('settings')

/** Records that a worker is alive. */
export async function heartbeat(): Promise<void> {
  await heartbeats().updateOne({ _id: 'worker' }, { $set: { at: now() } }, { upsert: true })
}

/** When a worker was last alive; null before the first. */
export async function lastHeartbeat(): Promise<Date | null> {
  return (await heartbeats().findOne({ _id: 'worker' }))?.at ?? null
}

// Until every record is defined by `defineQueue`: the same fields and index for a mongoose schema.
export const queued = {
  dueAt: { type: Date, default: null },
  leaseToken: { type: String, default: null },
  leaseUntil: { type: Date, default: null },
  attempts: { type: Number, default: 0 },
  lastError: { type: String, default: null },
  failedAt: { type: Date, default: null },
}
export const dueIndex = [{ dueAt: 1 }, { partialFilterExpression: { dueAt: { $type: 'date' } } }] as const
