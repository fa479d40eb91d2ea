import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { later, now, seconds } from './clock'
import { date, defineRecord, nullable, string } from './record'

/** Which process does what only one may do at a time. */
const Locks = defineRecord('Lock', 'locks', { _id: string(), holder: nullable(string()), until: date() })

/** A process that was killed while it had a lock holds the others up this long. A task takes less. */
const lease = seconds(20)
const pauseMs = 10

/**
 * Runs a task while no other process runs one of this name. It is for work that has to see what others have written;
 * what may not happen twice needs a deterministic id besides, because a process that was stopped may come back.
 */
export async function withLock<Result>(name: string, task: () => Promise<Result>): Promise<Result> {
  const holder = randomUUID()
  // Before the first time, there is no record.
  let isMine = (await takeLock(name, holder)) || (await Locks.insertOnce({ _id: name, ...leaseOf(holder) }))
  while (!isMine) {
    await wait(pauseMs)
    isMine = await takeLock(name, holder)
  }
  try {
    return await task()
  } finally {
    await Locks.updateOne({ _id: name, holder }, { $set: { holder: null } })
  }
}

async function takeLock(name: string, holder: string): Promise<boolean> {
  // What ends far later than a lease can, with the clocks of others a little ahead, is of a clock that was set back.
  const isFree = [{ holder: null }, { until: { $lte: now() } }, { until: { $gt: later(now(), 2 * lease) } }]
  const { matchedCount } = await Locks.updateOne({ _id: name, $or: isFree }, { $set: leaseOf(holder) })
  return matchedCount > 0
}

const leaseOf = (holder: string) => ({ holder, until: later(now(), lease) })
