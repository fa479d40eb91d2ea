import type { QueryFilter } from 'mongoose'
import { later, minutes, now, seconds } from '../platform/clock'
import { log } from '../platform/log'
import { batchWriter, findInOrder, releaseUnstarted, lend } from '../platform/ordered-work'
import { attempt, complete, doubling, dueAt, type Consumer, type Policy } from '../platform/queue'
import { raiseAlerts } from './alert'
import { applyEndpointState } from './apply-endpoint-state'
import { recordCall } from './circuit-breaker'
import { Deliveries, type Delivery, type DeliveryAttempt } from './delivery'
import { readBlocks } from './delivery-consent'
import { currentEndpoints, liveSecrets, type Endpoint } from './endpoint'
import { Messages, type Message } from './message'
import { postWebhook, type CallResult } from './post'
import { nextDelay } from './retry-schedule'
import { sign } from './sign'
import { acquireSlot, releaseSlots, roomOf, type Slot } from './slots'

/** Twice the longest call; extended while a call lasts. */
const lease = seconds(30)
const maxLoggedAttempts = 50
/** How many messages a slot is acquired for, and how long it is used before it goes to others, in ms. */
const [maxPerSlot, slotTime] = [100, seconds(10)]
/** Slots in use in this process. Each endpoint may have its first one, however many the others have. */
const maxSlots = 64

/**
 * Attempts at an endpoint follow the retry schedule and end in the state `failed`; the policy here is for our own
 * failures, such as a database that does not reply.
 */
const policy: Policy<Delivery> = {
  lease,
  backoff: doubling(seconds(5), minutes(60)),
  maxAttempts: 100,
  onFailure: (_delivery, _error, { failedAt }) => ({ state: failedAt ? 'failed' : 'pending' }),
}

/** Messages to one endpoint that a slot has been acquired for, in order. */
type Batch = { endpoint: Endpoint; slot: Slot; deliveries: Delivery[] }

const inUse = new Map<string, number>()
let isReleasing = false

/**
 * The consumer of deliveries. Endpoints are served in turn and each has its own slots, so a slow or dead one doesn't
 * delay the others. A slot takes several messages to one endpoint, those about one person always in order.
 */
export const deliverMessages: Consumer = {
  queue: Deliveries.queue,
  // Limited by the slots.
  atOnce: Infinity,
  take: async () => {
    isReleasing = false
    const batch = await claimBatch()
    if (!batch) return null
    const id = String(batch.endpoint._id)
    inUse.set(id, (inUse.get(id) ?? 0) + 1)
    return () =>
      send(batch).finally(() => {
        const others = inUse.get(id)! - 1
        if (others) inUse.set(id, others)
        else inUse.delete(id)
      })
  },
  release: async () => void (isReleasing = true),
}

/** Responses are large, and nothing here needs them. */
const withoutResponses = {
  find: (filter: QueryFilter<Delivery>) => Deliveries.find(filter, { 'attemptLog.response': 0 }),
}

const keyOf = ({ _id, person }: Delivery) => String(person ?? _id)

/**
 * Claims due deliveries to one endpoint that can be called now. Returns null when nothing is due, or when every due
 * delivery has to wait for a slot or for another message about the same person.
 */
