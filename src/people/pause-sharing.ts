import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { People } from './person'

/** Pauses sharing with sales. The consent and its proof stay. Does nothing when sharing is off. */
export async function pauseSharing(_id: Types.ObjectId): Promise<void> {
  const person = await People.findOne({ _id, consents: 'share_with_sales' })
  if (!person) return
  const change = person.sharingChanges
  const at = now()
  await record({ name: 'sharing.paused', person: _id, at, idempotencyKey: [change], data: { change } })
  await pause(_id, change, at)
}

/** Reaction to `sharing.paused`: finishes a pause that was interrupted before its last step. */
export function applyPause(event: Event<'sharing.paused'>): Promise<void> {
  return pause(event.person, event.data.change, event.at)
}

// Applies to its own change only: a late reaction must not undo a newer request.
async function pause(_id: Types.ObjectId, change: number, at: Date): Promise<void> {
  await People.updateOne(
    { _id, sharingChanges: change, consents: 'share_with_sales' },
    { $set: { sharingPausedAt: at }, $inc: { sharingChanges: 1 }, $pull: { consents: 'share_with_sales' } },
  )
}
