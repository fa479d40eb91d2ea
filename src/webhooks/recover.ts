import type { QueryFilter } from 'mongoose'
import { later, minutes, now, seconds } from '../platform/clock'
import { complete, doubling, wakeWorker, work } from '../platform/queue'
import { applyEndpointState } from './apply-endpoint-state'
import { Deliveries, type Delivery, type DeliveryState } from './delivery'
import { chosenDeliveries } from './delivery-choice'
import { Endpoints, mappingOf, type Endpoint } from './endpoint'
import { blockedReason } from './delivery-consent'
import { Messages, type Message } from './message'
import { eventMessageOf } from './message-types'
import { createDeliveries, recipientsAmong } from './queue-deliveries'
import { countWaiting, Recoveries, waitingFor, type Recovery } from './recovery'
import { messagesBetween } from './start-recovery'

const batchSize = 100
/** Messages of a recovery that wait for their turn: new ones wait behind these at most, and the rest can be stopped. */
const maxWaiting = 200

/** The states of existing deliveries that each mode resends. */
const resentStates: Record<Recovery['mode'], DeliveryState[]> = {
  failed: ['failed', 'held'],
  all: ['failed', 'held', 'delivered'],
  missed: [],
  chosen: ['pending', 'held', 'failed', 'delivered', 'cancelled'],
}

const policy = { lease: minutes(2), backoff: doubling(minutes(1), minutes(60)), maxAttempts: 20 }

/** The consumer of recoveries, which processes 100 messages at a time. 20 attempts at one batch take 14 hours. */
export const recoverMessages = work(Recoveries, policy, async recovery => {
  if (recovery.stopped) return takeBack(recovery)
  const endpoint = await Endpoints.findOne({ _id: recovery.endpoint, removedAt: null })
  if (endpoint && (await countWaiting(recovery, maxWaiting)) >= maxWaiting) {
    return { dueAt: later(now(), seconds(1)) }
  }
  const { progress, resent, isFinished } = endpoint ? await nextBatch(recovery, endpoint) : nothingLeft
  if (endpoint && resent) {
    await applyEndpointState(endpoint._id)
    wakeWorker.emit('due', 'deliveries')
  }
  const done = { ...progress, resent: recovery.resent + resent, lastError: null, failedAt: null, attempts: 0 }
  const end = { ...done, endedAt: now(), dueAt: null, leaseToken: null, leaseUntil: null }
  if (!isFinished) return { ...done, dueAt: now() }
  // Only now is it known whether a teammate has stopped it meanwhile; then there is something to take back.
  const { _id, leaseToken } = recovery
  const ended = await Recoveries.updateOne({ _id, leaseToken, stopped: false }, { $set: end })
  if (!ended.matchedCount) await complete(Recoveries, recovery, { ...done, dueAt: now() })
  return null
})

type Batch = { progress: Partial<Recovery>; resent: number; isFinished: boolean }
const nothingLeft: Batch = { progress: {}, resent: 0, isFinished: true }

function nextBatch(recovery: Recovery, endpoint: Endpoint): Promise<Batch> {
  return recovery.mode === 'chosen' ? nextChosen(recovery, endpoint) : nextInRange(recovery, endpoint)
}

/** Queues the next messages of a time range, oldest first, so a lead's `lead.qualified` comes before its updates. */
async function nextInRange(recovery: Recovery, endpoint: Endpoint): Promise<Batch> {
  const { cursor } = recovery
  const after: QueryFilter<Message> = cursor
    ? { $or: [{ at: { $gt: cursor.at } }, { at: cursor.at, _id: { $gt: cursor.message } }] }
    : {}
  const messages = await Messages.find({ $and: [messagesBetween(recovery), after] })
    .sort({ at: 1, _id: 1 })
    .limit(batchSize)
  const last = messages.at(-1)
  return {
    progress: {
      processed: recovery.processed + messages.length,
      ...(last && { cursor: { at: last.at, message: last._id } }),
    },
    resent: await resend(endpoint, messages, recovery),
    isFinished: messages.length < batchSize,
  }
}

