import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { Deliveries } from './delivery'

/** Holds the pending deliveries of an endpoint that is paused or disabled. Nothing is dropped. */
export async function holdDeliveries(endpoint: Types.ObjectId): Promise<void> {
  await Deliveries.updateMany({ endpoint, state: 'pending' }, { $set: { state: 'held', dueAt: null } })
}

/** Makes an endpoint's held deliveries due now, with a full set of attempts. Returns how many there were. */
export async function releaseDeliveries(endpoint: Types.ObjectId): Promise<number> {
  const released = await Deliveries.updateMany(
    { endpoint, state: 'held' },
    { $set: { state: 'pending', dueAt: now(), failures: 0 } },
  )
  return released.modifiedCount
}
