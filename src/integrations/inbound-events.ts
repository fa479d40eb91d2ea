import type { Request, Response } from 'express'
import { Types, type QueryFilter } from 'mongoose'
import { Outcomes, outcomeStates, type Outcome } from '../crm/outcome'
import { audit } from '../events/audit'
import { outcomeNames, type OutcomeName } from '../leads/apply-outcome'
import { Leads } from '../leads/lead'
import { People, type Person } from '../people/person'
import { searchFilter } from '../platform/fold'
import { Endpoints, type Endpoint } from '../webhooks/endpoint'
import { portionsOf, sendCsv } from '../web/csv'
import { betweenDays } from '../web/day-range'
import { permissionsOf } from '../web/guard'
import { pageLinks, readPage } from '../web/keyset'
import { countNotes, listFilters } from '../web/list-filters'
import { parametersOf } from '../web/parameters'
import { pageZone } from '../web/reader-zone'
import { textsOf, type Texts } from '../web/texts'
import { maxPeople } from './attempt-filter'

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
  /** The reason as we recorded it, and the CRM's own text. */
  reason: string[]
  /** Where a teammate can match it to a lead; null when it is already matched, or when the reader may not. */
  match: { href: string; label: string } | null
  occurred: string
  received: string
}

/** What the address asks for; nothing where it is empty. */
type Query = {
  state: Outcome['state'] | ''
  type: OutcomeName | ''
  endpoint: string
  from: string
  to: string
  q: string
}

const path = '/integrations/inbound-events'
const order = { receivedAt: -1, _id: -1 } as const
const maxSearch = 100

/** `GET /integrations/inbound-events`: the outcomes that CRMs reported, newest first, filtered by the address. */
export async function index(request: Request, response: Response, user: Person): Promise<void> {
  const { after, before } = parametersOf(request)
  const query = queryIn(request)
  const texts = textsOf(response)
  const { t } = texts
  const { filter, hasMorePeople } = await filterOf(query, pageZone(request))
  const [page, counted, counts, endpoints] = await Promise.all([
    readPage<Outcome>(
      beyond => Outcomes.find({ $and: [filter, beyond] }),
      order,
      { after, before },
      pageSize,
    ),
    countNotes(Outcomes, filter, texts),
    countOutcomes(),
    Endpoints.find({}, { name: 1 }),
  ])
  const mayMatch = permissionsOf(user).endpoints
  const given = givenIn(query)
  response.render('integrations/inbound-events', {
    layout: 'workspace',
    nav: 'outcomes',
    head: { title: t('integrations:outcomes.title') },
    summary: summaryOf(counts, texts),
    filters: filtersView(query, endpoints, texts),
    isFiltered: Object.keys(given).length > 0,
    partly: hasMorePeople ? t('integrations:attempts.partly', { maximum: texts.number(maxPeople) }) : null,
    rows: await rowsOf(page.rows, mayMatch, texts),
    pages: {
      notes: [...counted, { text: t('integrations:deliveries.timeZone') }],
      ...pageLinks(page, at => `${path}?${new URLSearchParams({ ...given, ...at })}`),
    },
  })
}

/** `GET /integrations/inbound-events.csv`: the filtered outcomes. */
export async function download(request: Request, response: Response, user: Person): Promise<void> {
  const query = queryIn(request)
  const texts = textsOf(response)
  const { filter } = await filterOf(query, pageZone(request))
  const detail = { ...givenIn(query), ...(query.q && { q: '…' }) }
  await audit({ actor: user._id, action: 'outcomes.exported', subject: 'academy', detail })
  const portions = async function* () {
    const found = portionsOf<Outcome>(beyond => Outcomes.find({ $and: [filter, beyond] }), order)
    for await (const outcomes of found) {
      const [names, senders] = await Promise.all([namesOf(outcomes), sendersOf(outcomes)])
      yield outcomes.map(outcome => csvRow(outcome, names, senders, texts))
    }
  }
  await sendCsv(response, 'outcomes.csv', csvColumns, portions())
}

const csvColumns = [
  ...['received_at', 'occurred_at', 'endpoint', 'outcome', 'state', 'lead_id', 'name', 'crm_id'],
  ...['amount_minor', 'currency', 'reason', 'crm_words'],
]

function csvRow(
  outcome: Outcome,
  names: ReadonlyMap<string, string>,
  senders: ReadonlyMap<string, string>,
  texts: Texts,
) {
  const name = names.get(String(outcome.person))
  const [reason = '', words = ''] = reasonView(outcome, name !== undefined, texts)
  return {
    received_at: outcome.receivedAt.toISOString(),
    occurred_at: outcome.occurredAt.toISOString(),
    endpoint: senders.get(String(outcome.endpoint)) ?? '',
    outcome: outcome.type,
    state: outcome.state,
    lead_id: name === undefined && outcome.state !== 'unmatched' ? '' : outcome.externalId,
    name: name ?? '',
    crm_id: outcome.crmId,
    amount_minor: outcome.amount,
    currency: outcome.currency,
    reason,
    crm_words: words,
  }
}

