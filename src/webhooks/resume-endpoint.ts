import type { Types } from 'mongoose'
import { wakeWorker } from '../platform/queue'
import { Endpoints } from './endpoint'
import { releaseDeliveries } from './hold-deliveries'

/** Sends again, whether a receiver was paused or switched off, and all that was held. How many messages that were. */
export async function resumeEndpoint(_id: Types.ObjectId): Promise<number> {
  await Endpoints.updateOne(
    { _id, removedAt: null },
    { $set: { state: 'active', failingSince: null, unanswered: 0, breakerUntil: null } },
  )
  const released = await releaseDeliveries(_id)
  wakeWorker.emit('due')
  return released
}
