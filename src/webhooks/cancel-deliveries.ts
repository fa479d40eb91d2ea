import type { Types } from 'mongoose'
import type { Event } from '../events/event'
import { now } from '../platform/clock'
import { applyEndpointState } from './apply-endpoint-state'
import { basisOf, subscribable } from './message-types'
import { Deliveries, cancellableStates } from './delivery'

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
  const paused = { person, type: { $in: types }, state: 'cancelled' as const, reason: 'paused' }
  const endpoints = await Deliveries.distinct('endpoint', paused)
  // They wait as held until the state of their endpoint says whether they are due.
  await Deliveries.updateMany(paused, { $set: { state: 'held', reason: null } })
  for (const endpoint of endpoints) await applyEndpointState(endpoint)
}

/** Reaction to `consent.withdrawn`: cancels undelivered messages when it is a consent that a hand-off needs. */
export async function cancelWithdrawn(event: Event<'consent.withdrawn'>): Promise<void> {
  if (!['profiling', 'share_with_sales'].includes(event.data.purpose)) return
  await cancelDeliveries(event.person, 'withdrawn', event.at)
}
