import { later, minutes, now, seconds } from '../platform/clock'
import { log } from '../platform/log'
import { claim, complete, doubling, dueAt, extendLease, work } from '../platform/queue'
import { raiseAlerts } from './alert'
import { Deliveries, type Delivery, type DeliveryAttempt } from './delivery'
import { currentEndpoints, liveSecrets, type Endpoint } from './endpoint'
import { recordCall } from './circuit-breaker'
import { applyEndpointState } from './apply-endpoint-state'
import { blockedReason } from './delivery-consent'
import { Messages } from './message'
import { postWebhook, type CallResult } from './post'
import { nextDelay } from './retry-schedule'
import { sign } from './sign'
import { releaseSlots, isCallable, acquireSlot, type Slot } from './slots'

/** Twice the longest call; extended while a call lasts. */
const lease = seconds(30)
const maxLoggedAttempts = 50

/**
 * The consumer of deliveries. Attempts at an endpoint follow the retry schedule and end in the state `failed`; the
 * policy here is for our own failures, such as a database that does not reply.
 */
export const deliverMessages = work(
  Deliveries,
  {
    lease,
    backoff: doubling(seconds(5), minutes(60)),
    maxAttempts: 100,
    atOnce: 64,
    next: claimForEndpoint,
    onFailure: (_delivery, _error, { failedAt }) => ({
      state: failedAt ? ('failed' as const) : ('pending' as const),
    }),
  },
  deliver,
)

type Call = { endpoint: Endpoint; slot: Slot }

/**
 * Claims one due delivery to an endpoint that can be called now. Endpoints are served in turn and each has its own
 * limits, so a slow or dead one doesn't delay the others. Returns null when nothing is due, or when every due delivery
 * has to wait for a slot.
 */
async function claimForEndpoint(): Promise<{ record: Delivery; context: Call } | null> {
  const at = now()
  const due = dueAt(at)
  if (!(await Deliveries.exists(due))) return null
  for (const endpoint of roundRobin(await currentEndpoints())) {
    if (!isCallable(endpoint, at)) continue
    if (!(await Deliveries.exists({ ...due, endpoint: endpoint._id }))) continue
    const slot = await acquireSlot(endpoint)
    if (!slot) continue
    const delivery = await claim(Deliveries, lease, { endpoint: endpoint._id }, { state: 'sending' })
    if (delivery) {
      lastServed = String(endpoint._id)
      return { record: delivery, context: { endpoint, slot } }
    }
    await releaseSlots(endpoint._id, [slot.token])
  }
  return null
}

let lastServed = ''

/** Returns the endpoints in order, starting after the one served last. */
function roundRobin(endpoints: Endpoint[]): Endpoint[] {
  const next = endpoints.findIndex(endpoint => String(endpoint._id) === lastServed) + 1
  return [...endpoints.slice(next), ...endpoints.slice(0, next)]
}

async function deliver(delivery: Delivery, { endpoint, slot }: Call): Promise<null> {
  const message = await Messages.findById(delivery.message)
  const reason = message ? await blockedReason(message) : 'deleted'
  if (!message?.body || reason) {
    await complete(Deliveries, delivery, { state: 'cancelled', dueAt: null, reason: reason ?? 'deleted' })
    await releaseSlots(endpoint._id, [slot.token])
    return null
  }
  const extend = () =>
    extendLease(Deliveries, delivery, lease).catch(error =>
      log.warn({ err: error, delivery: delivery._id }, 'could not extend the lease'),
    )
  const leaseTimer = setInterval(() => void extend(), lease / 3)
  const at = now()
  const headers = sign(message._id, message.body, liveSecrets(endpoint))
  const result = await postWebhook(endpoint.url, headers, message.body).finally(() =>
    clearInterval(leaseTimer),
  )
  const recorded = await recordAttempt(delivery, endpoint, at, result)
  if (!recorded) {
    log.warn({ delivery: delivery._id }, 'another worker took over this delivery, so it may arrive twice')
  }
  const current = await recordCall(slot, result)
  if (current.state !== 'active') await applyEndpointState(current._id)
  if (recorded && !result.ok) await raiseAlerts(current, recorded, result)
  return null
}

/** Stores the result of an attempt. Returns the changed delivery, or null when the lease was lost to another worker. */
async function recordAttempt(
  delivery: Delivery,
  endpoint: Endpoint,
  at: Date,
  result: CallResult,
): Promise<Delivery | null> {
  const change = stateAfter(delivery, endpoint, result)
  const { status, error, durationMs, response } = result
  const attempt: DeliveryAttempt = { at, status, error, durationMs, response }
  const written = await complete(Deliveries, delivery, change, {
    attemptLog: { $each: [attempt], $slice: -maxLoggedAttempts },
  })
  return written ? { ...delivery, ...change } : null
}

function stateAfter(delivery: Delivery, endpoint: Endpoint, result: CallResult): Partial<Delivery> {
  const at = now()
  const lastError = result.ok ? null : (result.error ?? String(result.status))
  const done = { dueAt: null, lastError }
  if (result.ok) return { ...done, state: 'delivered', deliveredAt: at, durationMs: result.durationMs }
  if (result.abort) return { ...done, state: 'cancelled', reason: 'endpoint' }
  const failures = delivery.failures + 1
  const overloaded = result.status === 429 || result.error === 'timeout'
  const isOutage = result.status === 410 || hasTakenNothingSince(firstAttemptOf(delivery), endpoint)
  const delay = nextDelay(failures, { retryAfter: result.retryAfter, overloaded }, isOutage)
  return delay === null
    ? { ...done, state: 'failed', failures }
    : { state: 'pending', failures, lastError, dueAt: later(at, delay) }
}

/** When the first of the attempts was made that count now: those since it was queued or last resent. */
function firstAttemptOf({ attemptLog, failures, createdAt }: Delivery): Date {
  return (failures ? attemptLog.at(-failures)?.at : attemptLog.at(-1)?.at) ?? createdAt
}

/** True when the endpoint has had no success since then: it is down, or disabled by this very attempt. */
function hasTakenNothingSince(moment: Date, { lastSuccessAt }: Endpoint): boolean {
  return lastSuccessAt === null || lastSuccessAt < moment
}
