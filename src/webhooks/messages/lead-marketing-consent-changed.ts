import { z } from 'zod'
import { Consents } from '../../people/consent'
import { canSeeLearning } from '../delivery-consent'
import { brandData, brandExample, brandSchema } from '../brand-data'
import { defineMessage } from '../define-message'
import { personExample, personReference } from '../person-data'

export const leadMarketingConsentChanged = defineMessage({
  name: 'lead.marketing_consent_changed',
  docs: {
    title: 'Marketing consent changed',
    text: 'A lead subscribed to marketing emails or unsubscribed from them: your campaigns must follow',
  },
  // Sent after an objection and during a pause too, so that a CRM stops its campaigns.
  basis: 'none',
  recipients: 'all_that_know',
  subscribedByDefault: true,
  data: z.object({
    brand: brandSchema,
    ...personReference,
    marketing_email: z.boolean().describe('false: send no campaigns'),
    at: z.iso.datetime(),
  }),
  example: {
    brand: brandExample,
    external_id: personExample.external_id,
    dedupe_key: personExample.email,
    marketing_email: false,
    at: '2026-11-23T09:42:10.000Z',
  },
  from: ['consent.confirmed', 'consent.withdrawn'],
  build: async ({ name, at, data }, person) => {
    if (data.purpose !== 'marketing_email') return null
    const isSubscribed = name === 'consent.confirmed'
    // A consent counts once it is confirmed and until it is withdrawn, even if this message is late. A new one is
    // shared only with the person's consent.
    const counts = isSubscribed
      ? canSeeLearning(person) && (await Consents.exists({ _id: data.consent, withdrawnAt: null }))
      : !data.consent || (await Consents.exists({ _id: data.consent, confirmedAt: { $ne: null } }))
    if (!counts) return null
    return {
      brand: await brandData(person),
      external_id: String(person._id),
      dedupe_key: person.email,
      marketing_email: isSubscribed,
      at: at.toISOString(),
    }
  },
})
