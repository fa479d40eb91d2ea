import type { QueryFilter } from 'mongoose'
import { later, minutes, now } from '../platform/clock'
import { log } from '../platform/log'
import { wakeWorker, claim, complete } from '../platform/queue'
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
  failed: ['failed'],
  all: ['failed', 'delivered'],
  missed: [],
}

/**
 * Processes the next 100 messages of a recovery. A failure is retried after a minute.
 *
 * @returns true when a recovery was due.
 */
export async function runNextRecovery(): Promise<boolean> {
  const recovery = await claim(Recoveries, minutes(2))
  if (!recovery) return false
  try {
    const endpoint = await Endpoints.findOne({ _id: recovery.endpoint, removedAt: null })
    const messages = endpoint ? await nextMessages(recovery) : []
    const resent = endpoint ? await resend(endpoint, messages, recovery.mode) : 0
    const last = messages.at(-1)
    const isFinished = messages.length < batchSize
    await complete(Recoveries, recovery, {
      processed: recovery.processed + messages.length,
      resent: recovery.resent + resent,
      ...(last && { cursor: { at: last.at, message: last._id } }),
      ...(isFinished ? { endedAt: now(), dueAt: null } : { dueAt: now() }),
      lastError: null,
    })
    if (resent) wakeWorker.emit('due')
  } catch (error) {
    log.error({ err: error, recovery: recovery._id }, 'a recovery batch failed; retrying in a minute')
    await complete(Recoveries, recovery, {
      dueAt: later(now(), minutes(1)),
      lastError: (error as Error).message,
    })
  }
  return true
}

/** Returns the next batch in order of time, so a lead's `lead.qualified` comes before its updates. */
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
  for (const message of messages) {
    const delivery = byMessage.get(message._id)
    if (delivery) {
      if (resentStates[mode].includes(delivery.state) && (await requeue(delivery, endpoint))) resent++
    } else if (mode === 'missed' && (await maySendNow(endpoint, message))) {
      await createDeliveries(message, [endpoint])
      resent++
    }
  }
  return resent
}

async function requeue({ _id, state }: Delivery, endpoint: Endpoint): Promise<boolean> {
  const isActive = endpoint.state === 'active'
  const change = {
    state: isActive ? 'pending' : 'held',
    dueAt: isActive ? now() : null,
    failures: 0,
    reason: null,
  }
  const written = await Deliveries.updateOne({ _id, state }, { $set: change })
  return written.matchedCount === 1
}

/**
 * True when a message that an endpoint never got may go to it now. An old contact request counts only while its
 * person still shares with sales: after a withdrawal they don't want to be contacted by one more system.
 */
async function maySendNow(endpoint: Endpoint, message: Message): Promise<boolean> {
  const { type, person } = message
  const definition = eventMessageOf(type)
  if (!definition || !person || !endpoint.types.includes(type)) return false
  const basis = message.basis === 'request' ? 'consent' : message.basis
  if ((await blockedReason({ basis, person })) !== null) return false
  return (await recipientsAmong([endpoint], definition, person)).length > 0
}
