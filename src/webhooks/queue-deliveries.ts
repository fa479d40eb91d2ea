import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { wakeWorker } from '../platform/queue'
import type { Event } from '../events/event'
import { People, type Person } from '../people/person'
import type { MessageType } from './message-types'
import { Deliveries, deliveryId } from './delivery'
import { currentEndpoints, type Endpoint } from './endpoint'
import { holdDeliveries } from './hold-deliveries'
import { maySeeLearning } from './delivery-consent'
import { createMessage, findMessage, type MessageDraft, type Message } from './message'
import { leadPayload, orderPayload } from './payload'

/** The events that become messages to endpoints. */
export type DeliveredEvent =
  | 'lead.qualified'
  | 'lead.disqualified'
  | 'contact.requested'
  | 'needs_assessment.completed'
  | 'course.completed'
  | 'order.paid'
  | 'order.refunded'

/**
 * Reaction: queues one message for all endpoints that subscribe to its type, with one delivery each. Both ids are
 * derived from the event, so running twice or being cut off has the same result. Updates about a person go only to
 * endpoints that already have a message about them.
 */
export async function queueDeliveries<N extends DeliveredEvent>(event: Event<N>): Promise<void> {
  const person = await People.findById(event.person)
  if (!person || person.erasedAt) return
  const type = typeOf[event.name as DeliveredEvent]
  const subscribers = (await currentEndpoints()).filter(endpoint => endpoint.types.includes(type))
  const endpoints = requiresKnownLead(type) ? await endpointsThatKnow(person._id, subscribers) : subscribers
  if (!endpoints.length) return
  if (type === 'lead.qualified' || type === 'lead.updated') if (!maySeeLearning(person)) return
  const existing = await findMessage(event._id, type)
  await createDeliveries(existing ?? (await createMessage(await draftOf(event, person))), endpoints)
}

const typeOf = {
  'lead.qualified': 'lead.qualified',
  'lead.disqualified': 'lead.disqualified',
  'contact.requested': 'lead.contact_requested',
  'needs_assessment.completed': 'lead.updated',
  'course.completed': 'lead.updated',
  'order.paid': 'order.paid',
  'order.refunded': 'order.refunded',
} as const satisfies Record<DeliveredEvent, MessageType>

async function draftOf(event: Event<DeliveredEvent>, person: Person): Promise<MessageDraft<MessageType>> {
  const draft = { cause: event._id, person: person._id, at: event.at }
  const at = event.at.toISOString()
  if (isNamed(event, 'lead.qualified')) {
    const { trigger, sequence } = event.data
    const data = { ...(await leadPayload(person, 'consent', sequence)), qualified: { at, trigger } }
    return { ...draft, type: 'lead.qualified', basis: 'consent', data }
  }
  if (isNamed(event, 'contact.requested')) {
    const { kind, text, title } = event.data
    const request = { kind, text: text.slice(0, 2000), course: title, at }
    return {
      ...draft,
      type: 'lead.contact_requested',
      basis: 'request',
      data: { ...(await leadPayload(person, 'request')), request },
    }
  }
  if (isNamed(event, 'lead.disqualified')) {
    const data = { external_id: String(person._id), dedupe_key: person.email, reason: event.data.reason, at }
    return { ...draft, type: 'lead.disqualified', basis: 'none', data }
  }
  if (isNamed(event, 'order.paid')) {
    return {
      ...draft,
      type: 'order.paid',
      basis: 'contract',
      data: orderPayload(person, event.data, event.at),
    }
  }
  if (isNamed(event, 'order.refunded')) {
    const data = { ...orderPayload(person, event.data, event.at), reason: event.data.reason }
    return { ...draft, type: 'order.refunded', basis: 'contract', data }
  }
  return { ...draft, type: 'lead.updated', basis: 'consent', data: await leadPayload(person, 'consent') }
}

/** True for a type that goes only to endpoints that already have a message about the person. */
export function requiresKnownLead(type: MessageType): boolean {
  return type === 'lead.updated' || type === 'lead.disqualified' || type === 'lead.erased'
}

/**
 * Returns those of the endpoints that have, or will get, a message about a person. A message that was delivered, then
 * resent and cancelled, counts as delivered.
 */
export async function endpointsThatKnow(person: Types.ObjectId, endpoints: Endpoint[]): Promise<Endpoint[]> {
  const deliveries = await Deliveries.find(
    { person, $or: [{ state: { $ne: 'cancelled' } }, { deliveredAt: { $ne: null } }] },
    { endpoint: 1 },
  )
  const ids = new Set(deliveries.map(delivery => String(delivery.endpoint)))
  return endpoints.filter(endpoint => ids.has(String(endpoint._id)))
}

/** Creates a delivery of a message for each endpoint. Existing deliveries stay as they are. */
export async function createDeliveries(message: Message, endpoints: Endpoint[]): Promise<void> {
  for (const endpoint of endpoints) {
    const isActive = endpoint.state === 'active'
    await Deliveries.insertOnce({
      _id: deliveryId(message._id, endpoint._id),
      message: message._id,
      endpoint: endpoint._id,
      type: message.type,
      person: message.person,
      state: isActive ? 'pending' : 'held',
      createdAt: now(),
      dueAt: isActive ? now() : null,
    })
  }
  // An endpoint may have been paused between the read and the write.
  const ids = new Set(endpoints.map(endpoint => String(endpoint._id)))
  for (const endpoint of await currentEndpoints()) {
    if (ids.has(String(endpoint._id)) && endpoint.state !== 'active') await holdDeliveries(endpoint._id)
  }
  wakeWorker.emit('due')
}

function isNamed<N extends DeliveredEvent>(
  event: Event<DeliveredEvent>,
  name: N,
): event is Event<N> & Event<DeliveredEvent> {
  return event.name === name
}
