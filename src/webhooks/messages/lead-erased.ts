import { z } from 'zod'
import { brandData, brandExample, brandSchema } from '../brand-data'
import { defineMessage } from '../define-message'
import { personExample, personReference } from '../person-data'

export const leadErased = defineMessage({
  name: 'lead.erased',
  docs: { title: 'Lead erased', text: 'A lead deleted their account: delete what you hold about them' },
  basis: 'none',
  // GDPR Art. 19: every recipient of the data is notified of its erasure.
  recipients: 'all_that_know',
  subscribedByDefault: true,
  data: z.object({ brand: brandSchema, external_id: personReference.external_id, at: z.iso.datetime() }),
  example: { brand: brandExample, external_id: personExample.external_id, at: '2026-11-23T09:42:10.000Z' },
  from: ['person.erased'],
  build: async ({ person: id, at }, person) => ({
    brand: await brandData(person),
    external_id: String(id),
    at: at.toISOString(),
  }),
})