function queryIn(request: Request): Query {
  const { state, type, endpoint = '', from = '', to = '', q = '' } = parametersOf(request)
  return {
    state: outcomeStates.find(each => each === state) ?? '',
    type: outcomeNames.find(each => each === type) ?? '',
    endpoint: Types.ObjectId.isValid(endpoint) ? endpoint : '',
    ...{ from, to, q: q.trim().slice(0, maxSearch) },
  }
}

const givenIn = (query: Query) =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value)) as Partial<Query>

/**
 * A search finds the CRM's id, or leads who share with sales by name, company or email address: only they have
 * outcomes. Says whether it names more of them than it looks at.
 */
async function filterOf(
  { state, type, endpoint, from, to, q }: Query,
  zone: string,
): Promise<{ filter: QueryFilter<Outcome>; hasMorePeople: boolean }> {
  const receivedAt = betweenDays(from, to, zone)
  const found = q
    ? await Leads.find({ shared: true, ...searchFilter(q) }, { _id: 1 }).limit(maxPeople + 1)
    : []
  const people = found.slice(0, maxPeople).map(({ _id }) => _id)
  const filter = {
    ...(state && { state }),
    ...(type && { type }),
    ...(endpoint && { endpoint: new Types.ObjectId(endpoint) }),
    ...(receivedAt && { receivedAt }),
    ...(q && {
      $or: [{ crmId: q }, { externalId: q }, ...(people.length ? [{ person: { $in: people } }] : [])],
    }),
  }
  return { filter, hasMorePeople: found.length > maxPeople }
}

function filtersView(query: Query, endpoints: Pick<Endpoint, '_id' | 'name'>[], { t }: Texts) {
  return listFilters(path, givenIn(query), t, {
    csv: `${path}.csv`,
    search: t('integrations:outcomes.search'),
    selects: [
      {
        name: 'state',
        label: t('integrations:column.state'),
        all: t('integrations:outcomes.allStates'),
        options: outcomeStates.map(value => ({ value, text: t(`integrations:outcomes.states.${value}`) })),
      },
      {
        name: 'type',
        label: t('integrations:column.outcome'),
        all: t('integrations:outcomes.allTypes'),
        options: outcomeNames.map(value => ({
          value,
          text: t(`integrations:outcomeType.${value.replace('.', '_')}`),
        })),
      },
      ...(endpoints.length > 1
        ? [
            {
              name: 'endpoint',
              label: t('integrations:outcomes.endpoint'),
              all: t('integrations:outcomes.allEndpoints'),
              options: endpoints.map(({ _id, name }) => ({ value: String(_id), text: name })),
            },
          ]
        : []),
    ],
  })
}

async function rowsOf(outcomes: Outcome[], mayMatch: boolean, texts: Texts): Promise<Row[]> {
  const [names, senders] = await Promise.all([namesOf(outcomes), sendersOf(outcomes)])
  return outcomes.map(outcome => {
    const sender = senders.get(String(outcome.endpoint)) ?? ''
    return rowView(outcome, names.get(String(outcome.person)), sender, mayMatch, texts)
  })
}

/** The figures of the page, each of which opens its list. */
function summaryOf(
  { applied, unmatched, won }: Counts,
  { t }: Texts,
): { text: string; isStrong: boolean; href?: string }[] {
  if (!applied && !unmatched) return [{ text: t('integrations:outcomes.noneSentence'), isStrong: false }]
  const figure = (key: string, count: number, query: string, isStrong = false) => ({
    text: t(`integrations:outcomes.${key}`, { count }),
    href: `${path}?${query}`,
    isStrong,
  })
  return [
    figure('matched', applied, 'state=applied'),
    figure('won', won, 'type=opportunity.won'),
    ...(unmatched ? [figure('unmatched', unmatched, 'state=unmatched', true)] : []),
  ]
}

function rowView(
  outcome: Outcome,
  name: string | undefined,
  sender: string,
  mayMatch: boolean,
  texts: Texts,
): Row {
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
    reason: reasonView(outcome, name !== undefined, texts),
    match:
      isUnmatched && mayMatch
        ? {
            href: `/integrations/inbound-events/${encodeURIComponent(outcome._id)}/match`,
            label: t('integrations:matching.matchId', { id: outcome.externalId }),
          }
        : null,
    occurred: when(outcome.occurredAt),
    received: when(outcome.receivedAt),
  }
}

/**
 * Returns the reason for an outcome: as we recorded it, with the CRM's own code when it isn't one of ours, and the
 * CRM's text.
 *
 * @param showWords false for a person that the reader may not see.
 */
export function reasonView(
  { reason, unknownCode, text }: Pick<Outcome, 'reason' | 'unknownCode' | 'text'>,
  showWords: boolean,
  { t, within }: Texts,
): string[] {
  if (!reason) return []
  const name = t(`integrations:rejectionReason.${reason}`)
  const words = showWords ? text : ''
  if (!unknownCode) return [name, words].filter(Boolean)
  const understood = t('integrations:outcomes.understood', { reason: within(name), code: unknownCode })
  return [understood, words && t('integrations:outcomes.theirWords', { text: words })].filter(Boolean)
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
