import type { Types } from 'mongoose'
import { applyEndpointState } from './apply-endpoint-state'
import { Endpoints } from './endpoint'

/** Pauses an endpoint: nothing is sent to it, and its messages are held until it is resumed. */
export async function pauseEndpoint(_id: Types.ObjectId): Promise<void> {
  await Endpoints.updateOne({ _id, removedAt: null, state: 'active' }, { $set: { state: 'paused' } })
  await applyEndpointState(_id)
}
