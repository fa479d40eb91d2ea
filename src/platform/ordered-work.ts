import { randomUUID } from 'node:crypto'
import type { QueryFilter, UpdateQuery } from 'mongoose'
import { later, now } from './clock'
import { log } from './log'
import { attempt, dueAt, type Consumer, type Leased, type Policy, type QueueRecords } from './queue'

/** What the consumer needs from its records, besides what every queue needs. */
type BatchRecords<T> = Pick<QueueRecords<T>, 'queue'> & {
  find(filter: QueryFilter<T>): Sortable<T>
  updateMany(filter: QueryFilter<T>, change: UpdateQuery<T>): Promise<{ modifiedCount: number }>
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
  inOrderOf: (record: T) => unknown
}

/** Records with one key that were claimed together, in order. */
type Chain<T> = { key: string; records: T[] }

/** How many records a claim looks past that cannot begin yet, and how many when those are all it finds. */
const [minLookahead, maxLookahead] = [64, 2000]

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
  const { lease, atOnce, inOrderOf } = policy
  const keyOf = (record: T) => String(inOrderOf(record))
  const write = batchWriter(records)
  const busy = new Set<string>()
  let ready: Chain<T>[] = []
  let isReleasing = false
  let lookahead = minLookahead

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
      await giveBack(chain)
    }
  }

  /** False when a record has waited so long that another worker may have taken it over. */
  async function isStillOurs({ _id, leaseToken, leaseUntil }: T): Promise<boolean> {
    if (leaseUntil && leaseUntil > later(now(), lease / 2)) return true
    const extended = { $set: { leaseUntil: later(now(), lease) } } as UpdateQuery<T>
    return (await records.updateMany({ _id, leaseToken } as QueryFilter<T>, extended)).modifiedCount === 1
  }

  async function giveBack(unstarted: T[]): Promise<void> {
    if (!unstarted.length) return
    await records.updateEach(
      unstarted.map(({ _id, leaseToken, attempts }) => ({
        filter: { _id, leaseToken } as QueryFilter<T>,
        change: { $set: { leaseToken: null, leaseUntil: null, attempts: attempts - 1 } } as UpdateQuery<T>,
      })),
    )
  }

  async function claimBatch(): Promise<Chain<T>[]> {
    const moment = now()
    const limit = 8 * atOnce
    const due = { dueAt: { $type: 'date' as const, $lte: moment } } as QueryFilter<T>
    const found = await records
      .find(due)
      .sort({ dueAt: 1 })
      .limit(lookahead + limit)
    const blocked = new Set(busy)
    const chosen: T[] = []
    for (const record of found) {
      const isLeased = record.leaseUntil !== null && record.leaseUntil > moment
      if (isLeased) blocked.add(keyOf(record))
      else if (!blocked.has(keyOf(record)) && chosen.length < limit) chosen.push(record)
    }
    if (!chosen.length) {
      // All of them are with other workers: the next claim looks further.
      if (found.length === lookahead + limit) lookahead = maxLookahead
      return []
    }
    const lent = { leaseToken: randomUUID(), leaseUntil: later(moment, lease) }
    const ids = chosen.map(({ _id }) => _id)
    const { modifiedCount } = await records.updateMany(
      { _id: { $in: ids }, ...dueAt(moment) } as QueryFilter<T>,
      { $set: lent, $inc: { attempts: 1 } } as UpdateQuery<T>,
    )
    const claimed =
      modifiedCount === chosen.length
        ? chosen.map(record => ({ ...record, ...lent, attempts: record.attempts + 1 }))
        : await records.find({ _id: { $in: ids }, leaseToken: lent.leaseToken } as QueryFilter<T>)
    return chainsOf(chosen, new Map(claimed.map(record => [String(record._id), record])))
  }

  /** Groups what was claimed. What follows a record that another worker has taken waits for that one. */
  async function chainsOf(chosen: T[], claimed: Map<string, T>): Promise<Chain<T>[]> {
    const chains = new Map<string, T[]>()
    const tooEarly: T[] = []
    const taken = new Set<string>()
    for (const each of chosen) {
      const key = keyOf(each)
      const record = claimed.get(String(each._id))
      if (!record) taken.add(key)
      else if (taken.has(key)) tooEarly.push(record)
      else chains.set(key, [...(chains.get(key) ?? []), record])
    }
    await giveBack(tooEarly)
    return [...chains].map(([key, list]) => ({ key, records: list }))
  }

  return {
    queue: records.queue,
    atOnce,
    take: async () => {
      isReleasing = false
      if (!ready.length) {
        ready = await claimBatch()
        for (const { key } of ready) busy.add(key)
      }
      const chain = ready.shift()
      return chain ? () => run(chain) : null
    },
    release: async () => {
      isReleasing = true
      const unstarted = ready.splice(0)
      for (const { key, records: chain } of unstarted) {
        busy.delete(key)
        await giveBack(chain)
      }
    },
  }
}

/** Returns a function that writes the results of finished work, all that wait while a write is under way in one. */
function batchWriter<T extends Leased>(
  records: BatchRecords<T>,
): (record: T, update: Partial<T>) => Promise<void> {
  type Waiting = { update: Update<T>; resolve: () => void; reject: (error: unknown) => void }
  let waiting: Waiting[] = []
  let isWriting = false

  async function writeAll(): Promise<void> {
    isWriting = true
    while (waiting.length) {
      const batch = waiting
      waiting = []
      await records.updateEach(batch.map(({ update }) => update)).then(
        () => batch.forEach(({ resolve }) => resolve()),
        (error: unknown) => batch.forEach(({ reject }) => reject(error)),
      )
    }
    isWriting = false
  }

  return ({ _id, leaseToken }, result) =>
    new Promise((resolve, reject) => {
      const filter = { _id, leaseToken } as QueryFilter<T>
      const change = { $set: { ...result, leaseToken: null, leaseUntil: null } } as UpdateQuery<T>
      waiting.push({ update: { filter, change }, resolve, reject })
      if (!isWriting) void writeAll()
    })
}
