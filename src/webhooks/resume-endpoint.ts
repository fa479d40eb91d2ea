import type { Types } from 'mongoose'
import { applyEndpointState } from './apply-endpoint-state'
import { Endpoints } from './endpoint'

/**
 * Activates an endpoint that was paused or disabled, and makes its held messages due.
 *
 * @returns the number of held messages.
 */
export async function resumeEndpoint(_id: Types.ObjectId): Promise<number> {
  await Endpoints.updateOne(
    { _id, removedAt: null, state: { $ne: 'listening' } },
    { $set: { state: 'active', failingSince: null, unanswered: 0, breakerUntil: null } },
  )
  return applyEndpointState(_id)
}
