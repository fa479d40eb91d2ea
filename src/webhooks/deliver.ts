import type { QueryFilter, Types } from 'mongoose'
import { clearWithDatabase } from '../platform/cached'
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
import { FieldMappings, mappedBody, type FieldMapping } from './field-mapping'
import { Messages, type Message } from './message'
import { postWebhook, type CallResult } from './post'
import { nextDelay } from './retry-schedule'
import { sign, type SignedHeaders } from './sign'
import { acquireSlot, releaseSlots, roomOf, type Slot } from './slots'

/** Twice the longest call; extended while a call lasts. */
const lease = seconds(30)
const maxLoggedAttempts = 50
/** How many messages a slot is acquired for, and how long it is used before it goes to others, in ms. */
const [maxPerSlot, slotTime] = [100, seconds(10)]
/** Messages that an endpoint takes within this time, in ms, go in one slot rather than in several. */
const shortTime = 200
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
type Batch = {
  endpoint: Endpoint
  slot: Slot
  deliveries: Delivery[]
  /** The keys of those deliveries, also of what has been sent. */
  keys: string[]
  leaseToken: string | null
  leaseUntil: Date
}

/** The batches of this process. One whose leases have expired no longer counts. */
const underWay = new Set<Batch>()
/** Batches that are claimed and not begun. */
let ready: Batch[] = []
let isReleasing = false
clearWithDatabase(() => {
  underWay.clear()
  ready = []
})

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
    if (!ready.length) ready = await claimBatches()
    const batch = ready.shift()
    return batch ? () => send(batch).finally(() => underWay.delete(batch)) : null
  },
  release: async () => {
    isReleasing = true
    await Promise.all(ready.splice(0).map(giveBack))
  },
}

async function giveBack(batch: Batch): Promise<void> {
  underWay.delete(batch)
  await releaseUnstarted(Deliveries, batch.deliveries, { state: 'pending' })
  await releaseSlots(batch.endpoint._id, [batch.slot.token])
  await applyEndpointState(batch.endpoint._id)
}

/** Responses are large, and nothing here needs them. */
const withoutResponses = {
  find: (filter: QueryFilter<Delivery>) => Deliveries.find(filter, { 'attemptLog.response': 0 }),
}

/** What is about one person goes to an endpoint in order. */
const keyOf = ({ _id, endpoint, person }: Delivery) => `${endpoint} ${person ?? _id}`

/**
 * Claims due deliveries to endpoints that can be called now, a batch for each. Returns none when nothing is due, or
 * when every due delivery has to wait for a slot or for another message about the same person.
 */
async function claimBatches(): Promise<Batch[]> {
  const at = now()
  for (const batch of underWay) {
    // Beyond a whole lease, it was made by a clock that has been set back.
    if (batch.leaseUntil <= at || batch.leaseUntil > later(at, lease)) underWay.delete(batch)
  }
  const inUse = new Map<string, number>()
  for (const { endpoint } of underWay) {
    inUse.set(String(endpoint._id), (inUse.get(String(endpoint._id)) ?? 0) + 1)
  }
  const free = roundRobin(await currentEndpoints()).filter(endpoint => {
    const { slots, messages } = roomOf(endpoint, at)
    return slots > 0 && messages > 0
  })
  if (!free.length) return []
  const { due, isAll } = await findDue(free)
  const claims: Promise<Batch | null>[] = []
  let used = underWay.size
  for (const endpoint of free) {
    const id = String(endpoint._id)
    const waiting = due.get(id)
    if (!waiting || (used >= maxSlots && inUse.has(id))) continue
    const atOnce = takenInShortTime(endpoint)
    // A few that come while others are being sent go together with those that follow.
    if (isAll && inUse.has(id) && waiting.length < atOnce) continue
    const { slots, messages } = roomOf(endpoint, at)
    const share = isAll ? Math.max(1, atOnce, Math.floor(waiting.length / slots)) : maxPerSlot
    const count = Math.min(endpoint.unanswered > 0 ? 1 : share, messages, maxPerSlot)
    claims.push(claim(endpoint, waiting.slice(0, count)))
    lastServed = id
    used++
  }
  const batches = (await Promise.all(claims)).filter(batch => batch !== null)
  for (const batch of batches) underWay.add(batch)
  return batches
}

/** Returns what is due for endpoints, the oldest first, and whether that is all. Each has some of what it may get. */
async function findDue(endpoints: Endpoint[]): Promise<{ due: Map<string, Delivery[]>; isAll: boolean }> {
  const ownTokens = [...underWay].map(({ leaseToken }) => leaseToken)
  const find = (ids: Types.ObjectId[]) =>
    findInOrder(withoutResponses, keyOf, {
      busy: [...underWay].flatMap(({ keys }) => keys),
      filter: { endpoint: { $in: ids }, leaseToken: { $nin: ownTokens } },
      atMost: 2 * maxPerSlot * Math.min(ids.length, 3),
    })
  const { chosen, isAll } = await find(endpoints.map(({ _id }) => _id))
  const due = new Map<string, Delivery[]>()
  const add = (delivery: Delivery) => {
    const id = String(delivery.endpoint)
    if (!due.get(id)?.push(delivery)) due.set(id, [delivery])
  }
  chosen.forEach(add)
  // The queue of one endpoint may be so long that nothing of another's was among what has been due longest.
  const others = isAll ? [] : endpoints.filter(({ _id }) => !due.has(String(_id))).map(({ _id }) => _id)
  const behind = others.length
    ? await Deliveries.distinct('endpoint', { endpoint: { $in: others }, ...dueAt(now()) })
    : []
  for (const id of behind) (await find([id])).chosen.forEach(add)
  return { due, isAll }
}

