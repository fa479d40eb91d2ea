import { z } from 'zod'
import type { EventName } from '../events/definitions'
import type { Basis, MessageDefinition } from './define-message'
import { feedbackCreated } from './messages/feedback-created'
import { feedbackUpdated } from './messages/feedback-updated'
import { leadContactRequested } from './messages/lead-contact-requested'
import { leadDisqualified } from './messages/lead-disqualified'
import { leadErased } from './messages/lead-erased'
import { leadMarketingConsentChanged } from './messages/lead-marketing-consent-changed'
import { leadQualified } from './messages/lead-qualified'
import { leadUpdated } from './messages/lead-updated'
import { orderDisputed } from './messages/order-disputed'
import { orderPaid } from './messages/order-paid'
import { orderRefunded } from './messages/order-refunded'
import { webhookTest } from './messages/webhook-test'

/** EVERY MESSAGE TYPE, in the order of the event catalogue. Its file says everything else about it. */
const definitions = [
  leadQualified,
  leadUpdated,
  leadContactRequested,
  leadDisqualified,
  leadMarketingConsentChanged,
  leadErased,
  orderPaid,
  orderRefunded,
  orderDisputed,
  feedbackCreated,
  feedbackUpdated,
  webhookTest,
]

export type MessageType = (typeof definitions)[number]['name']

/** The definition of a type that is built from events. */
export type EventMessage = MessageDefinition & { name: MessageType }

const eventMessages: EventMessage[] = definitions.filter(definition => definition.from !== null)

export const messageTypes: MessageType[] = definitions.map(({ name }) => name)
/** The types that an endpoint can subscribe to. A test message goes to any endpoint. */
export const subscribable: MessageType[] = eventMessages.map(({ name }) => name)
/** The types that a new endpoint subscribes to, unless a teammate chooses others. */
export const subscribedByDefault: MessageType[] = eventMessages
  .filter(definition => definition.subscribedByDefault)
  .map(({ name }) => name)

/** The types that name nobody. */
export const anonymousTypes: MessageType[] = eventMessages
  .filter(definition => definition.isAnonymous)
  .map(({ name }) => name)

export const apiVersion = '2026-11-01'

/** Returns the schema of the whole JSON body of one message type. */
export function envelope(type: MessageType) {
  return z.object({
    id: z
      .string()
      .describe('The same on every attempt and for every endpoint; ignore an id you have already seen'),
    type: z.literal(type),
    timestamp: z.iso.datetime().describe('When it happened, in UTC'),
    api_version: z.literal(apiVersion),
    sequence: z
      .number()
      .int()
      .min(0)
      .describe(
        'Counts the messages about this person; each contains the full record, so ignore a lower one',
      ),
    test: z
      .literal(true)
      .optional()
      .describe('Only in a message that a teammate sends to try out an endpoint: it is about nobody'),
    mapping_version: z
      .number()
      .int()
      .optional()
      .describe(
        "Only for an endpoint with a field mapping: its version. `data` then has the mapping's fields and not these",
      ),
    data: messageDefinitionOf(type).data,
  })
}

/** Returns the part of a message type's definition that all types have. */
export function messageDefinitionOf(type: MessageType): Pick<MessageDefinition, 'docs' | 'data' | 'example'> {
  return definitions.find(({ name }) => name === type)!
}

/** Returns the definitions of the messages that an event becomes; none for most events. */
export function messagesFrom(event: EventName): EventMessage[] {
  return eventMessages.filter(({ from }) => from.includes(event))
}

/** Returns the definition of a type that is built from events; undefined for one that is sent by hand. */
export function eventMessageOf(type: MessageType): EventMessage | undefined {
  return eventMessages.find(({ name }) => name === type)
}

/** Returns the lawful basis of a message type; `none` for a test message. */
export function basisOf(type: MessageType): Basis {
  return eventMessageOf(type)?.basis ?? 'none'
}
