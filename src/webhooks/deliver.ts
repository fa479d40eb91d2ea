import { later, now, seconds } from '../platform/clock'
import { log } from '../platform/log'
import { claim, dueAt, extendLease, settle } from '../platform/queue'
import { raiseAlerts } from './alert'
import { Deliveries, type Delivery, type Try } from './delivery'
import { knownEndpoints, liveSecrets, type Endpoint } from './endpoint'
import { noteCall } from './circuit-breaker'
import { holdDeliveries } from './hold-deliveries'
import { mayBeTold } from './delivery-consent'
import { Messages, type Message } from './message'
import { post, type Answer } from './post'
import { nextWait } from './retry-schedule'
import { sign } from './sign'
import { giveBack, isOpen, takeTurn, type Turn } from './slots'

/** Twice what a call may take at most; lengthened while it lasts. */
const lease = seconds(30)
const triesKept = 50

/** Takes one delivery that is due and sends it. False when none is due, or all that are due have to wait for a turn. */
export async function deliverNext(): Promise<boolean> {
  const send = await takeDelivery()
  await send?.()
  return send !== null
}

/**
 * Takes one delivery that is due, at a receiver that may be called now, and answers the deed of sending it: a worker may do
 * many at once. Receivers take turns, and each has its own limits, so that one that is slow or dead slows no other.
 */
export async function takeDelivery(): Promise<(() => Promise<void>) | null> {
  const moment = now()
  const due = dueAt(moment)
  if (!(await Deliveries.exists(due))) return null
  for (const endpoint of inTurn(await knownEndpoints())) {
    if (!isOpen(endpoint, moment)) continue
    if (!(await Deliveries.exists({ ...due, endpoint: endpoint._id }))) continue
    const turn = await takeTurn(endpoint)
    if (!turn) continue
    const delivery = await claim(Deliveries, lease, { endpoint: endpoint._id }, { state: 'sending' })
    if (delivery) {
      lastServed = String(endpoint._id)
      return () => deliver(delivery, endpoint, turn)
    }
    await giveBack(endpoint._id, [turn.token])
  }
  return null
}

let lastServed = ''

/** The receivers, beginning after the one that was served last. */
function inTurn(endpoints: Endpoint[]): Endpoint[] {
  const next = endpoints.findIndex(endpoint => String(endpoint._id) === lastServed) + 1
  return [...endpoints.slice(next), ...endpoints.slice(0, next)]
}

async function deliver(delivery: Delivery, endpoint: Endpoint, turn: Turn): Promise<void> {
  const message = await Messages.findById(delivery.message).lean<Message>()
  const objection = message ? await mayBeTold(message) : 'deleted'
  if (!message?.body || objection) {
    await settle(Deliveries, delivery, { state: 'cancelled', dueAt: null, reason: objection ?? 'deleted' })
    await giveBack(endpoint._id, [turn.token])
    return
  }
  const heart = setInterval(() => void extendLease(Deliveries, delivery, lease), lease / 3)
  const at = now()
  const answer = await post(
    endpoint.url,
    sign(message._id, message.body, liveSecrets(endpoint)),
    message.body,
  ).finally(() => clearInterval(heart))
  const kept = await settleTry(delivery, at, answer)
  if (!kept)
    log.warn({ delivery: delivery._id }, 'a delivery was taken over by another worker; it may arrive twice')
  const after = await noteCall(turn, answer)
  if (after.state !== 'active') await holdDeliveries(after._id)
  if (kept && !answer.ok) await raiseAlerts(after, kept, answer)
}

/** Writes what came of a try; null when the lease was lost meanwhile, and with it the right to say so. */
async function settleTry(delivery: Delivery, at: Date, answer: Answer): Promise<Delivery | null> {
  const change = afterTry(delivery, answer)
  const { status, error, ms, response } = answer
  const one: Try = { at, status, error, ms, response }
  const written = await settle(Deliveries, delivery, change, {
    tries: { $each: [one], $slice: -triesKept },
  })
  return written ? { ...delivery, ...change } : null
}

function afterTry(delivery: Delivery, answer: Answer): Partial<Delivery> {
  const moment = now()
  const lastError = answer.ok ? null : (answer.error ?? String(answer.status))
  const ended = { dueAt: null, lastError }
  if (answer.ok) return { ...ended, state: 'delivered', deliveredAt: moment, ms: answer.ms }
  if (answer.abort) return { ...ended, state: 'cancelled', reason: 'receiver' }
  const failures = delivery.failures + 1
  const overloaded = answer.status === 429 || answer.error === 'timeout'
  const wait = nextWait(failures, { retryAfter: answer.retryAfter, overloaded })
  return wait === null
    ? { ...ended, state: 'dead', failures }
    : { state: 'pending', failures, lastError, dueAt: later(moment, wait) }
}
