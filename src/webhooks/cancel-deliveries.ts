import type { Types } from 'mongoose'
import type { Event } from '../events/event'
import { now } from '../platform/clock'
import { basisOf, subscribable } from './message-types'
import { Deliveries, cancellableStates } from './delivery'

/** Messages with data that the person agreed to share. `lead.disqualified` still goes out, so the CRM learns of it. */
const consentBased = subscribable.filter(type => ['consent', 'request'].includes(basisOf(type)))

/**
 * Cancels the undelivered messages about a person who changed their mind, as far as they were queued by `until`. An
 * attempt that is under way can't be stopped, but its retry is (see delivery-consent.ts).
 */
export async function cancelDeliveries(person: Types.ObjectId, reason: string, until = now()): Promise<void> {
  await Deliveries.updateMany(
    {
      person,
      type: { $in: consentBased },
      state: { $in: cancellableStates },
      createdAt: { $lte: until },
    },
    { $set: { state: 'cancelled', dueAt: null, reason } },
  )
}

/** Reaction to `sharing.paused`: cancels the person's undelivered messages. */
export function cancelPaused(event: Event<'sharing.paused'>): Promise<void> {
  return cancelDeliveries(event.person, 'paused', event.at)
}

/** Reaction to `consent.withdrawn`: cancels undelivered messages when it is a consent that a hand-off needs. */
export async function cancelWithdrawn(event: Event<'consent.withdrawn'>): Promise<void> {
  if (!['profiling', 'share_with_sales'].includes(event.data.purpose)) return
  await cancelDeliveries(event.person, 'withdrawn', event.at)
}
