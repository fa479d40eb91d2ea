import type { Types } from 'mongoose'
import type { Event } from '../events/event'
import { now } from '../platform/clock'
import { wakeWorker } from '../platform/queue'
import { basisOf, subscribable } from './message-types'
import { Deliveries, cancellableStates } from './delivery'
import { currentEndpoints } from './endpoint'
import { holdDeliveries } from './hold-deliveries'

/** Messages with data that the person agreed to share. `lead.disqualified` still goes out, so the CRM learns of it. */
const consentBased = subscribable.filter(type => ['consent', 'request'].includes(basisOf(type)))

/**
 * Cancels the undelivered messages about a person who changed their mind, if they were queued by `until`. An attempt
 * that is in progress can't be stopped, but its retry is (see delivery-consent.ts).
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

/**
 * Reaction to `sharing.resumed`: sends the contact requests that the pause held back. The lead's own record is sent
 * again.
 */
export async function sendHeldRequests({ person }: Event<'sharing.resumed'>): Promise<void> {
  const types = subscribable.filter(type => basisOf(type) === 'request')
  const held = await Deliveries.updateMany(
    { person, type: { $in: types }, state: 'cancelled', reason: 'paused' },
    { $set: { state: 'pending', dueAt: now(), reason: null } },
  )
  if (!held.modifiedCount) return
  for (const endpoint of await currentEndpoints()) {
    if (endpoint.state !== 'active') await holdDeliveries(endpoint._id)
  }
  wakeWorker.emit('due')
}

/** Reaction to `consent.withdrawn`: cancels undelivered messages when it is a consent that a hand-off needs. */
export async function cancelWithdrawn(event: Event<'consent.withdrawn'>): Promise<void> {
  if (!['profiling', 'share_with_sales'].includes(event.data.purpose)) return
  await cancelDeliveries(event.person, 'withdrawn', event.at)
}
