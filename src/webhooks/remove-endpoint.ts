import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { applyEndpointState } from './apply-endpoint-state'
import { Endpoints } from './endpoint'

/**
 * Removes an endpoint for good: deletes its secrets and cancels its undelivered messages. Its name stays with its
 * past deliveries.
 */
export async function removeEndpoint(endpoint: Types.ObjectId): Promise<void> {
  await Endpoints.updateOne(
    { _id: endpoint, removedAt: null },
    { $set: { removedAt: now(), state: 'paused', secrets: [] } },
  )
  await applyEndpointState(endpoint)
}