async function claim(endpoint: Endpoint, chosen: Delivery[]): Promise<Batch | null> {
  const slot = await acquireSlot(endpoint, chosen.length)
  if (!slot) return null
  const deliveries = await lend(Deliveries, chosen, keyOf, lease, { state: 'sending' })
  const [first] = deliveries
  if (first) {
    const { leaseToken, leaseUntil } = first
    return {
      endpoint,
      slot,
      deliveries,
      keys: deliveries.map(keyOf),
      leaseToken,
      leaseUntil: leaseUntil ?? later(now(), lease),
    }
  }
  await releaseSlots(endpoint._id, [slot.token])
  return null
}

/** How long the latest successful call to each endpoint took, in ms. */
const callTimes = new Map<string, number>()

/** Returns how many messages an endpoint takes within `shortTime`, one after another; 0 when that isn't known. */
function takenInShortTime({ _id }: Endpoint): number {
  const time = callTimes.get(String(_id))
  return time === undefined ? 0 : Math.floor(shortTime / Math.max(time, 1))
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
async function send(batch: Batch): Promise<void> {
  const { endpoint, slot, deliveries } = batch
  const secrets = liveSecrets(endpoint)
  const stopAt = performance.now() + slotTime
  const leaseTimer = setInterval(() => void extendLeases(batch), lease / 3).unref()
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
      write(delivery, { state: 'cancelled', dueAt: null, reason: blocked ?? 'deleted', replay: null })
      return true
    }
    const at = now()
    const body = mappedBody(message.body, await readMapping(delivery.mapping))
    const headers = sign(message._id, body, secrets)
    const result = await postWebhook(endpoint.url, headers, body)
    const change = stateAfter(delivery, endpoint, result)
    const entry: DeliveryAttempt = { at, ...loggedOf(result), ...signatureOf(headers) }
    const logged = { attemptLog: { $each: [entry], $slice: -maxLoggedAttempts } }
    if (result.ok) {
      success = result
      endpoint.lastSuccessAt = at
      callTimes.set(String(endpoint._id), result.durationMs)
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

/** Returns what is logged of a call. */
function loggedOf({ status, error, durationMs, response, location }: CallResult) {
  return { status, error, durationMs, response, location }
}

/** Returns the parts of signed headers that an attempt logs. */
function signatureOf(headers: SignedHeaders) {
  return { timestamp: Number(headers['webhook-timestamp']), signature: headers['webhook-signature'] }
}

/** The latest version of a mapping that was read; versions never change. */
let latestMapping: FieldMapping | null = null

async function readMapping(id: string | null): Promise<FieldMapping | null> {
  if (!id || latestMapping?._id === id) return id ? latestMapping : null
  const found = await FieldMappings.load(id)
  latestMapping = found
  return found
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
async function extendLeases(batch: Batch): Promise<void> {
  const own = { _id: { $in: batch.deliveries.map(({ _id }) => _id) }, leaseToken: batch.leaseToken }
  batch.leaseUntil = later(now(), lease)
  await Deliveries.updateMany(own, { $set: { leaseUntil: batch.leaseUntil } }).catch(error =>
    log.warn({ err: error }, 'could not extend the leases of deliveries'),
  )
}

function stateAfter(delivery: Delivery, endpoint: Endpoint, result: CallResult): Partial<Delivery> {
  const at = now()
  const lastError = result.ok ? null : (result.error ?? String(result.status))
  const done = { dueAt: null, lastError, replay: null }
  if (result.ok) return { ...done, state: 'delivered', deliveredAt: at, durationMs: result.durationMs }
  if (result.abort) return { ...done, state: 'cancelled', reason: 'endpoint' }
  const failures = delivery.failures + 1
  const overloaded = result.status === 429 || result.error === 'timeout'
  const isOutage = result.status === 410 || hasTakenNothingSince(firstAttemptOf(delivery), endpoint)
  const delay = nextDelay(failures, { retryAfter: result.retryAfter, overloaded }, isOutage)
  return delay === null
    ? { ...done, state: 'failed', failures }
    : { state: 'pending', failures, lastError, dueAt: later(at, delay), replay: null }
}

/** When the first of the attempts was made that count now: those since it was queued or last resent. */
function firstAttemptOf({ attemptLog, failures, createdAt }: Delivery): Date {
  return (failures ? attemptLog.at(-failures)?.at : attemptLog.at(-1)?.at) ?? createdAt
}

/** True when the endpoint has had no success since then: it is down, or disabled by this very attempt. */
function hasTakenNothingSince(moment: Date, { lastSuccessAt }: Endpoint): boolean {
  return lastSuccessAt === null || lastSuccessAt < moment
}
