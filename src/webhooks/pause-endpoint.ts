import type { Types } from 'mongoose'
import { Endpoints } from './endpoint'
import { holdDeliveries } from './hold-deliveries'

/** Sends a receiver nothing until it is resumed; what happens meanwhile is held for it. */
export async function pauseEndpoint(_id: Types.ObjectId): Promise<void> {
  await Endpoints.updateOne({ _id, removedAt: null, state: 'active' }, { $set: { state: 'paused' } })
  await holdDeliveries(_id)
}
