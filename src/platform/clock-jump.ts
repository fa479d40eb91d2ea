import mongoose from 'mongoose'
import { hours, later, minutes, now } from './clock'
import { log } from './log'

/** The worker's heartbeat, and the last time that the clock went back. */
type Heartbeat = { _id: string; at: Date; wentBack?: { at: Date; milliseconds: number } }
type Scheduled = { _id: string; dueAt: Date | null; leaseUntil: Date | null }

const heartbeats = () => mongoose.connection.collection<Heartbeat>('settings')
/** Workers' clocks differ by less: with a MongoDB all of them use its clock. */
const tolerance = minutes(1)
const batchSize = 500

/**
 * Records that a worker is alive. When an earlier heartbeat lies in the future, the clock has gone back: what is
 * scheduled in these collections would wait for as long, so it moves back with the clock.
 */
export async function heartbeat(collections: string[] = []): Promise<void> {
  const at = now()
  const last = await heartbeats().findOneAndUpdate({ _id: 'worker' }, { $set: { at } }, { upsert: true })
  const milliseconds = last ? last.at.getTime() - at.getTime() : 0
  if (milliseconds <= tolerance) return
  log.warn({ seconds: Math.round(milliseconds / 1000) }, 'the clock went back; due times move back with it')
  await heartbeats().updateOne({ _id: 'worker' }, { $set: { wentBack: { at, milliseconds } } })
  for (const collection of collections) await moveBack(collection, at, milliseconds)
}

/** When a worker was last alive; null before the first. */
export async function lastHeartbeat(): Promise<Date | null> {
  return (await heartbeats().findOne({ _id: 'worker' }))?.at ?? null
}

/** Returns when the clock went back in the last hour, and by how many milliseconds; null when it didn't. */
export async function lastClockJump(): Promise<Heartbeat['wentBack'] | null> {
  const { wentBack } = (await heartbeats().findOne({ _id: 'worker' })) ?? {}
  return wentBack && wentBack.at > later(now(), -hours(1)) ? wentBack : null
}

/**
 * Returns a stored moment in the future, or null for one that has passed. One that is further ahead than it can have
 * been when it was written, `longest` milliseconds, was written before the clock went back, and has passed too.
 */
export function stillAhead(moment: Date | null, longest: number, at: Date): Date | null {
  return moment && moment > at && moment <= later(at, longest) ? moment : null
}

async function moveBack(collection: string, at: Date, milliseconds: number): Promise<void> {
  const rows = mongoose.connection.collection<Scheduled>(collection)
  const earlier = (moment: Date | null) => moment && later(moment, -milliseconds)
  for (const field of ['dueAt', 'leaseUntil'] as const) {
    const ahead = { dueAt: { $type: 'date' as const }, [field]: { $gt: at } }
    const found = rows.find(ahead, { projection: { dueAt: 1, leaseUntil: 1 } }).batchSize(batchSize)
    let updates = []
    for (const row of await found.toArray()) {
      const unchanged = { _id: row._id, [field]: row[field] }
      updates.push({ updateOne: { filter: unchanged, update: { $set: { [field]: earlier(row[field]) } } } })
      if (updates.length < batchSize) continue
      await rows.bulkWrite(updates, { ordered: false })
      updates = []
    }
    if (updates.length) await rows.bulkWrite(updates, { ordered: false })
  }
}