async function claimBatch(): Promise<Batch | null> {
  const at = now()
  if (!(await Deliveries.exists(dueAt(at)))) return null
  const used = [...inUse.values()].reduce((sum, each) => sum + each, 0)
  for (const endpoint of roundRobin(await currentEndpoints())) {
    const room = roomOf(endpoint, at)
    if (!room.slots || !room.messages) continue
    if (used >= maxSlots && inUse.has(String(endpoint._id))) continue
    const due = await findInOrder(withoutResponses, keyOf, { filter: { endpoint: endpoint._id } })
    if (!due.length) continue
    const share = endpoint.unanswered > 0 ? 1 : Math.max(1, Math.floor(due.length / room.slots))
    const chosen = due.slice(0, Math.min(share, room.messages, maxPerSlot))
    const slot = await acquireSlot(endpoint, chosen.length)
    if (!slot) continue
    const deliveries = await lend(Deliveries, chosen, keyOf, lease, { state: 'sending' })
    if (deliveries.length) {
      lastServed = String(endpoint._id)
      return { endpoint, slot, deliveries }
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

const writeResult = batchWriter(Deliveries)

/**
 * Sends a batch, one message after another. It ends early after a failure, when it has taken long, and when the
 * process stops: then the rest is due again.
 */
async function send({ endpoint, slot, deliveries }: Batch): Promise<void> {
  const secrets = liveSecrets(endpoint)
  const stopAt = performance.now() + slotTime
  const leaseTimer = setInterval(() => void extendLeases(deliveries), lease / 3)
  const writes: Promise<void>[] = []
  const write = (...result: Parameters<typeof writeResult>) => {
    const written = writeResult(...result)
    written.catch(() => {})
    writes.push(written)
  }
  let contents = await readContents(deliveries)
  let success: CallResult | null = null
  let current: Endpoint | null = null

  /** Sends one message and stores the result: false after a failure. */
  async function sendNext(delivery: Delivery): Promise<boolean> {
    if (performance.now() > contents.freshUntil) contents = await readContents(deliveries)
    const { message, blocked } = contents.of(delivery)
    if (!message?.body || blocked) {
      write(delivery, { state: 'cancelled', dueAt: null, reason: blocked ?? 'deleted' })
      return true
    }
    const at = now()
    const result = await postWebhook(endpoint.url, sign(message._id, message.body, secrets), message.body)
    const change = stateAfter(delivery, endpoint, result)
    const { status, error, durationMs, response } = result
    const entry: DeliveryAttempt = { at, status, error, durationMs, response }
    const logged = { attemptLog: { $each: [entry], $slice: -maxLoggedAttempts } }
    if (result.ok) {
      success = result
      endpoint.lastSuccessAt = at
      write(delivery, change, logged)
      return true
    }
    await Promise.all(writes)
    const isOurs = await complete(Deliveries, delivery, change, logged)
    if (!isOurs) {
      log.warn({ delivery: delivery._id }, 'another worker took over this delivery, so it may arrive twice')
    }
    if (success) await recordCall(slot, success)
    current = await recordCall(slot, result)
    if (isOurs) await raiseAlerts(current, { ...delivery, ...change }, result)
    return false
  }

  try {
    for (let goesOn = true; deliveries.length && goesOn; deliveries.shift()) {
      const delivery = deliveries[0]!
      const handle = async () => {
        goesOn = await sendNext(delivery)
        return null
      }
      await attempt(Deliveries, policy, delivery, handle, (record, update) =>
        complete(Deliveries, record, update),
      )
      goesOn &&= !isReleasing && performance.now() < stopAt
    }
    await Promise.all(writes)
  } finally {
    clearInterval(leaseTimer)
  }
  await releaseUnstarted(Deliveries, deliveries, { state: 'pending' })
  current ??= success ? await recordCall(slot, success) : null
  if (!current) await releaseSlots(endpoint._id, [slot.token])
  // What was written last follows the state of the endpoint, which may have changed meanwhile.
  if (current ? current.state !== 'active' : deliveries.length) await applyEndpointState(endpoint._id)
}

/** How long what may be sent is read ahead, in ms: a person may change their mind meanwhile. */
const contentTime = seconds(1)

/** Reads the messages of deliveries, and whether they may be sent now. */
async function readContents(deliveries: Delivery[]) {
  const freshUntil = performance.now() + contentTime
  const found = await Messages.find({ _id: { $in: deliveries.map(({ message }) => message) } })
  const messages = new Map(found.map(message => [message._id, message]))
  const blockedReasonOf = await readBlocks(found)
  return {
    freshUntil,
    of: (delivery: Delivery): { message?: Message; blocked: string | null } => {
      const message = messages.get(delivery.message)
      return { message, blocked: message ? blockedReasonOf(message) : null }
    },
  }
}

/** Extends the leases of the message that is being sent and of those that follow. */
async function extendLeases(deliveries: Delivery[]): Promise<void> {
  const own = { _id: { $in: deliveries.map(({ _id }) => _id) }, leaseToken: deliveries[0]?.leaseToken ?? '' }
  await Deliveries.updateMany(own, { $set: { leaseUntil: later(now(), lease) } }).catch(error =>
    log.warn({ err: error }, 'could not extend the leases of deliveries'),
  )
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
