import { z } from 'zod'
import { leadSchema, orderSchema, personReference } from './schemas'

/** The kinds of messages that a receiver may take, and what each carries. */
const catalogue = {
  'lead.qualified': leadSchema.extend({
    qualified: z.object({
      at: z.iso.datetime(),
      trigger: z
        .enum(['score', 'contact_request'])
        .describe('What made it so: the score, or a contact request'),
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
    reason: z.string().describe('Such as score, customer, objection'),
    at: z.iso.datetime(),
  }),
  'lead.erased': z.object({ external_id: personReference.external_id, at: z.iso.datetime() }),
  'order.paid': orderSchema,
  'order.refunded': orderSchema.extend({ reason: z.enum(['refund', 'dispute']) }),
  'webhook.test': z.object({ message: z.string(), sent_by: z.string() }),
} as const

export type MessageType = keyof typeof catalogue
export type MessageData<T extends MessageType> = z.input<(typeof catalogue)[T]>

export const messageTypes = Object.keys(catalogue) as MessageType[]
/** What a receiver subscribes to; a test comes to each. */
export const subscribable = messageTypes.filter(type => type !== 'webhook.test')

export const apiVersion = '2026-11-01'

/** The body of a message of one type, as it travels. */
export function envelope(type: MessageType) {
  return z.object({
    id: z.string().describe('The same on every try and for every receiver; drop what you have seen'),
    type: z.literal(type),
    timestamp: z.iso.datetime().describe('When it happened, UTC'),
    api_version: z.literal(apiVersion),
    sequence: z
      .number()
      .int()
      .min(0)
      .describe(
        'Counts the messages about this person; each is a full picture, so drop one that is older than yours',
      ),
    data: catalogue[type],
  })
}
