import type { Types } from 'mongoose'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { People } from './person'

/** Ends a pause: the consent counts again. Does nothing when sharing is not paused. */
export async function resumeSharing(_id: Types.ObjectId): Promise<void> {
  const person = await People.findOne({ _id, sharingPausedAt: { $ne: null } })
  if (!person) return
  const change = person.sharingChanges
  await record({ name: 'sharing.resumed', person: _id, idempotencyKey: [change], data: { change } })
  await resume(_id, change)
}

/** Reaction to `sharing.resumed`: finishes a resumption that was interrupted before its last step. */
export function applyResumption(event: Event<'sharing.resumed'>): Promise<void> {
  return resume(event.person, event.data.change)
}

async function resume(_id: Types.ObjectId, change: number): Promise<void> {
  await People.updateOne(
    // A withdrawal has ended the pause in the meantime, so there is nothing to resume.
    { _id, sharingChanges: change, sharingPausedAt: { $ne: null } },
    {
      $set: { sharingPausedAt: null },
      $inc: { sharingChanges: 1 },
      $addToSet: { consents: 'share_with_sales' },
    },
  )
}
