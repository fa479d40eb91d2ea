import type { QueryFilter } from 'mongoose'
import { minutes, now } from '../platform/clock'
import { doubling, wakeWorker, work } from '../platform/queue'
import { applyEndpointState } from './apply-endpoint-state'
import { Deliveries, type Delivery, type DeliveryState } from './delivery'
import { Endpoints, type Endpoint } from './endpoint'
import { blockedReason } from './delivery-consent'
import { Messages, type Message } from './message'
import { eventMessageOf } from './message-types'
import { createDeliveries, recipientsAmong } from './queue-deliveries'
import { Recoveries, type Recovery } from './recovery'
import { messagesBetween } from './start-recovery'

const batchSize = 100

/** The states of existing deliveries that each mode resends. */
const resentStates: Record<Recovery['mode'], DeliveryState[]> = {
  failed: ['failed', 'held'],
  all: ['failed', 'held', 'delivered'],
  missed: [],
}

const policy = { lease: minutes(2), backoff: doubling(minutes(1), minutes(60)), maxAttempts: 20 }

/** The consumer of recoveries, which processes 100 messages at a time. 20 attempts at one batch take 14 hours. */
export const recoverMessages = work(Recoveries, policy, async recovery => {
  const endpoint = await Endpoints.findOne({ _id: recovery.endpoint, removedAt: null })
  const messages = endpoint ? await nextMessages(recovery) : []
  const resent = endpoint ? await resend(endpoint, messages, recovery.mode) : 0
  if (resent) wakeWorker.emit('due', 'deliveries')
  const last = messages.at(-1)
  const isFinished = messages.length < batchSize
  return {
    processed: recovery.processed + messages.length,
    resent: recovery.resent + resent,
    ...(last && { cursor: { at: last.at, message: last._id } }),
    ...(isFinished ? { endedAt: now(), dueAt: null } : { dueAt: now() }),
  }
})

/** Returns the next batch in chronological order, so a lead's `lead.qualified` comes before its updates. */
function nextMessages(recovery: Recovery): Promise<Message[]> {
  const { cursor } = recovery
  const after: QueryFilter<Message> = cursor
    ? { $or: [{ at: { $gt: cursor.at } }, { at: cursor.at, _id: { $gt: cursor.message } }] }
    : {}
  return Messages.find({ $and: [messagesBetween(recovery), after] })
    .sort({ at: 1, _id: 1 })
    .limit(batchSize)
    .exec()
}

/** Queues the messages that the mode asks for. Returns how many. */
async function resend(endpoint: Endpoint, messages: Message[], mode: Recovery['mode']): Promise<number> {
  const ids = messages.map(({ _id }) => _id)
  const existing = await Deliveries.find({ message: { $in: ids }, endpoint: endpoint._id })
  const byMessage = new Map(existing.map(delivery => [delivery.message, delivery]))
  let resent = 0
  let requeued = 0
  for (const message of messages) {
    const delivery = byMessage.get(message._id)
    if (delivery) {
      if (resentStates[mode].includes(delivery.state) && (await requeue(delivery))) requeued++
    } else if (mode === 'missed' && (await maySendNow(endpoint, message))) {
      await createDeliveries(message, [endpoint])
      resent++
    }
  }
  if (requeued) await applyEndpointState(endpoint._id)
  return resent + requeued
}

/** Holds a delivery until the state of its endpoint, which may change meanwhile, says whether it is due. */
async function requeue({ _id, state }: Delivery): Promise<boolean> {
  const change = { state: 'held', dueAt: null, failures: 0, reason: null }
  const written = await Deliveries.updateOne({ _id, state }, { $set: change })
  return written.matchedCount === 1
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
