import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { wakeWorker } from '../platform/queue'
import { Deliveries, cancellableStates } from './delivery'
import { Endpoints, type Endpoint } from './endpoint'

/** What the state of an endpoint means for its waiting deliveries. */
type Effect = 'release' | 'hold' | 'cancel'

/**
 * Makes the waiting deliveries of an endpoint follow its state: they are due while it is active, held while it is
 * paused or disabled, and cancelled once it is removed. Call it after every change of that state, and after writing a
 * delivery that depends on it. The state is read again after each change, so of two callers that overlap, the last one
 * writes what the endpoint's record says.
 *
 * @returns how many held deliveries became due.
 */
export async function applyEndpointState(endpoint: Types.ObjectId): Promise<number> {
  let released = 0
  let effect = await readEffect(endpoint)
  for (let applied: Effect | undefined; effect !== applied; effect = await readEffect(endpoint)) {
    applied = effect
    released += await apply(effect, endpoint)
  }
  if (released) wakeWorker.emit('due', 'deliveries')
  return released
}

async function readEffect(endpoint: Types.ObjectId): Promise<Effect> {
  const found = await Endpoints.findById(endpoint, { state: 1, removedAt: 1 })
  return found ? effectOf(found) : 'cancel'
}

function effectOf({ state, removedAt }: Pick<Endpoint, 'state' | 'removedAt'>): Effect {
  if (removedAt) return 'cancel'
  return state === 'active' ? 'release' : 'hold'
}

const held = (endpoint: Types.ObjectId) => ({ endpoint, state: 'held' as const })

/** The filter for what is due, now or later, and not in the hands of a worker that lives. */
const waiting = (endpoint: Types.ObjectId) => ({
  endpoint,
  dueAt: { $type: 'date' as const },
  $or: [{ leaseUntil: null }, { leaseUntil: { $lte: now() } }],
})

async function apply(effect: Effect, endpoint: Types.ObjectId): Promise<number> {
  if (effect === 'release') {
    // With a full set of attempts.
    const change = { state: 'pending', dueAt: now(), failures: 0 }
    return (await Deliveries.updateMany(held(endpoint), { $set: change })).modifiedCount
  }
  if (effect === 'hold') {
    await Deliveries.updateMany(waiting(endpoint), { $set: { state: 'held', dueAt: null } })
    return 0
  }
  const change = { state: 'cancelled', dueAt: null, reason: 'removed' }
  await Deliveries.updateMany(waiting(endpoint), { $set: change })
  await Deliveries.updateMany({ endpoint, state: { $in: cancellableStates } }, { $set: change })
  return 0
}

/**
 * The sweep: applies the state of every endpoint that has a delivery which contradicts it, as after a crash between
 * the change of an endpoint and that of its deliveries.
 */
export async function sweepDeliveries(): Promise<void> {
  for (const endpoint of await Endpoints.find({}, { state: 1, removedAt: 1 })) {
    const { _id } = endpoint
    const effect = effectOf(endpoint)
    const contradicts =
      (effect !== 'hold' && (await Deliveries.exists(held(_id)))) ||
      (effect !== 'release' && (await Deliveries.exists(waiting(_id))))
    if (contradicts) await applyEndpointState(_id)
  }
}

/** Counts the deliveries that are held although their endpoint is active: more than 0 for a minute is a fault. */
export async function countHeldAtActive(): Promise<number> {
  const active = await Endpoints.distinct('_id', { state: 'active', removedAt: null })
  return Deliveries.count({ state: 'held', endpoint: { $in: active } })
}
