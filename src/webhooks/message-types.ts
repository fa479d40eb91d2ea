import { z } from 'zod'
import { leadSchema, orderSchema, personReference } from './schemas'

/** The message types that an endpoint can subscribe to, with the schema of each type's `data`. */
const dataSchemas = {
  'lead.qualified': leadSchema.extend({
    qualified: z.object({
      at: z.iso.datetime(),
      trigger: z
        .enum(['score', 'contact_request'])
        .describe('What qualified the lead: the score, or a contact request'),
    }),
  }),
  'lead.updated': leadSchema,
  'lead.contact_requested': leadSchema.extend({
    request: z.object({
      kind: z.enum(['demo', 'trial', 'contact']),
      text: z.string(),
      course: z.string().nullable(),
      at: z.iso.datetime(),
    }),
  }),
  'lead.disqualified': z.object({
    ...personReference,
    reason: z.string().describe('Why, such as cooled, customer or objection'),
    at: z.iso.datetime(),
  }),
  'lead.erased': z.object({ external_id: personReference.external_id, at: z.iso.datetime() }),
  'order.paid': orderSchema,
  'order.refunded': orderSchema.extend({
    reason: z.enum(['refund', 'dispute']).describe('refund: we returned the payment; dispute: a chargeback'),
  }),
  'webhook.test': z.object({ message: z.string(), sent_by: z.string() }),
} as const

export type MessageType = keyof typeof dataSchemas
export type MessageData<T extends MessageType> = z.input<(typeof dataSchemas)[T]>

export const messageTypes = Object.keys(dataSchemas) as MessageType[]
/** The types that an endpoint can subscribe to. A test message goes to any endpoint. */
export const subscribable = messageTypes.filter(type => type !== 'webhook.test')

export const apiVersion = '2026-11-01'

/** Returns the schema of the whole JSON body of one message type. */
export function envelope(type: MessageType) {
  return z.object({
    id: z.string().describe('The same on every attempt and for every endpoint; drop an id you have seen'),
    type: z.literal(type),
    timestamp: z.iso.datetime().describe('When it happened, in UTC'),
    api_version: z.literal(apiVersion),
    sequence: z
      .number()
      .int()
      .min(0)
      .describe('Counts the messages about this person; each holds the full record, so drop a lower one'),
    data: dataSchemas[type],
  })
}
