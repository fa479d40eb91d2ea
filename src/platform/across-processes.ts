import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { later, now, seconds } from './clock'
import { date, defineRecord, nullable, string } from './record'

/** Who is doing what only one process may do at a time. */
const Turns = defineRecord('Turn', 'turns', { _id: string(), holder: nullable(string()), until: date() })

/** A process that was killed in its turn holds the others up this long. A task takes less. */
const lease = seconds(20)
const pauseMs = 10

/**
 * Runs a task while no other process runs one of this name. It is for work that has to see what others have written;
 * what may not happen twice needs a deterministic id besides, because a process that was stopped may come back.
 */
export async function oneAcrossProcesses<Result>(name: string, task: () => Promise<Result>): Promise<Result> {
  const holder = randomUUID()
  while (!(await takeTurn(name, holder))) await wait(pauseMs)
  try {
    return await task()
  } finally {
    await Turns.updateOne({ _id: name, holder }, { $set: { holder: null } })
  }
}

async function takeTurn(name: string, holder: string): Promise<boolean> {
  const mine = { holder, until: later(now(), lease) }
  const { matchedCount } = await Turns.updateOne(
    { _id: name, $or: [{ holder: null }, { until: { $lte: now() } }] },
    { $set: mine },
  )
  // Before the first turn, there is no record.
  return matchedCount > 0 || Turns.insertOnce({ _id: name, ...mine })
}
