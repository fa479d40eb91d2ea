import { now } from '../platform/clock'
import { config } from '../platform/config'
import { publishedCourses } from '../courses/published'
import type { EventData } from '../events/event'
import { activeConsent } from '../people/consent'
import { People, type Person, type Touch } from '../people/person'
import { sourceOf } from '../people/source'
import { hasObjected } from '../people/suppression'
import { Leads, type Lead } from '../leads/lead'
import { activeModel } from '../scoring/model'
import { needsMapOf, type Need } from '../scoring/needs-map'
import { readLedger, type Ledger } from '../scoring/read-ledger'
import { roundedToAddUp } from '../scoring/rules'
import { evaluate, type Evaluation } from '../scoring/score-person'
import { createLeadActionLink } from '../leads/lead-action-link'
import type { MessageData } from './message-types'
import { maySeeLearning } from './delivery-consent'
import { describeEvent } from './event-descriptions'
import { notProvided } from './schemas'

type LeadPayload = MessageData<'lead.updated'>
type OrderPayload = MessageData<'order.paid'>

const listed = 20

/**
 * All that a CRM is told of a lead, as of now. What somebody learned, and the score that follows from it, is in it only with
 * their consent; a request to be contacted goes out without. With the number of a hand-off, its owner answers by the links
 * `accept` and `reject` without signing in: each call makes new ones.
 */
export async function leadPayload(
  person: Person,
  basis: 'consent' | 'request',
  handOff: number | null = null,
): Promise<LeadPayload> {
  const [ledger, model, objected, consent, lead] = await Promise.all([
    readLedger(person._id),
    activeModel(),
    hasObjected(person.email),
    activeConsent(person._id, 'share_with_sales'),
    Leads.findById(person._id).lean<Lead>(),
  ])
  const judged = maySeeLearning(person) ? evaluate(person, ledger, model, objected) : null
  const owner = lead?.owner ? await People.findById(lead.owner).lean<Person>() : null
  const brief = `${config.baseUrl}/sales/leads/${person._id}`
  const answer = owner && handOff !== null ? await createLeadActionLink(person._id, handOff, owner._id) : null
  const first = person.firstTouch
  const last = person.lastTouch ?? first
  return {
    person: identityOf(person),
    score: judged ? scoreOf(judged, ledger, model._id) : noScore,
    needs: judged ? await needsIn(ledger) : { wants: [], unsure: [], never_opened: [] },
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
      lawful_basis: basis,
      marketing_email: person.consents.includes('marketing_email'),
      purpose: 'share_with_sales',
      policy_version: consent?.textVersion ?? null,
      captured_at: consent?.givenAt.toISOString() ?? null,
    },
    routing: { owner: owner?.email ?? null, region: person.country, segment: person.company?.domain ?? null },
    links: {
      brief,
      accept: answer ?? `${brief}#disposition`,
      reject: answer ? `${answer}#reject` : `${brief}/rejection/new`,
      unsubscribe: `${config.baseUrl}/account/sharing`,
    },
    dedupe_key: person.email,
  }
}

/** What a CRM is told of an order. */
export function orderPayload(person: Person, order: EventData['order.paid'], at: Date): OrderPayload {
  const { external_id, email, first_name, last_name, company } = identityOf(person)
  return {
    person: { external_id, email, first_name, last_name, company },
    order: {
      id: order.order,
      title: order.title,
      amount_minor: order.amount,
      currency: order.currency,
      at: at.toISOString(),
    },
    dedupe_key: person.email,
  }
}

/** The last word of a name is taken for the family name; of a single word nobody knows which it is. */
function identityOf(person: Person): LeadPayload['person'] {
  const words = person.name.trim().split(/\s+/)
  const lastName = words.length > 1 ? words.at(-1)! : null
  const company = person.company?.name ?? null
  return {
    external_id: String(person._id),
    email: person.email,
    first_name: (lastName ? words.slice(0, -1) : words).join(' '),
    last_name: lastName ?? notProvided,
    title: person.title,
    company: company ?? notProvided,
    domain: person.company?.domain ?? null,
    country: person.country,
    not_provided: [...(lastName ? [] : ['last_name' as const]), ...(company ? [] : ['company' as const])],
  }
}

const noScore: LeadPayload['score'] = {
  value: null,
  fit: null,
  engagement: null,
  band: null,
  model_version: null,
  reasons: [],
}

/** Points with one decimal; those of the reasons add up to the score when there are at most twenty. */
function scoreOf(judged: Evaluation, ledger: Ledger, version: number): LeadPayload['score'] {
  const { contributions, points } = judged.scored
  const rounded = roundedToAddUp(contributions.map(each => each.points))
  const events = new Map(ledger.map(event => [event._id, event]))
  const reasons = contributions
    .map((each, index) => ({
      rule: each.rule,
      text: describeEvent(events.get(each.event)!),
      points: rounded[index]!,
      at: each.at.toISOString(),
      event: each.event,
    }))
    .sort((a, b) => Math.abs(b.points) - Math.abs(a.points))
    .slice(0, listed)
  const engagement = Math.round(points * 10) / 10
  return {
    value: engagement,
    fit: judged.fit,
    engagement,
    band: judged.grade,
    model_version: version,
    reasons,
  }
}

/** Topics of lessons: those they asked about or went into, those they stumbled over, and those they never opened. */
async function needsIn(ledger: Ledger): Promise<LeadPayload['needs']> {
  const topics = (await publishedCourses()).flatMap(({ lessons }) => lessons.flatMap(lesson => lesson.topics))
  const { wants, unsure, neverOpened } = needsMapOf(ledger, topics, now())
  const named = (needs: Need[]) => needs.slice(0, listed).map(({ topic }) => topic)
  return { wants: named(wants), unsure: named(unsure), never_opened: named(neverOpened) }
}

function touchOf(touch: Touch | null): LeadPayload['source']['first_touch'] {
  if (!touch) return null
  return {
    at: touch.at.toISOString(),
    landing_path: touch.landing,
    referrer: touch.referrer,
    utm_source: touch.source,
    utm_campaign: touch.campaign,
  }
}
