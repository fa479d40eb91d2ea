import type { Types } from 'mongoose'
import type { Event } from '../events/event'
import { cancelDeliveries } from './cancel-deliveries'
import { Deliveries, type Delivery } from './delivery'
import { currentEndpoints } from './endpoint'
import { createMessage, Messages } from './message'
import { createDeliveries, endpointsThatKnow } from './queue-deliveries'

/**
 * Reaction: every receiver that was ever told of somebody is told that they are erased; what waits is cancelled, and of all that
 * was said about them, here and by CRMs, the words are deleted. Ids and times stay.
 */
export async function eraseDeliveries(event: Event<'person.erased'>): Promise<void> {
  const { person, at } = event
  const receivers = await endpointsThatKnow(person, await currentEndpoints())
  if (receivers.length) {
    const data = { external_id: String(person), at: at.toISOString() }
    const draft = { type: 'lead.erased', cause: event._id, person, basis: 'none', at, data } as const
    await createDeliveries(await createMessage(draft), receivers)
  }
  await cancelDeliveries(person, 'erased')
  await blank(person)
}

async function blank(person: Types.ObjectId): Promise<void> {
  await Messages.updateMany({ person, type: { $ne: 'lead.erased' } }, { $set: { body: null } })
  const told = await Deliveries.find({ person, type: { $ne: 'lead.erased' } }).lean<Delivery[]>()
  for (const { _id, attemptLog } of told) {
    await Deliveries.updateOne(
      { _id },
      { $set: { attemptLog: attemptLog.map(one => ({ ...one, response: '' })) } },
    )
  }
}
