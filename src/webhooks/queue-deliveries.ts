import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { isDuplicateKey } from '../platform/errors'
import { wakeWorker } from '../platform/queue'
import type { Event } from '../events/event'
import { People, type Person } from '../people/person'
import type { MessageType } from './message-types'
import { Deliveries, deliveryId, type Delivery } from './delivery'
import { currentEndpoints, type Endpoint } from './endpoint'
import { holdDeliveries } from './hold-deliveries'
import { maySeeLearning } from './delivery-consent'
import { createMessage, findMessage, type Draft, type Message } from './message'
import { leadPayload, orderPayload } from './payload'

/** What receivers are told of. */
export type DeliveredEvent =
  | 'lead.qualified'
  | 'lead.disqualified'
  | 'contact.requested'
  | 'needs_assessment.completed'
  | 'course.completed'
  | 'order.paid'
  | 'order.refunded'

/**
 * Reaction: tells the receivers that take this kind of message. One message for all, one delivery for each, both under ids that
 * follow from the event: run twice or cut off half-way, it ends the same. Progress of somebody whom nobody was told of
 * is no news to sales, and neither is the end of a lead that never was one.
 */
export async function queueDeliveries<N extends DeliveredEvent>(event: Event<N>): Promise<void> {
  const person = await People.findById(event.person).lean<Person>()
  if (!person || person.erasedAt) return
  const type = typeOf[event.name as DeliveredEvent]
  const subscribed = (await currentEndpoints()).filter(endpoint => endpoint.types.includes(type))
  const receivers = requiresKnownLead(type) ? await endpointsThatKnow(person._id, subscribed) : subscribed
  if (!receivers.length) return
  if (type === 'lead.qualified' || type === 'lead.updated') if (!maySeeLearning(person)) return
  const frozen = await findMessage(event._id, type)
  await createDeliveries(frozen ?? (await createMessage(await draftOf(event, person))), receivers)
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

async function draftOf(event: Event<DeliveredEvent>, person: Person): Promise<Draft<MessageType>> {
  const draft = { cause: event._id, person: person._id, at: event.at }
  const at = event.at.toISOString()
  if (is(event, 'lead.qualified')) {
    const { trigger, sequence } = event.data
    const data = { ...(await leadPayload(person, 'consent', sequence)), qualified: { at, trigger } }
    return { ...draft, type: 'lead.qualified', basis: 'consent', data }
  }
  if (is(event, 'contact.requested')) {
    const { kind, text, title } = event.data
    const request = { kind, text: text.slice(0, 2000), course: title, at }
    return {
      ...draft,
      type: 'lead.contact_requested',
      basis: 'request',
      data: { ...(await leadPayload(person, 'request')), request },
    }
  }
  if (is(event, 'lead.disqualified')) {
    const data = { external_id: String(person._id), dedupe_key: person.email, reason: event.data.reason, at }
    return { ...draft, type: 'lead.disqualified', basis: 'none', data }
  }
  if (is(event, 'order.paid')) {
    return {
      ...draft,
      type: 'order.paid',
      basis: 'contract',
      data: orderPayload(person, event.data, event.at),
    }
  }
  if (is(event, 'order.refunded')) {
    const data = { ...orderPayload(person, event.data, event.at), reason: event.data.reason }
    return { ...draft, type: 'order.refunded', basis: 'contract', data }
  }
  return { ...draft, type: 'lead.updated', basis: 'consent', data: await leadPayload(person, 'consent') }
}

/** News of a lead, which goes only to those who were told that it is one. */
export function requiresKnownLead(type: MessageType): boolean {
  return type === 'lead.updated' || type === 'lead.disqualified' || type === 'lead.erased'
}

/**
 * Of these receivers, those that were told of somebody: a message arrived there, or is on its way. One that had arrived and was
 * cancelled when it was sent again has arrived all the same.
 */
export async function endpointsThatKnow(person: Types.ObjectId, receivers: Endpoint[]): Promise<Endpoint[]> {
  const told = await Deliveries.find(
    { person, $or: [{ state: { $ne: 'cancelled' } }, { deliveredAt: { $ne: null } }] },
    { endpoint: 1 },
  ).lean()
  const ids = new Set(told.map(delivery => String(delivery.endpoint)))
  return receivers.filter(endpoint => ids.has(String(endpoint._id)))
}

/** Writes one delivery of a message for each receiver; those it has already stay as they are. */
export async function createDeliveries(message: Message, receivers: Endpoint[]): Promise<void> {
  for (const endpoint of receivers) {
    const isActive = endpoint.state === 'active'
    const delivery: Partial<Delivery> = {
      _id: deliveryId(message._id, endpoint._id),
      message: message._id,
      endpoint: endpoint._id,
      type: message.type,
      person: message.person,
      state: isActive ? 'pending' : 'held',
      createdAt: now(),
      dueAt: isActive ? now() : null,
    }
    await Deliveries.create(delivery).catch(reason => {
      if (!isDuplicateKey(reason)) throw reason
    })
  }
  // A receiver may have been paused between our look and our writing.
  const names = new Set(receivers.map(endpoint => String(endpoint._id)))
  for (const endpoint of await currentEndpoints()) {
    if (names.has(String(endpoint._id)) && endpoint.state !== 'active') await holdDeliveries(endpoint._id)
  }
  wakeWorker.emit('due')
}

function is<N extends DeliveredEvent>(
  event: Event<DeliveredEvent>,
  name: N,
): event is Event<N> & Event<DeliveredEvent> {
  return event.name === name
}
