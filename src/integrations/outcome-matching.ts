import type { Request, Response } from 'express'
import { Types } from 'mongoose'
import { notFound } from '../platform/errors'
import { audit } from '../events/audit'
import { searchFilter } from '../platform/fold'
import { shownEmail } from '../people/email-address'
import { People, type Person } from '../people/person'
import { matchOutcome } from '../crm/match-outcome'
import { Outcomes, type Outcome } from '../crm/outcome'
import { Leads } from '../leads/lead'
import { Endpoints } from '../webhooks/endpoint'
import { setFlash } from '../web/flash'
import type { Handler } from '../web/handler'
import { parametersOf } from '../web/parameters'
import { textsOf } from '../web/texts'
import { reasonView } from './inbound-events'

const maxFound = 10

/** Loads the unmatched outcome in the URL into `response.locals.outcome`, or responds with 404. */
export const load: Handler = async (request, response) => {
  const outcome = await Outcomes.findById(request.params.outcome)
  if (!outcome) throw notFound()
  response.locals.outcome = outcome
}

/** `GET /integrations/inbound-events/:outcome/match`: what the CRM reported, and leads that match a search. */
export async function edit(request: Request, response: Response): Promise<void> {
  const outcome = response.locals.outcome as Outcome
  const texts = textsOf(response)
  const { t, date, money } = texts
  const q = (parametersOf(request).q ?? '').trim()
  const [endpoint, leads] = await Promise.all([
    Endpoints.findById(outcome.endpoint, { name: 1 }),
    q ? findLeads(q) : [],
  ])
  const title = t('integrations:matching.title')
  const { amount, currency } = outcome
  response.render('integrations/outcome-match', {
    layout: 'workspace',
    nav: 'outcomes',
    head: { title },
    title,
    isOpen: outcome.state === 'unmatched',
    facts: [
      {
        label: t('integrations:column.outcome'),
        value: t(`integrations:outcomeType.${outcome.type.replace('.', '_')}`),
      },
      { label: t('integrations:matching.endpoint'), value: endpoint?.name ?? '' },
      { label: t('integrations:matching.externalId'), value: outcome.externalId },
      { label: t('integrations:matching.crmId'), value: outcome.crmId },
      {
        label: t('integrations:column.amount'),
        value: amount !== null && currency ? money(amount, currency) : null,
      },
      { label: t('integrations:column.reason'), value: reasonView(outcome, true, texts).join(' ') },
      { label: t('integrations:column.occurred'), value: `${date(outcome.occurredAt, 'full')} UTC` },
    ].filter(({ value }) => value),
    action: hrefOf(outcome),
    q,
    leads: leads.map(({ _id, name, email, company }) => ({
      id: String(_id),
      name,
      about: [shownEmail(email), company?.name].filter(Boolean).join(' · '),
      label: t('integrations:matching.matchTo', { name }),
    })),
    none: q && !leads.length ? t('integrations:matching.none', { q }) : null,
  })
}

/** `POST /integrations/inbound-events/:outcome/match`: matches the outcome to the body's `person`. */
export async function update(request: Request, response: Response, user: Person): Promise<void> {
  const outcome = response.locals.outcome as Outcome
  const typed: unknown = request.body?.person
  const person = typeof typed === 'string' && Types.ObjectId.isValid(typed) ? new Types.ObjectId(typed) : null
  if (!person) throw notFound()
  const count = await matchOutcome(outcome, person)
  const { t } = textsOf(response)
  if (count) {
    const detail = {
      external_id: outcome.externalId,
      type: outcome.type,
      endpoint: String(outcome.endpoint),
      count,
    }
    await audit({ actor: user._id, action: 'outcome.matched', subject: String(person), detail })
  }
  const key = count ? 'integrations:matching.done' : 'integrations:matching.tooLate'
  setFlash(response, { kind: count ? 'done' : 'warning', bold: t(key, { count }) })
  response.redirect(303, '/integrations/inbound-events')
}

/** Returns leads who share with sales, by words of their name, company or email address. */
async function findLeads(typed: string): Promise<Pick<Person, '_id' | 'name' | 'email' | 'company'>[]> {
  const leads = await Leads.find({ shared: true, ...searchFilter(typed) }, { _id: 1 })
    .sort({ rank: 1, score: -1, _id: 1 })
    .limit(maxFound)
  const people = await People.find(
    { _id: { $in: leads.map(({ _id }) => _id) } },
    { name: 1, email: 1, company: 1 },
  )
  return people.sort((a, b) => (a.email < b.email ? -1 : 1))
}

function hrefOf({ _id }: Outcome): string {
  return `/integrations/inbound-events/${encodeURIComponent(_id)}/match`
}
