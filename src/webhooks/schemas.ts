import { z } from 'zod'

/** The value of a field that CRMs require and we don't have; `not_provided` lists those fields. */
export const notProvided = '[not provided]'

const text = z.string().nullable()
const moment = z.iso.datetime()

const touch = z
  .object({ at: moment, landing_path: z.string(), referrer: text, utm_source: text, utm_campaign: text })
  .nullable()

export const personReference = {
  external_id: z.string().describe('Our id of the person; send it back when you report an outcome'),
  dedupe_key: z.string().describe('The email address, trimmed and in lower case'),
}

const person = z.object({
  external_id: personReference.external_id,
  email: z.email(),
  first_name: text,
  last_name: z.string().describe(`"${notProvided}" when unknown, since CRMs reject a lead without one`),
  title: text,
  company: z.string().describe(`"${notProvided}" when unknown`),
  domain: text.describe('The registrable domain of the email address; null for free email providers'),
  country: text,
  not_provided: z.array(z.enum(['last_name', 'company'])),
})

const reason = z.object({
  rule: z.string(),
  text: z.string(),
  points: z.number(),
  at: moment.nullable(),
  event: text.describe('The id of the event behind it'),
})

const actionLink =
  'In lead.qualified: a link that acts for the owner for 7 days without signing in. Otherwise: a page for sales'

/** The full record of a lead, sent with each message about one. */
export const leadSchema = z.object({
  person,
  score: z.object({
    value: z.number().nullable().describe('Engagement, 0 to 100; null without consent to profiling'),
    fit: z.number().nullable(),
    engagement: z.number().nullable(),
    band: text.describe('A1 to C3: fit, then engagement'),
    model_version: z.number().int().nullable(),
    reasons: z.array(reason).max(20).describe('The heaviest first'),
  }),
  needs: z.object({
    wants: z.array(z.string()).max(20),
    unsure: z.array(z.string()).max(20),
    never_opened: z.array(z.string()).max(20),
  }),
  source: z.object({
    lead_source: z.string(),
    utm_source: text,
    utm_medium: text,
    utm_campaign: text,
    utm_term: text,
    utm_content: text,
    referrer: text,
    landing_path: text,
    first_touch: touch,
    last_touch: touch,
  }),
  consent: z.object({
    lawful_basis: z.enum(['consent', 'request']).describe('request: the person asked to be contacted'),
    marketing_email: z.boolean().describe('false: reply to them, but send no campaigns'),
    purpose: z.string(),
    policy_version: z.number().int().nullable(),
    captured_at: moment.nullable(),
  }),
  routing: z.object({ owner: text, region: text, segment: text }),
  links: z.object({
    brief: z.url(),
    accept: z.url().describe(actionLink),
    reject: z.url().describe(actionLink),
    unsubscribe: z.url(),
  }),
  dedupe_key: personReference.dedupe_key,
})

/** An order, sent with each message about one. */
export const orderSchema = z.object({
  person: person.pick({ external_id: true, email: true, first_name: true, last_name: true, company: true }),
  order: z.object({
    id: z.string(),
    title: z.string(),
    amount_minor: z.number().int().describe('In the smallest unit of the currency: 24000 in EUR is €240.00'),
    currency: z.string().length(3),
    at: moment,
  }),
  dedupe_key: personReference.dedupe_key,
})
