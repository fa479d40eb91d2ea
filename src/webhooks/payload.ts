import { now } from '../platform/clock'
import { config } from '../platform/config'
import { publishedCourses } from '../courses/published'
import type { EventData } from '../events/definitions'
import { activeConsent } from '../people/consent'
import { People, type Person, type Touch } from '../people/person'
import { sourceOf } from '../people/source'
import { hasObjected } from '../people/suppression'
import { Leads } from '../leads/lead'
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

/** The most reasons and topics in a message. */
const maxListed = 20

/**
 * Builds the full record of a lead, as of now. What the lead learned and the resulting score are included only with
 * their consent; a contact request goes out without it.
 *
 * @param handOff the number of a hand-off. With it, `links.accept` and `links.reject` act for the owner without
 * signing in; each call creates new links. Without it, they lead to pages in the sales workspace.
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
    Leads.findById(person._id),
  ])
  const evaluation = maySeeLearning(person) ? evaluate(person, ledger, model, objected) : null
  const owner = lead?.owner ? await People.findById(lead.owner) : null
  const brief = `${config.baseUrl}/sales/leads/${person._id}`
  const actionLink =
    owner && handOff !== null ? await createLeadActionLink(person._id, handOff, owner._id) : null
  const first = person.firstTouch
  const last = person.lastTouch ?? first
  return {
    person: identityOf(person),
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
      lawful_basis: basis,
      marketing_email: person.consents.includes('marketing_email'),
      purpose: 'share_with_sales',
      policy_version: consent?.textVersion ?? null,
      captured_at: consent?.givenAt.toISOString() ?? null,
    },
    routing: { owner: owner?.email ?? null, region: person.country, segment: person.company?.domain ?? null },
    links: {
      brief,
      accept: actionLink ?? `${brief}#disposition`,
      reject: actionLink ? `${actionLink}#reject` : `${brief}/rejection/new`,
      unsubscribe: `${config.baseUrl}/account/sharing`,
    },
    dedupe_key: person.email,
  }
}

/** Builds the data of `order.paid`; `order.refunded` adds its reason. */
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

/** Takes the last word of a name as the family name. A single word is a first name, since we can't tell. */
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

/** Rounds points to one decimal so that the reasons add up to the score, as long as there are at most 20. */
function scoreOf(evaluation: Evaluation, ledger: Ledger, version: number): LeadPayload['score'] {
  const { contributions, points } = evaluation.scored
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
    .slice(0, maxListed)
  const engagement = Math.round(points * 10) / 10
  return {
    value: engagement,
    fit: evaluation.fit,
    engagement,
    band: evaluation.grade,
    model_version: version,
    reasons,
  }
}

/** Returns lesson topics: those the lead asked about or studied, those they got wrong, and those they never opened. */
async function needsFrom(ledger: Ledger): Promise<LeadPayload['needs']> {
  const topics = (await publishedCourses()).flatMap(({ lessons }) => lessons.flatMap(lesson => lesson.topics))
  const { wants, unsure, neverOpened } = needsMapOf(ledger, topics, now())
  const topicsOf = (needs: Need[]) => needs.slice(0, maxListed).map(({ topic }) => topic)
  return { wants: topicsOf(wants), unsure: topicsOf(unsure), never_opened: topicsOf(neverOpened) }
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
