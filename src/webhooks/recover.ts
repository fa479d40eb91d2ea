import type { QueryFilter } from 'mongoose'
import { later, minutes, now } from '../platform/clock'
import { log } from '../platform/log'
import { wakeWorker, claim, complete } from '../platform/queue'
import { Deliveries, type Delivery, type DeliveryState } from './delivery'
import { Endpoints, type Endpoint } from './endpoint'
import { blockedReason } from './delivery-consent'
import { Messages, type Message } from './message'
import { requiresKnownLead, createDeliveries, endpointsThatKnow } from './queue-deliveries'
import { Recoveries, type Recovery } from './recovery'
import { messagesBetween } from './start-recovery'

const atOnce = 100

const states: Record<Recovery['which'], DeliveryState[]> = {
  failed: ['failed'],
  all: ['failed', 'delivered'],
  missed: [],
}

/** Does the next hundred messages of a recovery; true when there were any to do. What fails is tried again after a minute. */
export async function runNextRecovery(): Promise<boolean> {
  const recovery = await claim(Recoveries, minutes(2))
  if (!recovery) return false
  try {
    const { endpoint, which } = recovery
    const receiver = await Endpoints.findOne({ _id: endpoint, removedAt: null }).lean<Endpoint>()
    const messages = receiver ? await nextMessages(recovery) : []
    const again = receiver ? await resend(receiver, messages, which) : 0
    const last = messages.at(-1)
    const isOver = messages.length < atOnce
    await complete(Recoveries, recovery, {
      processed: recovery.processed + messages.length,
      resent: recovery.resent + again,
      ...(last && { cursor: { at: last.at, message: last._id } }),
      ...(isOver ? { endedAt: now(), dueAt: null } : { dueAt: now() }),
      lastError: null,
    })
    if (again) wakeWorker.emit('due')
  } catch (error) {
    log.error({ err: error, recovery: recovery._id }, 'a recovery stumbled; it goes on in a minute')
    await complete(Recoveries, recovery, {
      dueAt: later(now(), minutes(1)),
      lastError: (error as Error).message,
    })
  }
  return true
}

/** In the order in which they were told: whoever is qualified is known before there is news of them. */
function nextMessages(recovery: Recovery): Promise<Message[]> {
  const { cursor } = recovery
  const after: QueryFilter<Message> = cursor
    ? { $or: [{ at: { $gt: cursor.at } }, { at: cursor.at, _id: { $gt: cursor.message } }] }
    : {}
  return Messages.find({ $and: [messagesBetween(recovery), after] })
    .sort({ at: 1, _id: 1 })
    .limit(atOnce)
    .lean<Message[]>()
    .exec()
}

async function resend(receiver: Endpoint, messages: Message[], which: Recovery['which']): Promise<number> {
  const ids = messages.map(({ _id }) => _id)
  const had = await Deliveries.find({ message: { $in: ids }, endpoint: receiver._id }).lean<Delivery[]>()
  const known = new Map(had.map(delivery => [delivery.message, delivery]))
  let again = 0
  for (const message of messages) {
    const delivery = known.get(message._id)
    if (delivery) {
      if (states[which].includes(delivery.state) && (await requeue(delivery, receiver))) again++
    } else if (which === 'missed' && (await maySendNow(receiver, message))) {
      await createDeliveries(message, [receiver])
      again++
    }
  }
  return again
}

async function requeue({ _id, state }: Delivery, receiver: Endpoint): Promise<boolean> {
  const isActive = receiver.state === 'active'
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
 * Whether a receiver that never had a message would be sent it, were it told now. An old request to be called counts as long as its
 * person shares: whoever has taken that back since does not want to be called by one more.
 */
async function maySendNow(receiver: Endpoint, message: Message): Promise<boolean> {
  const { type, person } = message
  const basis = message.basis === 'request' ? 'consent' : message.basis
  if (!receiver.types.includes(type) || (await blockedReason({ basis, person })) !== null) return false
  return (
    !requiresKnownLead(type) || (person !== null && (await endpointsThatKnow(person, [receiver])).length > 0)
  )
}
