import { later, now } from '../platform/clock'
import { breakerPeriod, minFailureSpan, Endpoints, disableAfter, type Endpoint } from './endpoint'
import type { CallResult } from './post'
import type { Slot } from './slots'

const unansweredLimit = 5

/**
 * Records the result of a call on its endpoint and releases the slot. Five calls in a row without a response open the
 * circuit breaker for 30 s. A 410 disables the endpoint immediately; otherwise it is disabled after 5 days without a
 * success, provided that failures are at least 12 h apart (see README.md, "Circuit breaker" and "When an endpoint is
 * disabled").
 *
 * @returns the endpoint after the change.
 */
export async function recordCall(slot: Slot, result: CallResult): Promise<Endpoint> {
  const at = now()
  const release = { $pull: { slots: { token: slot.token } } }
  if (result.ok) {
    return updateEndpoint(slot, {
      ...release,
      $set: { lastSuccessAt: at, failingSince: null, unanswered: 0, breakerUntil: null },
    })
  }
  const isUnanswered = result.status === null
  await Endpoints.updateOne({ _id: slot.endpoint, failingSince: null }, { $set: { failingSince: at } })
  const endpoint = await updateEndpoint(slot, {
    ...release,
    $set: {
      lastFailure: { at, status: result.status, error: result.error },
      ...(isUnanswered ? {} : { unanswered: 0 }),
    },
    ...(isUnanswered ? { $inc: { unanswered: 1 } } : {}),
  })
  const change = changeAfterFailure(endpoint, result, at)
  if (!change) return endpoint
  // A teammate may have resumed or paused it since, or a call may have succeeded: then this failure says nothing.
  const { _id, state, failingSince, lastSuccessAt } = endpoint
  const unchanged = { _id, state, failingSince, lastSuccessAt }
  const changed = await Endpoints.findOneAndUpdate(unchanged, { $set: change }, { returnDocument: 'after' })
  return changed ?? (await findEndpoint(slot))
}

/** Returns what a failed call changes on an endpoint besides its counters, or null. */
function changeAfterFailure(endpoint: Endpoint, result: CallResult, at: Date): Partial<Endpoint> | null {
  if (endpoint.state !== 'active') return null
  if (result.status === 410) return { state: 'disabled_gone' }
  const lastSuccessAt = endpoint.lastSuccessAt ?? endpoint.createdAt
  const withoutSuccess = at.getTime() - lastSuccessAt.getTime()
  const failureSpan = at.getTime() - (endpoint.failingSince ?? at).getTime()
  if (withoutSuccess >= disableAfter && failureSpan >= minFailureSpan) return { state: 'disabled_auto' }
  return endpoint.unanswered >= unansweredLimit ? { breakerUntil: later(at, breakerPeriod) } : null
}

async function updateEndpoint(slot: Slot, update: Record<string, unknown>): Promise<Endpoint> {
  const endpoint = await Endpoints.findOneAndUpdate({ _id: slot.endpoint }, update, {
    returnDocument: 'after',
  })
  return endpoint ?? findEndpoint(slot)
}

async function findEndpoint(slot: Slot): Promise<Endpoint> {
  const endpoint = await Endpoints.findById(slot.endpoint)
  if (!endpoint) throw new Error(`endpoint ${slot.endpoint} does not exist`)
  return endpoint
}
