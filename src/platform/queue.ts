import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import mongoose, { type Model, type QueryFilter, type UpdateQuery } from 'mongoose'
import { later, now } from './clock'
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
 * A record can be its own place in a queue: due at a moment, leased by one worker at a time, `defineQueue` defines such records.
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
type QueueRecords<T> = {
  findOneAndUpdate(
    filter: QueryFilter<T>,
    change: UpdateQuery<T>,
    options: { sort?: Record<string, 1 | -1>; returnDocument?: 'after' | 'before' },
  ): PromiseLike<T | null>
  updateOne(filter: QueryFilter<T>, change: UpdateQuery<T>): WriteResult
}

/** Defines records that are their own queue; otherwise like `defineRecord`. */
export function defineQueue<const F extends Fields>(
  name: string,
  collection: string,
  fields: F,
  { indexes = [] }: { indexes?: readonly Index[] } = {},
) {
  return defineRecord(
    name,
    collection,
    { ...fields, ...queueFields },
    { indexes: [...queueIndexes, ...indexes] },
  )
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
