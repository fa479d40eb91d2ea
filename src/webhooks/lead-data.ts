import type { Types } from 'mongoose'
import { z } from 'zod'
import { minutes, now } from '../platform/clock'
import { brandOf } from '../brand/brand'
import { publishedCourses } from '../courses/published'
import { definitionOf } from '../events/definitions'
import { activeConsent, agreedLast } from '../people/consent'
import { People, type Person, type Touch } from '../people/person'
import { sourceOf } from '../people/source'
import { DemoBookings } from '../leads/demo-booking'
import { leadStatuses } from '../leads/lead'
import { notesOf } from '../leads/lead-note'
import { leadState, type LeadState } from '../leads/lead-state'
import { reasonSentence } from '../leads/routing-reason'
import { readCircumstances } from '../scoring/circumstances'
import { activeModel } from '../scoring/model'
import { needsMapOf, type Need } from '../scoring/needs-map'
import { readLedger, type Ledger } from '../scoring/read-ledger'
import { roundedPoints, roundedToAddUp } from '../scoring/rules'
import { evaluate, type Evaluation } from '../scoring/score-person'
import { createLeadActionLink } from '../leads/lead-action-link'
import { brandData, brandExample, brandSchema } from './brand-data'
import { canSeeLearning } from './delivery-consent'
import { personData, personExample, personReference, personSchema } from './person-data'

/** The most reasons and topics in a message. */
const maxListed = 20

const text = z.string().nullable()
const moment = z.iso.datetime()

const touchSchema = z
  .object({ at: moment, landing_path: z.string(), referrer: text, utm_source: text, utm_campaign: text })
  .nullable()

const reasonSchema = z.object({
  rule: z.string(),
  text: z.string(),
  points: z.number(),
  at: moment.nullable(),
  event: text.describe('The id of the event behind it'),
})

const actionLinkText =
  'In lead.qualified: a link that acts for the owner for 7 days without signing in. Otherwise: a page for sales'

const dealSchema = z.object({
  id: text.describe('Your own id for the deal, as you reported it in `crm_id`'),
  state: z.enum(['open', 'won', 'lost']),
  amount_minor: z.number().nullable().describe('In minor units of the currency, such as cents'),
  currency: text,
  opened_at: moment,
  closed_at: moment.nullable(),
  lost_reason: text,
})

const responseSchema = z.object({
  kind: z.enum(['accepted', 'contacted', 'rejected', 'returned']),
  at: moment,
  source: z.enum(['sales', 'crm']),
  by: text.describe('The email address of the teammate; null when it came from a CRM'),
  reason: text,
  text: z.string(),
})

const nextStepSchema = z.object({
  text: z.string(),
  due: z.iso.date().nullable(),
  by: text.describe('The email address of the teammate'),
  at: moment,
})

const noteSchema = z.object({
  text: z.string(),
  by: text.describe('The email address of the teammate'),
  at: moment,
})

/** Where a lead stands with sales, the same as on its page in the academy. */
const stateSchema = z.object({
  status: z.enum(leadStatuses),
  qualified_at: moment,
  respond_by: moment.describe("After four of the owner's office hours, or as many as sales has set"),
  response: responseSchema.nullable().describe('The latest response from sales or a CRM'),
  snoozed_until: moment
    .nullable()
    .describe(
      'Set aside by a teammate until then, when it waits for a response again by itself; null without',
    ),
  next_step: nextStepSchema.nullable().describe('What sales does next'),
  notes: z.array(noteSchema).max(maxListed).describe('By sales, newest first'),
  closed_reason: text.describe('Why it is closed, such as paused; null while it is not'),
  deals: z.array(dealSchema),
})

/** The full record of a lead, sent with each message about one. */
export const leadSchema = z.object({
  brand: brandSchema,
  person: personSchema,
  demo: z
    .object({
      starts_at: moment,
      minutes: z.number().int(),
      with: text.describe('The email address of who gives it'),
    })
    .nullable()
    .describe('The demo that the lead has booked; null while none is ahead'),
  lead: stateSchema.nullable().describe('Where the lead stands with sales; null before it qualified'),
  score: z.object({
    value: z.number().nullable().describe('Engagement, 0 to 100; null without consent to profiling'),
    fit: z.number().nullable(),
    engagement: z.number().nullable(),
    band: text.describe('A1 to C3: fit, then engagement'),
    model_version: z.number().int().nullable(),
    at: moment.nullable().describe('When it was computed: without new activity, a score falls over time'),
    reasons: z.array(reasonSchema).max(maxListed).describe('Largest contribution first'),
  }),
  needs: z.object({
    wants: z.array(z.string()).max(maxListed),
    unsure: z.array(z.string()).max(maxListed),
    never_opened: z.array(z.string()).max(maxListed),
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
    first_touch: touchSchema,
    last_touch: touchSchema,
  }),
  consent: z.object({
    lawful_basis: z.enum(['consent', 'request']).describe('request: the person asked to be contacted'),
    marketing_email: z.boolean().describe('false: reply to them, but send no campaigns'),
    purpose: z.string(),
    policy_version: z.number().int().nullable(),
    captured_at: moment.nullable(),
  }),
  routing: z.object({
    owner: text.describe('The email address of the owner'),
    reason: text.describe('Why they are the owner, in words; null when a teammate chose them'),
    rule: text.describe('The name of the routing rule; null without one'),
    rules_version: z.number().int().nullable().describe('The number of the routing rules at that time'),
  }),
  links: z.object({
    brief: z.url(),
    accept: z.url().describe(actionLinkText),
    reject: z.url().describe(actionLinkText),
    unsubscribe: z.url(),
  }),
  dedupe_key: personReference.dedupe_key,
})

