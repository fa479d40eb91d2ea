import type { Types } from 'mongoose'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { People, type Person } from './person'

/** Ends a pause: what is agreed counts again. Nothing if sharing is not paused. */
export async function resumeSharing(_id: Types.ObjectId): Promise<void> {
  const person = await People.findOne({ _id, sharingPausedAt: { $ne: null } }).lean<Person>()
  if (!person) return
  const turn = person.sharingTurns
  await record({ name: 'sharing.resumed', person: _id, idempotencyKey: [turn], data: { turn } })
  await resume(_id, turn)
}

/** Reaction to `sharing.resumed`: repeats the last step, should the process have died before it. */
export function applyResumption(event: Event<'sharing.resumed'>): Promise<void> {
  return resume(event.person, event.data.turn)
}

async function resume(_id: Types.ObjectId, turn: number): Promise<void> {
  await People.updateOne(
    // Withdrawn meanwhile means that there is no pause any more, and nothing to resume.
    { _id, sharingTurns: turn, sharingPausedAt: { $ne: null } },
    {
      $set: { sharingPausedAt: null },
      $inc: { sharingTurns: 1 },
      $addToSet: { consents: 'share_with_sales' },
    },
  )
}
