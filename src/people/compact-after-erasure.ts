import mongoose from 'mongoose'
import { Events } from '../events/event'
import { days, later, now } from '../platform/clock'
import { compactStore } from '../platform/database'

/**
 * Removes the bytes of erased people from the file of the embedded store, where deleted data stays until its place is
 * used again. Runs once more on the day after, since what an erasure causes elsewhere may have happened after the first
 * run.
 */
export async function compactAfterErasure(): Promise<void> {
  const settings = mongoose.connection.collection<{ _id: string; at: Date }>('settings')
  const last = (await settings.findOne({ _id: 'compaction' }))?.at ?? new Date(0)
  const at = now()
  if (!(await Events.exists({ name: 'person.erased', at: { $gt: later(last, -days(1)) } }))) return
  await compactStore()
  await settings.updateOne({ _id: 'compaction' }, { $set: { at } }, { upsert: true })
}
