import type { Request, Response } from 'express'
import { Endpoints } from '../webhooks/endpoint'
import { Outcomes, type Outcome } from '../crm/outcome'
import { People, type Person } from '../people/person'
import { Leads } from '../leads/lead'
import { permissionsOf } from '../web/guard'
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
  /** The reason as we recorded it, and the CRM's own text. */
  reason: string[]
  /** Where a teammate can match it to a lead; null when it is already matched, or when the reader may not. */
  match: { href: string; label: string } | null
  occurred: string
  received: string
}

/** `GET /integrations/inbound-events`: the outcomes that CRMs reported, newest first. */
export async function index(request: Request, response: Response, user: Person): Promise<void> {
  const { after, before } = parametersOf(request)
  const [page, counts] = await Promise.all([
    readPage<Outcome>(Outcomes.find, { receivedAt: -1, _id: -1 }, { after, before }, pageSize),
    countOutcomes(),
  ])
  const outcomes = page.rows
  const [names, senders] = await Promise.all([namesOf(outcomes), sendersOf(outcomes)])
  const texts = textsOf(response)
  const mayMatch = permissionsOf(user).endpoints
  const rows = outcomes.map(outcome => {
    const sender = senders.get(String(outcome.endpoint)) ?? ''
    return rowView(outcome, names.get(String(outcome.person)), sender, mayMatch, texts)
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
