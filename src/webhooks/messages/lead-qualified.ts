import { z } from 'zod'
import { defineMessage } from '../define-message'
import { leadData, leadExample, leadSchema } from '../lead-data'

const acceptLink = 'https://academy.example/lead-actions/0Jx6mWc1vQ3nA8sYt5eZrK2pLh9uBdGfXoCiVwTjMkE'

export const leadQualified = defineMessage({
  name: 'lead.qualified',
  docs: {
    title: 'Lead qualified',
    text: 'A lead has qualified: who they are, their score with its reasons, what they need and what they agreed to',
  },
  basis: 'consent',
  recipients: 'subscribers',
  subscribedByDefault: true,
  data: leadSchema.extend({
    qualified: z.object({
      at: z.iso.datetime(),
      trigger: z
        .enum(['score', 'contact_request', 'resumed'])
        .describe(
          'What qualified the lead: the score, a contact request, or the end of a pause or exclusion',
        ),
      group: z
        .enum(['score', 'chance'])
        .optional()
        .describe(
          'While the academy measures what its order by score is worth: `chance` for a lead that shouldn’t be ' +
            'prioritised by score or grade, `score` for the others that are measured',
        ),
    }),
  }),
  example: {
    ...leadExample,
    links: { ...leadExample.links, accept: acceptLink, reject: `${acceptLink}#reject` },
    qualified: { at: '2026-11-23T09:42:10.000Z', trigger: 'score' },
  },
  from: ['lead.qualified'],
  build: async ({ at, data: { trigger, sequence, group } }, person) => ({
    ...(await leadData(person, { handOff: sequence })),
    qualified: { at: at.toISOString(), trigger, ...(group && { group }) },
  }),
})
