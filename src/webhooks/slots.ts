import { randomUUID } from 'node:crypto'
import type { Types } from 'mongoose'
import { later, now, seconds } from '../platform/clock'
import { stillAhead } from '../platform/clock-jump'
import { breakerPeriod, Endpoints, type Endpoint } from './endpoint'

/** The right to call an endpoint with one message after another. It is released whatever the result of the call. */
export type Slot = { endpoint: Types.ObjectId; token: string }

const maxConcurrent = 4
/** Longer than any call, so a slot only expires when its process has died. */
const slotLifetime = seconds(60)

/** How many calls an endpoint has room for, and how many messages of its rate limit. */
export type Room = { slots: number; messages: number }

/** Returns the room of an endpoint: none while it is paused or its circuit breaker is open. */
export function roomOf(endpoint: Endpoint, at: Date): Room {
  if (!isCallable(endpoint, at)) return { slots: 0, messages: 0 }
  const live = endpoint.slots.filter(slot => stillAhead(slot.until, slotLifetime, at))
  const interval = seconds(1) / endpoint.perSecond
  const latest = later(at, (endpoint.perSecond - 1) * interval)
  const ahead = latest.getTime() - firstSendAt(endpoint, at).getTime()
  return {
    slots: Math.max(0, concurrencyOf(endpoint) - live.length),
    messages: ahead < 0 ? 0 : Math.floor(ahead / interval) + 1,
  }
}

/**
 * Acquires a slot of an endpoint for a number of messages, one after another: at most four slots at a time (one while
 * it doesn't respond), at most `perSecond` messages per second, none while it is paused or its circuit breaker is open.
 * Slots are in the database, so the limits hold across workers.
 *
 * @param messages at most as many as `roomOf` has returned for this endpoint.
 * @returns null when the caller has to wait.
 */
export async function acquireSlot(endpoint: Endpoint, messages: number): Promise<Slot | null> {
  const at = now()
  const expired = endpoint.slots
    .filter(slot => !stillAhead(slot.until, slotLifetime, at))
    .map(slot => slot.token)
  if (expired.length) await releaseSlots(endpoint._id, expired)
  const slot = { token: randomUUID(), until: later(at, slotLifetime) }
  const sendAt = later(firstSendAt(endpoint, at), (messages * seconds(1)) / endpoint.perSecond)
  const acquired = await Endpoints.updateOne(
    {
      _id: endpoint._id,
      state: 'active',
      nextSendAt: endpoint.nextSendAt,
      breakerUntil: endpoint.breakerUntil,
      [`slots.${concurrencyOf(endpoint) - 1}`]: { $exists: false },
    },
    { $set: { nextSendAt: sendAt }, $push: { slots: slot } },
  )
  return acquired.matchedCount === 1 ? { endpoint: endpoint._id, token: slot.token } : null
}

const concurrencyOf = ({ unanswered }: Endpoint) => (unanswered > 0 ? 1 : maxConcurrent)

/**
 * The theoretical arrival time (generic cell rate algorithm), but not before now. A whole burst is at most a second.
 */
function firstSendAt({ nextSendAt }: Endpoint, at: Date): Date {
  return stillAhead(nextSendAt, seconds(1), at) ?? at
}

/** Releases slots by their tokens. */
export async function releaseSlots(endpoint: Types.ObjectId, tokens: string[]): Promise<void> {
  await Endpoints.updateOne({ _id: endpoint }, { $pull: { slots: { token: { $in: tokens } } } })
}

/** True when an endpoint is active and its circuit breaker is closed. */
function isCallable(endpoint: Pick<Endpoint, 'state' | 'breakerUntil' | 'removedAt'>, at: Date): boolean {
  const isBreakerOpen = stillAhead(endpoint.breakerUntil, breakerPeriod, at) !== null
  return endpoint.state === 'active' && !endpoint.removedAt && !isBreakerOpen
}
