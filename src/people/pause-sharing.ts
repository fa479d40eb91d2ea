import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { People, type Person } from './person'

/** Stops sharing with sales for as long as they like; the consent and its proof stay. Nothing if it is not on. */
export async function pauseSharing(_id: Types.ObjectId): Promise<void> {
  const person = await People.findOne({ _id, consents: 'share_with_sales' }).lean<Person>()
  if (!person) return
  const turn = person.sharingTurns
  const at = now()
  await record({ name: 'sharing.paused', person: _id, at, idempotencyKey: [turn], data: { turn } })
  await pause(_id, turn, at)
}

/** Reaction to `sharing.paused`: repeats the last step, should the process have died before it. */
export function applyPause(event: Event<'sharing.paused'>): Promise<void> {
  return pause(event.person, event.data.turn, event.at)
}

// Only at its own turn: a reaction that comes late must not undo what was asked for since.
async function pause(_id: Types.ObjectId, turn: number, at: Date): Promise<void> {
  await People.updateOne(
    { _id, sharingTurns: turn, consents: 'share_with_sales' },
    { $set: { sharingPausedAt: at }, $inc: { sharingTurns: 1 }, $pull: { consents: 'share_with_sales' } },
  )
}
