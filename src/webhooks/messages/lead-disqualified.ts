import { z } from 'zod'
import { leadState } from '../../leads/lead-state'
import { readLedger } from '../../scoring/read-ledger'
import { brandData, brandExample, brandSchema } from '../brand-data'
import { defineMessage } from '../define-message'
import { personExample, personReference } from '../person-data'

export const leadDisqualified = defineMessage({
  name: 'lead.disqualified',
  docs: {
    title: 'Lead disqualified',
    text: 'A lead should no longer be contacted, with the reason, until it qualifies again',
  },
  // Sent without a consent too, so that a CRM learns about its withdrawal.
  basis: 'none',
  recipients: 'subscribers_that_know',
  subscribedByDefault: true,
  data: z.object({
    brand: brandSchema,
    ...personReference,
    reason: z.string().describe('Why, such as cooled, customer or objection'),
    at: z.iso.datetime(),
  }),
  example: {
    brand: brandExample,
    external_id: personExample.external_id,
    dedupe_key: personExample.email,
    reason: 'cooled',
    at: '2026-11-23T09:42:10.000Z',
  },
  from: ['lead.disqualified'],
  build: async ({ at, data: { reason } }, person) => {
    // A lead that sales works on, or that bought, stays with sales whatever its score.
    const state = leadState(await readLedger(person._id))
    if (state?.status !== 'closed') return null
    return {
      brand: await brandData(person),
      external_id: String(person._id),
      dedupe_key: person.email,
      reason,
      at: at.toISOString(),
    }
  },
})
