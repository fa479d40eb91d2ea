import { randomUUID } from 'node:crypto'
import type { QueryFilter, Types, UpdateQuery } from 'mongoose'
import { later, now } from './clock'
import { log } from './log'
import {
  attempt,
  dueAt,
  wakeWorker,
  type Consumer,
  type Leased,
  type Policy,
  type QueueRecords,
} from './queue'

/** What the consumer needs from its records, besides what every queue needs. */
type BatchRecords<T> = Pick<QueueRecords<T>, 'queue'> & {
  find(filter: QueryFilter<T>): Sortable<T>
  updateMany(filter: QueryFilter<T>, change: UpdateQuery<T>): Promise<{ modifiedCount: number }>
  update(filter: QueryFilter<T>, change: UpdateQuery<T>): Promise<void>
  updateEach(updates: Update<T>[]): Promise<unknown>
}
type Update<T> = { filter: QueryFilter<T>; change: UpdateQuery<T> }
type Sortable<T> = PromiseLike<T[]> & {
  sort(order: Record<string, 1>): { limit(count: number): PromiseLike<T[]> }
}

type OrderedPolicy<T> = Omit<Policy<T>, 'next'> & {
  /** How many chains are in progress at a time in one process. */
  atOnce: number
  /** Records for which it returns the same are processed one after another, in the order in which they became due. */
  inOrderOf: (record: T) => Types.ObjectId | string | null | undefined
  /** The field that `inOrderOf` returns, when it returns one. */
  keyField?: keyof T & string
}

/** Records with one key that were claimed together, in order. */
type Chain<T> = { key: string; records: T[] }

/**
 * How many due records a claim looks at, and how many when it finds none among them that can begin and can't ask for
 * those with other keys.
 */
const [window, widestWindow] = [512, 4000]

/**
 * Work that starts together reaches the same steps at the same time, and these share commands (see `batched`). So work
 * that becomes due meanwhile starts as the next wave: when the previous one has ended, or after this many milliseconds.
 */
const waveMs = 100

/**
 * Creates the consumer of a queue that claims and completes its records in batches, and processes several at once, but
 * those about the same person (or whatever `inOrderOf` says) in order, across all workers. A handler also gets the
 * records that follow in its chain. Otherwise like `work`.
 */
export function workInOrder<T extends Leased>(
  records: BatchRecords<T>,
  policy: OrderedPolicy<T>,
  handler: (record: T, following: T[]) => Promise<Partial<T> | void>,
): Consumer {
  const { lease, atOnce, inOrderOf, keyField } = policy
  const keyOf = (record: T) => String(inOrderOf(record))
  const write = batchWriter(records)
  const busy = new Set<string>()
  let ready: Chain<T>[] = []
  let lastWave = -Infinity
  let isReleasing = false

  const logFailure = (error: unknown) =>
    log.error({ err: error, queue: records.queue }, 'could not record the result of work')

  async function run({ key, records: chain }: Chain<T>): Promise<void> {
    const writes: Promise<void>[] = []
    try {
      while (chain.length && !isReleasing) {
        const record = chain[0]!
        if (!(await isStillOurs(record))) break
        chain.shift()
        await attempt(
          records,
          policy,
          record,
          () => handler(record, chain),
          async (_record, update) => void writes.push(write(record, update).catch(logFailure)),
        )
      }
      await Promise.all(writes)
    } finally {
      busy.delete(key)
      await releaseUnstarted(records, chain)
    }
  }

  /** False when a record has waited so long that another worker may have taken it over. */
  async function isStillOurs({ _id, leaseToken, leaseUntil }: T): Promise<boolean> {
    if (leaseUntil && leaseUntil > later(now(), lease / 2)) return true
    const extended = { $set: { leaseUntil: later(now(), lease) } } as UpdateQuery<T>
    return (await records.updateMany({ _id, leaseToken } as QueryFilter<T>, extended)).modifiedCount === 1
  }

  async function claimBatch(): Promise<Chain<T>[]> {
    const { chosen } = await findInOrder(records, keyOf, { busy, keyField })
    const claimed = await lend(records, chosen.slice(0, 8 * atOnce), keyOf, lease)
    const chains = new Map<string, T[]>()
    for (const record of claimed) {
      const key = keyOf(record)
      chains.set(key, [...(chains.get(key) ?? []), record])
    }
    return [...chains].map(([key, list]) => ({ key, records: list }))
  }

  return {
    queue: records.queue,
    atOnce,
    take: async () => {
      isReleasing = false
      if (!ready.length) {
        const rest = lastWave + waveMs - performance.now()
        if (busy.size && rest > 0) {
          setTimeout(() => wakeWorker.emit('due', records.queue), rest).unref()
          return null
        }
        ready = await claimBatch()
        for (const { key } of ready) busy.add(key)
        if (ready.length) lastWave = performance.now()
      }
      const chain = ready.shift()
      return chain ? () => run(chain) : null
    },
    release: async () => {
      isReleasing = true
      const unstarted = ready.splice(0)
      for (const { key, records: chain } of unstarted) {
        busy.delete(key)
        await releaseUnstarted(records, chain)
      }
    },
  }
}

