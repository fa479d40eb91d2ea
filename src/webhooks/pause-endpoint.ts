import type { Types } from 'mongoose'
import { Endpoints } from './endpoint'
import { holdDeliveries } from './hold-deliveries'

/** Pauses an endpoint: nothing is sent to it, and its messages are held until it is resumed. */
export async function pauseEndpoint(_id: Types.ObjectId): Promise<void> {
  await Endpoints.updateOne({ _id, removedAt: null, state: 'active' }, { $set: { state: 'paused' } })
  await holdDeliveries(_id)
}