type LeadData = z.input<typeof leadSchema>

/** The lead in all examples. */
export const leadExample: LeadData = {
  brand: brandExample,
  person: personExample,
  demo: { starts_at: '2026-12-01T10:00:00.000Z', minutes: 30, with: 'petra@academy.example' },
  lead: {
    status: 'new',
    qualified_at: '2026-11-23T09:42:10.000Z',
    respond_by: '2026-11-23T13:42:10.000Z',
    response: null,
    snoozed_until: null,
    next_step: null,
    notes: [],
    closed_reason: null,
    deals: [],
  },
  score: {
    value: 69.8,
    fit: 84,
    engagement: 69.8,
    band: 'A1',
    model_version: 7,
    at: '2026-11-23T09:42:10.000Z',
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
  routing: {
    owner: 'petra@academy.example',
    reason: 'Territory: Central Europe',
    rule: 'Central Europe',
    rules_version: 3,
  },
  links: {
    brief: 'https://academy.example/sales/leads/6921f0c2a4b1d3e5f7a90b12',
    accept: 'https://academy.example/sales/leads/6921f0c2a4b1d3e5f7a90b12#disposition',
    reject: 'https://academy.example/sales/leads/6921f0c2a4b1d3e5f7a90b12/rejection/new',
    unsubscribe: 'https://academy.example/account/sharing',
  },
  dedupe_key: personExample.email,
}

type LeadOptions = { lawfulBasis?: LeadData['consent']['lawful_basis']; handOff?: number | null }

/**
 * Builds the full record of a lead, as of now. What the lead learned and the resulting score are included only with
 * their consent; a contact request goes out without it.
 *
 * @param options.lawfulBasis why sales may have it: the person's consent, or their request to be contacted.
 * @param options.handOff the number of a hand-off. With it, `links.accept` and `links.reject` act for the owner
 * without signing in; each call creates new links. Without it, they lead to pages in the sales workspace.
 */
export async function leadData(
  person: Person,
  { lawfulBasis = 'consent', handOff = null }: LeadOptions = {},
): Promise<LeadData> {
  const { baseUrl } = await brandOf(person.brand)
  const [ledger, model, circumstances, consent, brand] = await Promise.all([
    readLedger(person._id),
    activeModel(),
    readCircumstances(person),
    activeConsent(person._id, 'share_with_sales'),
    brandData(person),
  ])
  const evaluation = canSeeLearning(person) ? evaluate(person, ledger, model, circumstances) : null
  const state = leadState(ledger)
  const [owner, sales, demo] = await Promise.all([
    emailOf(state?.owner),
    state && withSales(state, ledger),
    demoData(person._id),
  ])
  const brief = `${baseUrl}/sales/leads/${person._id}`
  const actionLink =
    owner && handOff !== null ? await createLeadActionLink(person._id, handOff, owner._id, baseUrl) : null
  const agreed = consent && agreedLast(consent)
  const first = person.firstTouch
  const last = person.lastTouch ?? first
  return {
    brand,
    person: personData(person),
    demo,
    lead: sales,
    score: evaluation ? scoreOf(evaluation, ledger, model._id) : noScore,
    needs: evaluation ? await needsFrom(ledger) : { wants: [], unsure: [], never_opened: [] },
    source: {
      lead_source: sourceOf(first),
      utm_source: last?.source ?? null,
      utm_medium: last?.medium ?? null,
      utm_campaign: last?.campaign ?? null,
      utm_term: last?.term ?? null,
      utm_content: last?.content ?? null,
      referrer: first?.referrer ?? null,
      landing_path: first?.landing ?? null,
      first_touch: touchOf(first),
      last_touch: touchOf(last),
    },
    consent: {
      lawful_basis: lawfulBasis,
      marketing_email: person.consents.includes('marketing_email'),
      purpose: 'share_with_sales',
      policy_version: agreed?.textVersion ?? null,
      captured_at: agreed?.at.toISOString() ?? null,
    },
    routing: routingData(owner, state?.assignedWhy ?? null),
    links: {
      brief,
      accept: actionLink ?? `${brief}#disposition`,
      reject: actionLink ? `${actionLink}#reject` : `${brief}/rejection/new`,
      unsubscribe: `${baseUrl}/account/sharing`,
    },
    dedupe_key: person.email,
  }
}

function routingData(owner: Addressee | null, why: LeadState['assignedWhy']): LeadData['routing'] {
  return {
    owner: owner?.email ?? null,
    reason: owner && why ? reasonSentence(why) : null,
    rule: (owner && why?.name) || null,
    rules_version: (owner && why?.version) ?? null,
  }
}

async function demoData(person: Types.ObjectId): Promise<LeadData['demo']> {
  const booking = await DemoBookings.load(person)
  if (!booking || booking.endsAt <= now()) return null
  const { startsAt, endsAt, rep } = booking
  return {
    starts_at: startsAt.toISOString(),
    minutes: (endsAt.getTime() - startsAt.getTime()) / minutes(1),
    with: (await emailOf(rep))?.email ?? null,
  }
}

type Addressee = Pick<Person, '_id' | 'email'>

async function emailOf(id: Types.ObjectId | null | undefined): Promise<Addressee | null> {
  return id ? People.load(id) : null
}

/** Where a lead stands with sales, with the teammates' email addresses. */
async function withSales(state: LeadState, ledger: Ledger): Promise<LeadData['lead']> {
  const { status, qualifiedAt, respondBy, disposition, closed, deals, snooze, nextStep } = state
  const notes = notesOf(ledger).slice(0, maxListed)
  const ids = [disposition?.by, nextStep?.by, ...notes.map(({ by }) => by)].filter(id => id != null)
  const emails = new Map(
    await Promise.all(
      [...new Set(ids.map(String))].map(async id => [id, (await People.load(id))?.email] as const),
    ),
  )
  const addressOf = (id: unknown) => emails.get(String(id)) ?? null
  return {
    status,
    qualified_at: qualifiedAt.toISOString(),
    respond_by: respondBy.toISOString(),
    response: disposition && {
      kind: disposition.kind,
      at: disposition.at.toISOString(),
      source: disposition.source,
      by: addressOf(disposition.by),
      reason: disposition.reason,
      text: disposition.text,
    },
    snoozed_until: snooze && snooze.until.toISOString(),
    next_step: nextStep && {
      text: nextStep.text,
      due: nextStep.due,
      by: addressOf(nextStep.by),
      at: nextStep.at.toISOString(),
    },
    notes: notes.map(note => ({ text: note.text, by: addressOf(note.by), at: note.at.toISOString() })),
    closed_reason: closed?.reason ?? null,
    deals: deals.map(({ id, state: dealState, amount, currency, openedAt, closedAt, lostReason }) => ({
      id,
      state: dealState,
      amount_minor: amount,
      currency,
      opened_at: openedAt.toISOString(),
      closed_at: closedAt && closedAt.toISOString(),
      lost_reason: lostReason,
    })),
  }
}

const noScore: LeadData['score'] = {
  value: null,
  fit: null,
  engagement: null,
  band: null,
  model_version: null,
  at: null,
  reasons: [],
}

/** Rounds points to one decimal so that the reasons add up to the score, as long as there are at most 20. */
function scoreOf(evaluation: Evaluation, ledger: Ledger, version: number): LeadData['score'] {
  const { contributions, points } = evaluation.scored
  const rounded = roundedToAddUp(
    contributions.map(each => each.points),
    points,
  )
  const events = new Map(ledger.map(event => [event._id, event]))
  const reasons = contributions
    .map((each, index) => ({
      rule: each.rule,
      text: describe(events.get(each.event)!),
      points: rounded[index]!,
      at: each.at.toISOString(),
      event: each.event,
    }))
    .sort((a, b) => Math.abs(b.points) - Math.abs(a.points))
    .slice(0, maxListed)
  const engagement = roundedPoints(points)
  return {
    value: engagement,
    fit: evaluation.fit,
    engagement,
    band: evaluation.grade,
    model_version: version,
    at: evaluation.at.toISOString(),
    reasons,
  }
}

/** Returns lesson topics: those the lead asked about or studied, those they got wrong, and those they never opened. */
async function needsFrom(ledger: Ledger): Promise<LeadData['needs']> {
  const topics = (await publishedCourses()).flatMap(({ lessons }) => lessons.flatMap(lesson => lesson.topics))
  const { wants, unsure, neverOpened } = needsMapOf(ledger, topics, now())
  const topicsOf = (needs: Need[]) => needs.slice(0, maxListed).map(({ topic }) => topic)
  return { wants: topicsOf(wants), unsure: topicsOf(unsure), never_opened: topicsOf(neverOpened) }
}

function touchOf(touch: Touch | null): LeadData['source']['first_touch'] {
  if (!touch) return null
  return {
    at: touch.at.toISOString(),
    landing_path: touch.landing,
    referrer: touch.referrer,
    utm_source: touch.source,
    utm_campaign: touch.campaign,
  }
}

/** Describes an event in a sentence without a full stop, as a CRM shows it; its name when it has no description. */
function describe({ name, data }: Ledger[number]): string {
  return definitionOf(name).description?.(data) ?? name
}
