import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { Deliveries } from './delivery'
import { Endpoints } from './endpoint'

/** Removes a receiver for good: its secrets are deleted, what waits is cancelled, its name stays with what it got. */
export async function removeEndpoint(endpoint: Types.ObjectId): Promise<void> {
  await Endpoints.updateOne(
    { _id: endpoint, removedAt: null },
    { $set: { removedAt: now(), state: 'paused', secrets: [] } },
  )
  await Deliveries.updateMany(
    { endpoint, state: { $in: ['pending', 'held', 'failed'] } },
    { $set: { state: 'cancelled', dueAt: null, reason: 'removed' } },
  )
}
