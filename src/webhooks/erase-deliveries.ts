import type { Types } from 'mongoose'
import type { Event } from '../events/event'
import { cancelDeliveries } from './cancel-deliveries'
import { Deliveries } from './delivery'
import { currentEndpoints } from './endpoint'
import { createMessage, Messages } from './message'
import { createDeliveries, endpointsThatKnow } from './queue-deliveries'

/**
 * Reaction to `person.erased`: sends `lead.erased` to every endpoint that ever got a message about the person (GDPR
 * Art. 19), cancels what is undelivered, and deletes the content of messages and of responses. Ids and times stay.
 */
export async function eraseDeliveries(event: Event<'person.erased'>): Promise<void> {
  const { person, at } = event
  const endpoints = await endpointsThatKnow(person, await currentEndpoints())
  if (endpoints.length) {
    const data = { external_id: String(person), at: at.toISOString() }
    const draft = { type: 'lead.erased', cause: event._id, person, basis: 'none', at, data } as const
    await createDeliveries(await createMessage(draft), endpoints)
  }
  await cancelDeliveries(person, 'erased')
  await deleteContent(person)
}

async function deleteContent(person: Types.ObjectId): Promise<void> {
  await Messages.updateMany({ person, type: { $ne: 'lead.erased' } }, { $set: { body: null } })
  const deliveries = await Deliveries.find({ person, type: { $ne: 'lead.erased' } })
  for (const { _id, attemptLog } of deliveries) {
    await Deliveries.updateOne(
      { _id },
      { $set: { attemptLog: attemptLog.map(attempt => ({ ...attempt, response: '' })) } },
    )
  }
}
