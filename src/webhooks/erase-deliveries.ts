import type { Types } from 'mongoose'
import type { Event } from '../events/event'
import { cancelDeliveries } from './cancel-deliveries'
import { Deliveries } from './delivery'
import { Messages } from './message'

/**
 * Reaction to `person.erased`: cancels what is undelivered, and deletes the content of messages and of responses. Ids
 * and times stay. `lead.erased` must be queued first: a cancelled delivery no longer shows which endpoints it goes to.
 */
export async function eraseDeliveries({ person }: Event<'person.erased'>): Promise<void> {
  await cancelDeliveries(person, 'erased')
  await deleteContent(person)
}

async function deleteContent(person: Types.ObjectId): Promise<void> {
  await Messages.updateMany({ person, type: { $ne: 'lead.erased' } }, { $set: { body: null } })
  const deliveries = await Deliveries.find({ person, type: { $ne: 'lead.erased' } })
  for (const { _id, attemptLog } of deliveries) {
    await Deliveries.updateOne(
      { _id },
      { $set: { attemptLog: attemptLog.map(attempt => ({ ...attempt, response: '', location: null })) } },
    )
  }
}
