import { later, now, seconds } from '../platform/clock'
import { log } from '../platform/log'
import { claim, dueAt, extendLease, complete } from '../platform/queue'
import { raiseAlerts } from './alert'
import { Deliveries, type Delivery, type DeliveryAttempt } from './delivery'
import { currentEndpoints, liveSecrets, type Endpoint } from './endpoint'
import { recordCall } from './circuit-breaker'
import { holdDeliveries } from './hold-deliveries'
import { blockedReason } from './delivery-consent'
import { Messages, type Message } from './message'
import { postWebhook, type CallResult } from './post'
import { nextDelay } from './retry-schedule'
import { sign } from './sign'
import { releaseSlots, isCallable, acquireSlot, type Slot } from './slots'

/** Twice what a call may take at most; lengthened while it lasts. */
const lease = seconds(30)
const maxLoggedAttempts = 50

/** Takes one delivery that is due and sends it. False when none is due, or all that are due have to wait for a turn. */
export async function deliverNext(): Promise<boolean> {
  const send = await claimDelivery()
  await send?.()
  return send !== null
}

/**
 * Takes one delivery that is due, at a receiver that may be called now, and answers the deed of sending it: a worker may do
 * many at once. Receivers take turns, and each has its own limits, so that one that is slow or dead slows no other.
 */
export async function claimDelivery(): Promise<(() => Promise<void>) | null> {
  const moment = now()
  const due = dueAt(moment)
  if (!(await Deliveries.exists(due))) return null
  for (const endpoint of roundRobin(await currentEndpoints())) {
    if (!isCallable(endpoint, moment)) continue
    if (!(await Deliveries.exists({ ...due, endpoint: endpoint._id }))) continue
    const turn = await acquireSlot(endpoint)
    if (!turn) continue
    const delivery = await claim(Deliveries, lease, { endpoint: endpoint._id }, { state: 'sending' })
    if (delivery) {
      lastServed = String(endpoint._id)
      return () => deliver(delivery, endpoint, turn)
    }
    await releaseSlots(endpoint._id, [turn.token])
  }
  return null
}

let lastServed = ''

/** The receivers, beginning after the one that was served last. */
function roundRobin(endpoints: Endpoint[]): Endpoint[] {
  const next = endpoints.findIndex(endpoint => String(endpoint._id) === lastServed) + 1
  return [...endpoints.slice(next), ...endpoints.slice(0, next)]
}

async function deliver(delivery: Delivery, endpoint: Endpoint, turn: Slot): Promise<void> {
  const message = await Messages.findById(delivery.message).lean<Message>()
  const objection = message ? await blockedReason(message) : 'deleted'
  if (!message?.body || objection) {
    await complete(Deliveries, delivery, { state: 'cancelled', dueAt: null, reason: objection ?? 'deleted' })
    await releaseSlots(endpoint._id, [turn.token])
    return
  }
  const heart = setInterval(() => void extendLease(Deliveries, delivery, lease), lease / 3)
  const at = now()
  const answer = await postWebhook(
    endpoint.url,
    sign(message._id, message.body, liveSecrets(endpoint)),
    message.body,
  ).finally(() => clearInterval(heart))
  const kept = await recordAttempt(delivery, at, answer)
  if (!kept)
    log.warn({ delivery: delivery._id }, 'a delivery was taken over by another worker; it may arrive twice')
  const after = await recordCall(turn, answer)
  if (after.state !== 'active') await holdDeliveries(after._id)
  if (kept && !answer.ok) await raiseAlerts(after, kept, answer)
}

/** Writes what came of a try; null when the lease was lost meanwhile, and with it the right to say so. */
async function recordAttempt(delivery: Delivery, at: Date, answer: CallResult): Promise<Delivery | null> {
  const change = stateAfter(delivery, answer)
  const { status, error, ms, response } = answer
  const one: DeliveryAttempt = { at, status, error, ms, response }
  const written = await complete(Deliveries, delivery, change, {
    attemptLog: { $each: [one], $slice: -maxLoggedAttempts },
  })
  return written ? { ...delivery, ...change } : null
}

function stateAfter(delivery: Delivery, answer: CallResult): Partial<Delivery> {
  const moment = now()
  const lastError = answer.ok ? null : (answer.error ?? String(answer.status))
  const ended = { dueAt: null, lastError }
  if (answer.ok) return { ...ended, state: 'delivered', deliveredAt: moment, ms: answer.ms }
  if (answer.abort) return { ...ended, state: 'cancelled', reason: 'endpoint' }
  const failures = delivery.failures + 1
  const overloaded = answer.status === 429 || answer.error === 'timeout'
  const wait = nextDelay(failures, { retryAfter: answer.retryAfter, overloaded })
  return wait === null
    ? { ...ended, state: 'failed', failures }
    : { state: 'pending', failures, lastError, dueAt: later(moment, wait) }
}
