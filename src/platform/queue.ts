import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import mongoose, { type Model, type QueryFilter, type UpdateQuery } from 'mongoose'
import { later, now } from './clock'

/**
 * A record that is its own place in a queue: due at a moment, leased by one worker at a time. `dueAt` is null once nothing
 * is left to do.
 */
export type Queued = {
  dueAt: Date | null
  leaseToken: string | null
  leaseUntil: Date | null
  attempts: number
  lastError: string | null
}

/** Says `due` when there is work, so that the worker of this process need not wait for its next look. Nothing depends on it. */
export const wakeWorker = new EventEmitter()

/** The fields of `Queued` for a mongoose schema. Add an index `{ dueAt: 1 }` where `dueAt` is a date. */
export const queued = {
  dueAt: { type: Date, default: null },
  leaseToken: { type: String, default: null },
  leaseUntil: { type: Date, default: null },
  attempts: { type: Number, default: 0 },
  lastError: { type: String, default: null },
}

/** The partial index that finds what is due: small, since most records are done. */
export const dueIndex = [{ dueAt: 1 }, { partialFilterExpression: { dueAt: { $type: 'date' } } }] as const

/** The filter of what is due at a moment and leased by nobody. */
export function dueAt(moment: Date) {
  return {
    dueAt: { $type: 'date' as const, $lte: moment },
    $or: [{ leaseUntil: null }, { leaseUntil: { $lte: moment } }],
  }
}

/**
 * Takes the record that has been due longest and is leased by nobody (or whose lease ran out, as after a crash), for
 * `leaseMs`; `set` is written along with it. Null when nothing is due.
 */
export async function claim<T extends Queued>(
  records: Model<T>,
  leaseMs: number,
  filter: QueryFilter<T> = {},
  set: Partial<T> = {},
): Promise<T | null> {
  const moment = now()
  return records
    .findOneAndUpdate(
      { ...filter, ...dueAt(moment) } as QueryFilter<T>,
      {
        $set: { ...set, leaseToken: randomUUID(), leaseUntil: later(moment, leaseMs) },
        $inc: { attempts: 1 },
      } as UpdateQuery<T>,
      { sort: { dueAt: 1 }, returnDocument: 'after' },
    )
    .lean<T>()
    .exec()
}

/** Writes the result of the work and gives the lease back, unless another worker has taken the record over meanwhile: then false. */
export async function complete<T extends Queued & { _id: unknown }>(
  records: Model<T>,
  record: T,
  update: Partial<T>,
  push?: Record<string, unknown>,
): Promise<boolean> {
  const change: Record<string, unknown> = { $set: { ...update, leaseToken: null, leaseUntil: null } }
  if (push) change.$push = push
  const written = await records.updateOne(
    { _id: record._id, leaseToken: record.leaseToken } as QueryFilter<T>,
    change as UpdateQuery<T>,
  )
  return written.matchedCount === 1
}

/** Lengthens the lease of a record that takes long; false when it is lost. */
export async function extendLease<T extends Queued & { _id: unknown }>(
  records: Model<T>,
  record: T,
  leaseMs: number,
): Promise<boolean> {
  const written = await records.updateOne(
    { _id: record._id, leaseToken: record.leaseToken } as QueryFilter<T>,
    { $set: { leaseUntil: later(now(), leaseMs) } } as UpdateQuery<T>,
  )
  return written.matchedCount === 1
}

const heartbeats = () => mongoose.connection.collection<{ _id: string; at: Date }>('settings')

/** A worker says that it is alive. */
export async function heartbeat(): Promise<void> {
  await heartbeats().updateOne({ _id: 'worker' }, { $set: { at: now() } }, { upsert: true })
}

/** When a worker last said that it is alive; null before the first. */
export async function lastHeartbeat(): Promise<Date | null> {
  return (await heartbeats().findOne({ _id: 'worker' }))?.at ?? null
}
