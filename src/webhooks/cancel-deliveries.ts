import type { Types } from 'mongoose'
import type { Event } from '../events/event'
import { now } from '../platform/clock'
import type { MessageType } from './message-types'
import { Deliveries } from './delivery'

/** Messages that carry what somebody agreed to share. That they take it back is told all the same. */
const shared: MessageType[] = ['lead.qualified', 'lead.updated', 'lead.contact_requested']

/**
 * Cancels what has not gone out yet about somebody who changed their mind: what was queued before `since`. A try under way
 * cannot be stopped; its repetition is (see may-be-told.ts).
 */
export async function cancelDeliveries(person: Types.ObjectId, reason: string, since = now()): Promise<void> {
  await Deliveries.updateMany(
    {
      person,
      type: { $in: shared },
      state: { $in: ['pending', 'held', 'failed'] },
      createdAt: { $lte: since },
    },
    { $set: { state: 'cancelled', dueAt: null, reason } },
  )
}

/** Reaction to a pause of sharing. */
export function cancelPaused(event: Event<'sharing.paused'>): Promise<void> {
  return cancelDeliveries(event.person, 'paused', event.at)
}

/** Reaction to a withdrawal: of either consent that a hand-off needs. */
export async function cancelWithdrawn(event: Event<'consent.withdrawn'>): Promise<void> {
  if (!['profiling', 'share_with_sales'].includes(event.data.purpose)) return
  await cancelDeliveries(event.person, 'withdrawn', event.at)
}
