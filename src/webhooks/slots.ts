import { randomUUID } from 'node:crypto'
import type { Types } from 'mongoose'
import { later, now, seconds } from '../platform/clock'
import { stillAhead } from '../platform/clock-jump'
import { breakerPeriod, Endpoints, type Endpoint } from './endpoint'

/** The right to call an endpoint once. It is released whatever the result of the call. */
export type Slot = { endpoint: Types.ObjectId; token: string }

const maxConcurrent = 4
/** Longer than any call, so a slot only expires when its process has died. */
const slotLifetime = seconds(60)

/**
 * Acquires a slot of an endpoint: at most four at a time (one while it doesn't respond), at most `perSecond` per
 * second, none while it is paused or its circuit breaker is open. Slots are in the database, so the limits hold
 * across workers.
 *
 * @returns null when the caller has to wait.
 */
export async function acquireSlot(endpoint: Endpoint): Promise<Slot | null> {
  const at = now()
  if (!isCallable(endpoint, at)) return null
  const sendAt = nextSendAt(endpoint, at)
  if (!sendAt) return null
  const expired = endpoint.slots
    .filter(slot => !stillAhead(slot.until, slotLifetime, at))
    .map(slot => slot.token)
  if (expired.length) await releaseSlots(endpoint._id, expired)
  const slot = { token: randomUUID(), until: later(at, slotLifetime) }
  const limit = endpoint.unanswered > 0 ? 1 : maxConcurrent
  const acquired = await Endpoints.updateOne(
    {
      _id: endpoint._id,
      state: 'active',
      nextSendAt: endpoint.nextSendAt,
      breakerUntil: endpoint.breakerUntil,
      [`slots.${limit - 1}`]: { $exists: false },
    },
    { $set: { nextSendAt: sendAt }, $push: { slots: slot } },
  )
  return acquired.matchedCount === 1 ? { endpoint: endpoint._id, token: slot.token } : null
}

/** Releases slots by their tokens. */
export async function releaseSlots(endpoint: Types.ObjectId, tokens: string[]): Promise<void> {
  await Endpoints.updateOne({ _id: endpoint }, { $pull: { slots: { token: { $in: tokens } } } })
}

/** True when an endpoint is active and its circuit breaker is closed. */
export function isCallable(
  endpoint: Pick<Endpoint, 'state' | 'breakerUntil' | 'removedAt'>,
  at: Date,
): boolean {
  const isBreakerOpen = stillAhead(endpoint.breakerUntil, breakerPeriod, at) !== null
  return endpoint.state === 'active' && !endpoint.removedAt && !isBreakerOpen
}

/** Returns the new theoretical arrival time (generic cell rate algorithm), or null when the rate limit is reached. */
function nextSendAt({ nextSendAt, perSecond }: Endpoint, at: Date): Date | null {
  const interval = seconds(1) / perSecond
  // A whole burst is at most a second.
  const from = stillAhead(nextSendAt, seconds(1), at) ?? at
  const latest = later(at, (perSecond - 1) * interval)
  return from > latest ? null : later(from, interval)
}
