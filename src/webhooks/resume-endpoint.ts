import type { Types } from 'mongoose'
import { wakeWorker } from '../platform/queue'
import { Endpoints } from './endpoint'
import { releaseDeliveries } from './hold-deliveries'

/**
 * Activates an endpoint that was paused or disabled, and makes its held messages due.
 *
 * @returns the number of held messages.
 */
export async function resumeEndpoint(_id: Types.ObjectId): Promise<number> {
  await Endpoints.updateOne(
    { _id, removedAt: null },
    { $set: { state: 'active', failingSince: null, unanswered: 0, breakerUntil: null } },
  )
  const released = await releaseDeliveries(_id)
  wakeWorker.emit('due')
  return released
}
