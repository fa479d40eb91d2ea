import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { Deliveries } from './delivery'

/** What waits for a receiver that takes nothing now is held, never dropped. */
export async function holdDeliveries(endpoint: Types.ObjectId): Promise<void> {
  await Deliveries.updateMany({ endpoint, state: 'pending' }, { $set: { state: 'held', dueAt: null } })
}

/** What was held is due at once, with all its tries before it; how many there were. */
export async function releaseDeliveries(endpoint: Types.ObjectId): Promise<number> {
  const released = await Deliveries.updateMany(
    { endpoint, state: 'held' },
    { $set: { state: 'pending', dueAt: now(), failures: 0 } },
  )
  return released.modifiedCount
}