/** Queues the next deliveries of a choice, oldest first, whose message still has its content. */
async function nextChosen(recovery: Recovery, endpoint: Endpoint): Promise<Batch> {
  const { chosen, chosenCursor: cursor, until } = recovery
  if (!chosen) return nothingLeft
  const after: QueryFilter<Delivery> = cursor
    ? {
        $or: [
          { createdAt: { $gt: cursor.createdAt } },
          { createdAt: cursor.createdAt, _id: { $gt: cursor.delivery } },
        ],
      }
    : {}
  // What is queued after the start isn't part of what the teammate saw.
  const seen = { createdAt: { $lte: until } }
  // After a crash, those that are queued already may no longer match.
  const own = { endpoint: endpoint._id, 'replay.recovery': recovery._id }
  const either = { $or: [chosenDeliveries(endpoint._id, chosen), own] }
  const deliveries = await Deliveries.find({ $and: [either, seen, after] })
    .sort({ createdAt: 1, _id: 1 })
    .limit(batchSize)
  const ids = deliveries.map(({ message }) => message)
  const messages = await Messages.find({ _id: { $in: ids }, body: { $type: 'string' } }, { _id: 1 })
  const withBody = new Set(messages.map(({ _id }) => _id))
  let resent = 0
  for (const delivery of deliveries) {
    if (!withBody.has(delivery.message) || !resentStates.chosen.includes(delivery.state)) continue
    if (await requeue(delivery, endpoint, recovery)) resent++
  }
  const last = deliveries.at(-1)
  return {
    progress: {
      processed: recovery.processed + deliveries.length,
      ...(last && { chosenCursor: { createdAt: last.createdAt, delivery: last._id } }),
    },
    resent,
    isFinished: deliveries.length < batchSize,
  }
}

/** Queues the messages that the mode asks for. Returns how many. */
async function resend(endpoint: Endpoint, messages: Message[], recovery: Recovery): Promise<number> {
  const ids = messages.map(({ _id }) => _id)
  const existing = await Deliveries.find({ message: { $in: ids }, endpoint: endpoint._id })
  const byMessage = new Map(existing.map(delivery => [delivery.message, delivery]))
  const { mode } = recovery
  let resent = 0
  for (const message of messages) {
    const delivery = byMessage.get(message._id)
    if (delivery) {
      if (resentStates[mode].includes(delivery.state) && (await requeue(delivery, endpoint, recovery)))
        resent++
    } else if (mode === 'missed' && (await maySendNow(endpoint, message))) {
      const before = { state: 'cancelled' as const, dueAt: null, failures: 0, reason: 'teammate' }
      await createDeliveries(message, [endpoint], { recovery: recovery._id, ...before })
      resent++
    }
  }
  return resent
}

/** Holds a delivery until the state of its endpoint, which may change meanwhile, says whether it is due. */
async function requeue(delivery: Delivery, endpoint: Endpoint, recovery: Recovery): Promise<boolean> {
  const { _id, state, dueAt, failures, reason, leaseToken } = delivery
  // After a crash it may be in this recovery's queue already: what it was before stays what was written first.
  if (delivery.replay?.recovery.equals(recovery._id)) return true
  const written = await Deliveries.updateOne(
    { _id, state, leaseToken },
    {
      $set: {
        ...{ state: 'held', dueAt: null, failures: 0, reason: null, mapping: mappingOf(endpoint) },
        replay: { recovery: recovery._id, state, dueAt, failures, reason },
      },
    },
  )
  return written.matchedCount === 1
}

/** Makes deliveries of a stopped recovery what they were before, 100 at a time, unless they have been sent. */
async function takeBack(recovery: Recovery): Promise<Partial<Recovery>> {
  const waiting = await Deliveries.find(waitingFor(recovery)).limit(batchSize)
  let takenBack = 0
  for (const { _id, replay, leaseToken } of waiting) {
    if (!replay || leaseToken) continue
    const { state, dueAt, failures, reason } = replay
    const written = await Deliveries.updateOne(
      { _id, 'replay.recovery': recovery._id, leaseToken: null },
      { $set: { state, dueAt, failures, reason, replay: null } },
    )
    takenBack += written.matchedCount
  }
  await applyEndpointState(recovery.endpoint)
  const total = recovery.takenBack + takenBack
  if (!waiting.length) return { endedAt: now(), dueAt: null, takenBack: total }
  // Those in the hands of a worker are sent now.
  return { dueAt: takenBack ? now() : later(now(), seconds(1)), takenBack: total }
}

/**
 * True when a message that an endpoint never received may be sent to it now. An old contact request counts only while
 * its person still shares with sales: after a withdrawal they don't want to be contacted by one more system.
 */
async function maySendNow(endpoint: Endpoint, message: Message): Promise<boolean> {
  const { type, person } = message
  const definition = eventMessageOf(type)
  if (!definition || !person || !endpoint.types.includes(type)) return false
  const basis = message.basis === 'request' ? 'consent' : message.basis
  if ((await blockedReason({ basis, person })) !== null) return false
  return (await recipientsAmong([endpoint], definition, person)).length > 0
}
