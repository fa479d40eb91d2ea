import type { Types } from 'mongoose'
import { shared } from '../platform/batched'
import { now } from '../platform/clock'
import { wakeWorker } from '../platform/queue'
import type { Event } from '../events/event'
import { People, type Person } from '../people/person'
import { applyEndpointState } from './apply-endpoint-state'
import { anonymousTypes, messagesFrom, type EventMessage } from './message-types'
import { Deliveries, deliveryId, type Delivery } from './delivery'
import { currentEndpoints, type Endpoint } from './endpoint'
import { canSeeLearning } from './delivery-consent'
import { createMessage, type Message } from './message'

/**
 * Reaction: queues the messages that are built from an event, each with one delivery to every endpoint that gets it.
 * All ids are derived from the event, so running twice or being interrupted has the same result.
 */
export async function queueDeliveries(event: Event): Promise<void> {
  const definitions = messagesFrom(event.name)
  if (!definitions.length) return
  const person = await People.load(event.person)
  if (!person) return
  for (const definition of definitions) await queueMessage(definition, event, person)
}

async function queueMessage(definition: EventMessage, event: Event, person: Person): Promise<void> {
  const { name: type, basis, recipients } = definition
  if (person.erasedAt && recipients !== 'all_that_know') return
  if (basis === 'consent' && !canSeeLearning(person)) return
  const endpoints = await recipientsAmong(await readEndpoints(), definition, person._id)
  if (!endpoints.length) return
  const draft = { type, cause: event._id, person: person._id, basis, at: event.at }
  const message = await createMessage({ ...draft, build: () => definition.build(event, person) })
  if (message) await createDeliveries(message, endpoints)
}

const readEndpoints = shared(currentEndpoints)

/** Returns those of the endpoints that get a message of this type about a person. */
export async function recipientsAmong(
  endpoints: Endpoint[],
  { name, recipients }: EventMessage,
  person: Types.ObjectId,
): Promise<Endpoint[]> {
  if (recipients === 'all_that_know') return endpointsThatKnow(person, endpoints)
  const subscribers = endpoints.filter(endpoint => endpoint.types.includes(name))
  return recipients === 'subscribers' ? subscribers : endpointsThatKnow(person, subscribers)
}

/**
 * Returns those of the endpoints that have, or will get, a message about a person. A message that was delivered, then
 * resent and cancelled, counts as delivered.
 */
async function endpointsThatKnow(person: Types.ObjectId, endpoints: Endpoint[]): Promise<Endpoint[]> {
  const deliveries = await Deliveries.find(
    {
      person,
      type: { $nin: anonymousTypes },
      $or: [{ state: { $ne: 'cancelled' } }, { deliveredAt: { $ne: null } }],
    },
    { endpoint: 1 },
  )
  const ids = new Set(deliveries.map(delivery => String(delivery.endpoint)))
  return endpoints.filter(endpoint => ids.has(String(endpoint._id)))
}

/**
 * Creates a delivery of a message for each endpoint. Existing ones only follow the state of their endpoint.
 *
 * @param replay what stopping the recovery that asks for it makes of it.
 */
export async function createDeliveries(
  message: Message,
  endpoints: Endpoint[],
  replay: Delivery['replay'] = null,
): Promise<void> {
  const followed = new Set<string>()
  const create = async (endpoint: Endpoint) => {
    const isActive = endpoint.state === 'active'
    const isNew = await Deliveries.insertOnce({
      _id: deliveryId(message._id, endpoint._id),
      message: message._id,
      endpoint: endpoint._id,
      type: message.type,
      person: message.person,
      state: isActive ? 'pending' : 'held',
      createdAt: now(),
      dueAt: isActive ? now() : null,
      mapping: endpoint.mapping,
      replay,
    })
    if (isNew) followed.add(`${endpoint._id} ${endpoint.state}`)
  }
  await Promise.all(endpoints.map(create))
  // An endpoint may have been paused, resumed or removed between the read and the write.
  const current = await readEndpoints()
  for (const { _id } of endpoints) {
    const found = current.find(endpoint => endpoint._id.equals(_id))
    if (!found || !followed.has(`${_id} ${found.state}`)) await applyEndpointState(_id)
  }
  wakeWorker.emit('due', 'deliveries')
}
