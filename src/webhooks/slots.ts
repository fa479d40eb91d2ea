import { randomUUID } from 'node:crypto'
import type { Types } from 'mongoose'
import { later, now, seconds } from '../platform/clock'
import { Endpoints, type Endpoint } from './endpoint'

/** The right to call a receiver once. Who holds one gives it back, whatever came of the call. */
export type Turn = { endpoint: Types.ObjectId; token: string }

const atOnce = 4
/** Longer than any call may take: a turn is only ever taken away from a process that died. */
const turnEnds = seconds(60)

/**
 * Takes a turn at a receiver: at most four at once (one, while nobody answers there), at most `perSecond` a second, none
 * while it is paused or its breaker is open. Kept in the database, so that the limits hold over all workers. Null when it
 * has to wait.
 */
export async function takeTurn(endpoint: Endpoint): Promise<Turn | null> {
  const moment = now()
  if (!isOpen(endpoint, moment)) return null
  const pace = nextPace(endpoint, moment)
  if (!pace) return null
  const expired = endpoint.turns.filter(turn => turn.until <= moment).map(turn => turn.token)
  if (expired.length) await giveBack(endpoint._id, expired)
  const turn = { token: randomUUID(), until: later(moment, turnEnds) }
  const room = endpoint.unanswered > 0 ? 1 : atOnce
  const taken = await Endpoints.updateOne(
    {
      _id: endpoint._id,
      state: 'active',
      paceAt: endpoint.paceAt,
      breakerUntil: endpoint.breakerUntil,
      [`turns.${room - 1}`]: { $exists: false },
    },
    { $set: { paceAt: pace }, $push: { turns: turn } },
  )
  return taken.matchedCount === 1 ? { endpoint: endpoint._id, token: turn.token } : null
}

/** Ends turns. */
export async function giveBack(endpoint: Types.ObjectId, tokens: string[]): Promise<void> {
  await Endpoints.updateOne({ _id: endpoint }, { $pull: { turns: { token: { $in: tokens } } } })
}

/** True when a receiver may be called at all at this moment. */
export function isOpen(
  endpoint: Pick<Endpoint, 'state' | 'breakerUntil' | 'removedAt'>,
  moment: Date,
): boolean {
  const resting = endpoint.breakerUntil !== null && endpoint.breakerUntil > moment
  return endpoint.state === 'active' && !endpoint.removedAt && !resting
}

function nextPace({ paceAt, perSecond }: Endpoint, moment: Date): Date | null {
  const interval = seconds(1) / perSecond
  const from = paceAt && paceAt > moment ? paceAt : moment
  const burst = later(moment, (perSecond - 1) * interval)
  return from > burst ? null : later(from, interval)
}
