import { randomUUID } from 'node:crypto'
import type { Types } from 'mongoose'
import { later, now, seconds } from '../platform/clock'
import { Endpoints, type Endpoint } from './endpoint'

/** The right to call a receiver once. Who holds one gives it back, whatever came of the call. */
export type Slot = { endpoint: Types.ObjectId; token: string }

const maxConcurrent = 4
/** Longer than any call may take: a turn is only ever taken away from a process that died. */
const slotLifetime = seconds(60)

/**
 * Takes a turn at a receiver: at most four at once (one, while nobody answers there), at most `perSecond` a second, none
 * while it is paused or its breaker is open. Kept in the database, so that the limits hold over all workers. Null when it
 * has to wait.
 */
export async function acquireSlot(endpoint: Endpoint): Promise<Slot | null> {
  const moment = now()
  if (!isCallable(endpoint, moment)) return null
  const pace = nextSendAt(endpoint, moment)
  if (!pace) return null
  const expired = endpoint.slots.filter(turn => turn.until <= moment).map(turn => turn.token)
  if (expired.length) await releaseSlots(endpoint._id, expired)
  const turn = { token: randomUUID(), until: later(moment, slotLifetime) }
  const room = endpoint.unanswered > 0 ? 1 : maxConcurrent
  const taken = await Endpoints.updateOne(
    {
      _id: endpoint._id,
      state: 'active',
      nextSendAt: endpoint.nextSendAt,
      breakerUntil: endpoint.breakerUntil,
      [`slots.${room - 1}`]: { $exists: false },
    },
    { $set: { nextSendAt: pace }, $push: { slots: turn } },
  )
  return taken.matchedCount === 1 ? { endpoint: endpoint._id, token: turn.token } : null
}

/** Ends turns. */
export async function releaseSlots(endpoint: Types.ObjectId, tokens: string[]): Promise<void> {
  await Endpoints.updateOne({ _id: endpoint }, { $pull: { slots: { token: { $in: tokens } } } })
}

/** True when a receiver may be called at all at this moment. */
export function isCallable(
  endpoint: Pick<Endpoint, 'state' | 'breakerUntil' | 'removedAt'>,
  moment: Date,
): boolean {
  const resting = endpoint.breakerUntil !== null && endpoint.breakerUntil > moment
  return endpoint.state === 'active' && !endpoint.removedAt && !resting
}

function nextSendAt({ nextSendAt, perSecond }: Endpoint, moment: Date): Date | null {
  const interval = seconds(1) / perSecond
  const from = nextSendAt && nextSendAt > moment ? nextSendAt : moment
  const burst = later(moment, (perSecond - 1) * interval)
  return from > burst ? null : later(from, interval)
}