/**
 * Returns the records that are due and can begin now, the oldest first: not what a worker has leased, and not what
 * follows that for the same key.
 *
 * @param options.busy keys that this process is working on.
 * @param options.keyField the field with the key. With it, thousands of records of a few keys that can't begin now keep
 *   no others waiting.
 * @param options.atMost how many due records it looks at; more when it finds none among them that can begin.
 * @returns whether it has looked at all that are due, besides the records.
 */
export async function findInOrder<T extends Leased>(
  records: Pick<BatchRecords<T>, 'find'>,
  keyOf: (record: T) => string,
  {
    busy,
    keyField,
    filter = {},
    atMost = window,
  }: { busy?: Iterable<string>; keyField?: keyof T & string; filter?: QueryFilter<T>; atMost?: number } = {},
): Promise<{ chosen: T[]; isAll: boolean }> {
  const moment = now()
  const due = { ...filter, dueAt: { $type: 'date' as const, $lte: moment } } as QueryFilter<T>
  const skipped = new Map<string, unknown>()
  for (let isFirst = true; ; isFirst = false) {
    const limit = isFirst || keyField ? atMost : widestWindow
    const others = skipped.size ? { [keyField!]: { $nin: [...skipped.values()] } } : {}
    const found = await records
      .find({ ...due, ...others })
      .sort({ dueAt: 1 })
      .limit(limit)
    const blocked = new Set(busy)
    const chosen: T[] = []
    for (const record of found) {
      const isLeased = record.leaseUntil !== null && record.leaseUntil > moment
      if (isLeased) blocked.add(keyOf(record))
      else if (!blocked.has(keyOf(record))) chosen.push(record)
    }
    const isAll = found.length < limit
    if (chosen.length || isAll || !(isFirst || keyField)) return { chosen, isAll }
    if (keyField) for (const record of found) skipped.set(keyOf(record), record[keyField])
  }
}

/**
 * Leases these records, which are in order. What follows a record that another worker has just taken is not leased.
 *
 * @param set is written in the same step.
 */
export async function lend<T extends Leased>(
  records: BatchRecords<T>,
  chosen: T[],
  keyOf: (record: T) => string,
  lease: number,
  set: Partial<T> = {},
): Promise<T[]> {
  if (!chosen.length) return []
  const moment = now()
  const lent = { ...set, leaseToken: randomUUID(), leaseUntil: later(moment, lease) }
  const ids = chosen.map(({ _id }) => _id)
  const { modifiedCount } = await records.updateMany(
    { _id: { $in: ids }, ...dueAt(moment) } as QueryFilter<T>,
    { $set: lent, $inc: { attempts: 1 } } as UpdateQuery<T>,
  )
  const claimed = chosen.map(record => ({ ...record, ...lent, attempts: record.attempts + 1 }))
  if (modifiedCount === chosen.length) return claimed
  const own = { _id: { $in: ids }, leaseToken: lent.leaseToken } as QueryFilter<T>
  const ours = new Set((await records.find(own)).map(({ _id }) => String(_id)))
  const taken = new Set(claimed.filter(({ _id }) => !ours.has(String(_id))).map(keyOf))
  // Of a person whose record another worker has taken, all wait for that one.
  const [begun, tooEarly] = [false, true].map(isTaken =>
    claimed.filter(record => ours.has(String(record._id)) && taken.has(keyOf(record)) === isTaken),
  )
  await releaseUnstarted(records, tooEarly!)
  return begun!
}

/** Ends the leases of records that were claimed and not begun. */
export async function releaseUnstarted<T extends Leased>(
  records: Pick<BatchRecords<T>, 'updateEach'>,
  unstarted: T[],
  set: Partial<T> = {},
): Promise<void> {
  if (!unstarted.length) return
  await records.updateEach(
    unstarted.map(({ _id, leaseToken, attempts }) => ({
      filter: { _id, leaseToken } as QueryFilter<T>,
      change: {
        $set: { ...set, leaseToken: null, leaseUntil: null, attempts: attempts - 1 },
      } as UpdateQuery<T>,
    })),
  )
}

/** Returns a function that writes the results of finished work, those at the same time in one command. */
export function batchWriter<T extends Leased>(
  records: Pick<BatchRecords<T>, 'update'>,
): (record: T, update: Partial<T>, push?: Record<string, unknown>) => Promise<void> {
  return ({ _id, leaseToken }, result, push) => {
    const set = { $set: { ...result, leaseToken: null, leaseUntil: null } }
    const change = { ...set, ...(push && { $push: push }) } as UpdateQuery<T>
    return records.update({ _id, leaseToken } as QueryFilter<T>, change)
  }
}
