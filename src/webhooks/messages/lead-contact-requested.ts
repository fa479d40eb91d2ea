import { z } from 'zod'
import { defineMessage } from '../define-message'
import { leadData, leadExample, leadSchema } from '../lead-data'

const maxText = 2000

export const leadContactRequested = defineMessage({
  name: 'lead.contact_requested',
  docs: {
    title: 'Contact requested',
    text: 'A lead asked for a demo, a trial or a conversation, in their own words',
  },
  basis: 'request',
  recipients: 'subscribers',
  subscribedByDefault: true,
  data: leadSchema.extend({
    request: z.object({
      kind: z.enum(['demo', 'trial', 'contact']),
      text: z.string(),
      course: z.string().nullable(),
      at: z.iso.datetime(),
    }),
  }),
  example: {
    ...leadExample,
    consent: { ...leadExample.consent, lawful_basis: 'request' },
    request: {
      kind: 'demo',
      text: 'For a team of 12, next week.',
      course: 'Read the evidence',
      at: '2026-11-23T09:42:10.000Z',
    },
  },
  from: ['contact.requested'],
  build: async ({ at, data: { kind, text, title } }, person) => ({
    ...(await leadData(person, { lawfulBasis: 'request' })),
    request: { kind, text: text.slice(0, maxText), course: title, at: at.toISOString() },
  }),
})
