import type { Types } from 'mongoose'
import { now } from '../clock'
import { conflict } from '../errors'
import { bell } from '../queue'
import { Deliveries, type DeliveryState } from './delivery'
import { Endpoints, type Endpoint } from './endpoint'

export type Recovery = {
  endpoint: Types.ObjectId
  since: Date
  until: Date
  /** `dead`: what was given up. `all`: also what has arrived, for a receiver that lost its own data. */
  which: 'dead' | 'all'
}

const states: Record<Recovery['which'], DeliveryState[]> = {
  dead: ['dead'],
  all: ['dead', 'delivered'],
}

/**
 * Sends again what was queued for a receiver in a span of time, each under its own `webhook-id`, at the receiver's pace. How
 * many; the list of deliveries shows how far it is, and pausing the receiver stops it. Refuses (409) while the receiver takes nothing.
 */
export async function recoverDeliveries({ endpoint, since, until, which }: Recovery): Promise<number> {
  const receiver = await Endpoints.findById(endpoint).lean<Endpoint>()
  if (receiver?.state !== 'active') throw conflict('handoff:errors.notTaking', { name: receiver?.name ?? '' })
  const recovered = await Deliveries.updateMany(
    { endpoint, state: { $in: states[which] }, createdAt: { $gte: since, $lte: until } },
    { $set: { state: 'pending', dueAt: now(), failures: 0 } },
  )
  bell.emit('due')
  return recovered.modifiedCount
}
