import type { MessageData, MessageType } from './message-types'

type Lead = MessageData<'lead.updated'>

const lead: Lead = {
  person: {
    external_id: '6921f0c2a4b1d3e5f7a90b12',
    email: 'amara@northwind-pumps.example',
    first_name: 'Amara',
    last_name: 'Okonkwo',
    title: 'Head of Enablement',
    company: 'Northwind Pumps',
    domain: 'northwind-pumps.example',
    country: 'GB',
    not_provided: [],
  },
  score: {
    value: 69.8,
    fit: 84,
    engagement: 69.8,
    band: 'A1',
    model_version: 7,
    reasons: [
      {
        rule: 'course-completed',
        text: 'Finished the course "Read the evidence"',
        points: 18.9,
        at: '2026-11-21T16:04:00.000Z',
        event: 'course.completed:6921f0c2a4b1d3e5f7a90b12:6921e1aa04b1d3e5f7a90001',
      },
    ],
  },
  needs: { wants: ['hand-off to a CRM'], unsure: ['consent'], never_opened: ['pricing'] },
  source: {
    lead_source: 'newsletter',
    utm_source: 'october',
    utm_medium: 'newsletter',
    utm_campaign: 'pumps',
    utm_term: null,
    utm_content: null,
    referrer: null,
    landing_path: '/courses',
    first_touch: {
      at: '2026-11-12T08:31:00.000Z',
      landing_path: '/courses',
      referrer: null,
      utm_source: 'october',
      utm_campaign: 'pumps',
    },
    last_touch: null,
  },
  consent: {
    lawful_basis: 'consent',
    marketing_email: false,
    purpose: 'share_with_sales',
    policy_version: 1,
    captured_at: '2026-11-16T08:40:00.000Z',
  },
  routing: { owner: 'petra@lyceum.example', region: 'GB', segment: null },
  links: {
    brief: 'https://academy.example/sales/leads/6921f0c2a4b1d3e5f7a90b12',
    accept: 'https://academy.example/sales/leads/6921f0c2a4b1d3e5f7a90b12#disposition',
    reject: 'https://academy.example/sales/leads/6921f0c2a4b1d3e5f7a90b12/rejection/new',
    unsubscribe: 'https://academy.example/account/sharing',
  },
  dedupe_key: 'amara@northwind-pumps.example',
}

const at = '2026-11-23T09:42:10.000Z'
const { external_id, email, first_name, last_name, company } = lead.person
const order: MessageData<'order.paid'> = {
  person: { external_id, email, first_name, last_name, company },
  order: {
    id: '6922a11fa4b1d3e5f7a90c77',
    title: 'Running an academy',
    amount_minor: 24000,
    currency: 'EUR',
    at,
  },
  dedupe_key: lead.dedupe_key,
}

const acceptLink = 'https://academy.example/lead-actions/0Jx6mWc1vQ3nA8sYt5eZrK2pLh9uBdGfXoCiVwTjMkE'

/** The data of one message of each type, as the event catalogue shows it. A test checks them against the schemas. */
export const examples: { [T in MessageType]: MessageData<T> } = {
  'lead.qualified': {
    ...lead,
    links: { ...lead.links, accept: acceptLink, reject: `${acceptLink}#reject` },
    qualified: { at, trigger: 'score' },
  },
  'lead.updated': lead,
  'lead.contact_requested': {
    ...lead,
    consent: { ...lead.consent, lawful_basis: 'request' },
    request: {
      kind: 'demo',
      text: 'For a team of 12, next week.',
      course: 'Read the evidence',
      at,
    },
  },
  'lead.disqualified': { external_id, dedupe_key: email, reason: 'cooled', at },
  'lead.erased': { external_id, at },
  'order.paid': order,
  'order.refunded': { ...order, reason: 'refund' },
  'webhook.test': { message: 'This is a test. No lead has qualified.', sent_by: 'Petra Novotná' },
}
