import type { Request, Response } from 'express'
import { Endpoints } from '../webhooks/endpoint'
import { Outcomes, type Outcome } from '../crm/outcome'
import { People } from '../people/person'
import { Leads } from '../leads/lead'
import { pageLinks, readPage } from '../web/keyset'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'

const pageSize = 30

type Counts = { applied: number; unmatched: number; won: number }
type Row = {
  /** The lead's name with a link, or what is shown instead when it is hidden or unknown. */
  person: string
  href: string | null
  source: string
  unmatched: string | null
  type: string
  amount: string
  reason: string
  reasonText: string
  occurred: string
  received: string
}

/** `GET /integrations/inbound-events`: the outcomes that CRMs reported, newest first. */
export async function index(request: Request, response: Response): Promise<void> {
  const { after, before } = parametersOf(request)
  const [page, counts] = await Promise.all([
    readPage<Outcome>(Outcomes.find, { receivedAt: -1, _id: -1 }, { after, before }, pageSize),
    countOutcomes(),
  ])
  const outcomes = page.rows
  const [names, senders] = await Promise.all([namesOf(outcomes), sendersOf(outcomes)])
  const texts = textsOf(response)
  const rows = outcomes.map(outcome => {
    const sender = senders.get(String(outcome.endpoint)) ?? ''
    return rowView(outcome, names.get(String(outcome.person)), sender, texts)
  })
  response.render('integrations/inbound-events', {
    layout: 'workspace',
    nav: 'outcomes',
    head: { title: texts.t('integrations:outcomes.title') },
    summary: summaryOf(counts, texts),
    rows,
    pages: {
      notes: [{ text: texts.t('integrations:deliveries.timeZone') }],
      ...pageLinks(page, at => `/integrations/inbound-events?${new URLSearchParams(at)}`),
    },
  })
}

function summaryOf({ applied, unmatched, won }: Counts, { t }: Texts): { text: string; isStrong: boolean }[] {
  if (!applied && !unmatched) return [{ text: t('integrations:outcomes.noneSentence'), isStrong: false }]
  const unmatchedText = t('integrations:outcomes.unmatched', { count: unmatched })
  return [
    { text: t('integrations:outcomes.matched', { count: applied }), isStrong: false },
    { text: t('integrations:outcomes.won', { count: won }), isStrong: false },
    ...(unmatched ? [{ text: unmatchedText, isStrong: true }] : []),
  ]
}

function rowView(outcome: Outcome, name: string | undefined, sender: string, texts: Texts): Row {
  const { t, date, money } = texts
  const isUnmatched = outcome.state === 'unmatched'
  const when = (moment: Date) => `${date(moment, 'short')}, ${date(moment, 'time')}`
  const from = t('integrations:outcomes.from', { name: sender })
  return {
    person: name ?? (isUnmatched ? outcome.externalId : t('integrations:person.notShared')),
    href: name === undefined ? null : `/sales/leads/${String(outcome.person)}`,
    source: outcome.crmId && name ? `${from}, ${outcome.crmId}` : from,
    unmatched: isUnmatched ? t('integrations:outcomes.unmatchedTag') : null,
    type: t(`integrations:outcomeType.${outcome.type.replace('.', '_')}`),
    amount: outcome.amount !== null && outcome.currency ? money(outcome.amount, outcome.currency) : '',
    reason: outcome.reason ? t(`integrations:rejectionReason.${outcome.reason}`) : '',
    reasonText: outcome.reason && name ? outcome.text : '',
    occurred: when(outcome.occurredAt),
    received: when(outcome.receivedAt),
  }
}

async function countOutcomes(): Promise<Counts> {
  const [applied, unmatched, won] = await Promise.all([
    Outcomes.count({ state: 'applied' }),
    Outcomes.count({ state: 'unmatched' }),
    Outcomes.count({ type: 'opportunity.won' }),
  ])
  return { applied, unmatched, won }
}

/** Returns the names of the people who share with sales, by id. */
async function namesOf(outcomes: Outcome[]): Promise<Map<string, string>> {
  const ids = outcomes.flatMap(({ person }) => (person ? [person] : []))
  const leads = await Leads.find({ _id: { $in: ids }, shared: true }, { _id: 1 })
  const people = await People.find({ _id: { $in: leads.map(({ _id }) => _id) } }, { name: 1 })
  return new Map(people.map(person => [String(person._id), person.name]))
}

async function sendersOf(outcomes: Outcome[]): Promise<Map<string, string>> {
  const ids = outcomes.map(({ endpoint }) => endpoint)
  const endpoints = await Endpoints.find({ _id: { $in: ids } }, { name: 1 })
  return new Map(endpoints.map(endpoint => [String(endpoint._id), endpoint.name]))
}
