import { shownEmail } from '../people/email-address'
import type { Person } from '../people/person'
import type { Model } from '../scoring/model'
import type { Group } from '../scoring/model-content'
import { roundedPoints } from '../scoring/rules'
import type { charts } from '../web/charts/charts'
import { pageLinks, type CountedPage } from '../web/keyset'
import { mainDeal } from '../leads/lead-state'
import {
  maxCounted,
  minutesUntil,
  statusOf,
  tabs,
  type LeadCounts,
  type ListQuery,
  type ListStatus,
  type Row,
} from './lead-list'
import { amountText, capitalized, type SalesTexts } from './sales-texts'

/** What the list shows, as read from the database. */
export type ListRecord = {
  query: ListQuery
  list: CountedPage<Row>
  countsByRank: Map<number, number>
  counts: LeadCounts
  team: Pick<Person, '_id' | 'name'>[]
  /** Names of people in sales, by id. */
  names: Map<string, string>
  model: Pick<Model, '_id' | 'content'>
  /** The brands to choose from; none while there is only one. */
  brands: { id: string; name: string }[]
  /** Open leads of the chosen owner that the reader may assign to someone else. */
  reassignable: number
  now: Date
}

/** A response that is due sooner is urgent. */
const urgentMinutes = 60

/** Returns the ready-to-print values of the list of leads. */
export function leadsView(record: ListRecord, texts: SalesTexts) {
  const { query, list } = record
  return {
    summary: summaryView(record.counts, texts),
    csvHref: `/sales/leads.csv?${queryString(query)}`,
    tabs: tabsView(record, texts),
    filters: filtersView(record, texts),
    search: query.search
      ? {
          text: isPartlyCounted(record)
            ? texts.t('sales:leads.matchingMany', { limit: texts.number(maxCounted), search: query.search })
            : texts.t('sales:leads.matching', { count: list.total, search: query.search }),
          clearHref: hrefOf(query, { q: '' }),
        }
      : null,
    reassign: reassignView(record, texts),
    legend: !query.search && list.rows.length ? legendView(record, texts) : null,
    empty: list.rows.length ? null : emptyView(record, texts),
    groups: groupsView(record, texts),
    pages: pagesView(record, texts),
  }
}

function summaryView(counts: LeadCounts, { t }: SalesTexts) {
  const unanswered = t('sales:leads.new', { count: counts.new })
  return {
    qualified: t('sales:leads.qualified', { count: counts.byTab.recent }),
    new: `${unanswered}${counts.new ? ',' : '.'}`,
    overdue: counts.new ? t('sales:leads.overdue', { count: counts.overdue }) : null,
  }
}

function tabsView({ query, counts }: ListRecord, { t, number }: SalesTexts) {
  return tabs.map(tab => ({
    href: `/sales/leads?tab=${tab}`,
    text: t(`sales:tab.${tab}`),
    count: number(counts.byTab[tab]),
    isCurrent: tab === query.tab && !query.search,
  }))
}

function filtersView({ query, team, brands }: ListRecord, { t }: SalesTexts) {
  return {
    tab: query.tab,
    search: query.search,
    owners: team.map(({ _id, name }) => ({
      value: String(_id),
      text: t('sales:leads.ownedBy', { name }),
      isSelected: String(query.owner) === String(_id),
    })),
    brands: brands.map(({ id, name }) => ({ value: id, text: name, isSelected: id === query.brand?.id })),
  }
}

function reassignView({ query, team, reassignable, names }: ListRecord, { t }: SalesTexts) {
  if (!query.owner || !reassignable) return null
  const from = String(query.owner)
  return {
    text: t('sales:leads.reassignAll', { count: reassignable, owner: names.get(from) ?? '' }),
    from,
    options: team
      .filter(({ _id }) => String(_id) !== from)
      .map(({ _id, name }) => ({ value: String(_id), text: name })),
  }
}

const families = { learning: 1, intent: 2, account: 3 }

function legendView({ model }: ListRecord, { t }: SalesTexts) {
  const { qualifyAt } = model.content
  return [
    { swatch: { family: families.learning }, text: t('sales:leads.legend.learning') },
    { swatch: { family: families.intent }, text: t('sales:leads.legend.intent') },
    { swatch: { family: families.account }, text: t('sales:leads.legend.account') },
    { swatch: {}, text: t('sales:leads.legend.qualifiesAt', { qualifyAt }) },
  ]
}

function emptyView({ query, counts }: ListRecord, { t }: SalesTexts) {
  const isNearThreshold = query.tab === 'nearThreshold' && !query.search
  return {
    title: t(`sales:empty.${query.search ? 'search' : query.tab}`),
    text: t('sales:empty.nearThresholdCount', { count: counts.byTab.nearThreshold }),
    link: isNearThreshold
      ? { href: '/sales/leads', text: t('sales:empty.seeRecent') }
      : { href: '/sales/leads?tab=nearThreshold', text: t('sales:empty.seeNearThreshold') },
  }
}

/** A search with more results than are counted. */
function isPartlyCounted({ query, list }: Pick<ListRecord, 'query' | 'list'>): boolean {
  return !!query.search && list.total > maxCounted
}

type RowView = ReturnType<typeof rowView>

/** Groups the rows under the heading of their status; rows with the same status are adjacent. */
function groupsView(record: ListRecord, texts: SalesTexts) {
  const { list, countsByRank, names, model } = record
  const groups: { status: ListStatus; heading: string; rows: RowView[] }[] = []
  for (const row of list.rows) {
    const status = statusOf(row.lead)
    if (groups.at(-1)?.status !== status) {
      const group = texts.t(`sales:status.${status}`)
      const count = row.lead ? countsByRank.get(row.lead.rank) : list.total
      const heading = isPartlyCounted(record) ? group : texts.t('sales:leads.groupCount', { group, count })
      groups.push({ status, heading, rows: [] })
    }
    groups.at(-1)!.rows.push(rowView(row, names, model, texts))
  }
  return groups
}

function rowView(
  { person, brand, lead, grade, points, pointsByGroup, reasons }: Row,
  names: Map<string, string>,
  { content }: ListRecord['model'],
  texts: SalesTexts,
) {
  const { iso, times, dir } = texts
  return {
    href: `/sales/leads/${person._id}`,
    name: person.name,
    about: [[person.title, person.company?.name].filter(Boolean).join(', '), brand]
      .filter(Boolean)
      .join(' · '),
    grade,
    points: texts.points(points),
    bar: barOf(pointsByGroup, content.qualifyAt, dir),
    whyNow: capitalized(reasonsText(reasons, texts)),
    qualified: lead && { iso: iso(lead.qualifiedAt), text: times.short(lead.qualifiedAt) },
    owner: (lead?.owner && names.get(String(lead.owner))) ?? '',
    respondBy: lead?.status === 'new' ? respondByView(minutesUntil(lead.respondBy), texts) : null,
    amount: lead ? amountText(mainDeal(lead), texts) : '',
  }
}

function barOf(
  pointsByGroup: Record<Group, number>,
  qualifyAt: number,
  dir: SalesTexts['dir'],
): Parameters<typeof charts.scoreMini>[0] {
  const { learning, intent, account, negative } = pointsByGroup
  return {
    segments: [
      { points: learning, family: families.learning },
      { points: intent + negative, family: families.intent },
      { points: account, family: families.account },
    ],
    ready: qualifyAt,
    rtl: dir === 'rtl',
  }
}

function respondByView(minutes: number, { t, times }: SalesTexts) {
  return {
    className: minutes < urgentMinutes ? 'state is-brick overdue' : 'state',
    text: minutes < 0 ? t('sales:respondBy.overdue', { time: times.span(-minutes) }) : times.span(minutes),
  }
}

function pagesView(record: ListRecord, texts: SalesTexts) {
  const { query, list, model, now } = record
  const { t, date } = texts
  return {
    text: rangeText(record, texts),
    notes: [
      { text: t('sales:leads.times', { time: date(now, 'time') }) },
      { href: '/sales/scoring-model', text: t('sales:leads.model', { version: model._id }) },
    ],
    ...pageLinks(list, at => hrefOf(query, at)),
  }
}

function rangeText({ query, list }: ListRecord, { t, number }: SalesTexts): string {
  const { first, rows, total } = list
  const isPartly = isPartlyCounted({ query, list })
  if (isPartly && first > maxCounted) return t('sales:leads.rangeBeyond', { limit: number(maxCounted) })
  return t(isPartly ? 'sales:leads.rangeOfMany' : 'sales:leads.range', {
    first: number(first),
    last: number(first + rows.length - 1),
    total: number(isPartly ? maxCounted : total),
  })
}

function hrefOf(query: ListQuery, change: Record<string, string>): string {
  return `/sales/leads?${queryString(query, change)}`
}

function queryString({ tab, owner, brand, search }: ListQuery, change: Record<string, string> = {}): string {
  const chosen = { owner: owner ? String(owner) : '', brand: brand?.id ?? '' }
  const parameters = { tab, ...chosen, q: search, ...change }
  return new URLSearchParams(Object.entries(parameters).filter(([, value]) => value)).toString()
}

/** Returns a row's reasons in one line, such as `finished a course, asked 2 questions`. */
function reasonsText(reasons: Row['reasons'], { t }: Pick<SalesTexts, 't'>): string {
  return reasons.map(({ key, values }) => t(`sales:headline.${key}`, values)).join(', ')
}

/** Returns a row of the CSV export; the keys are the header. */
export function csvRow(row: Row, names: Map<string, string>, { t }: Pick<SalesTexts, 't'>) {
  const { person, brand, lead, points, at, fit, grade, reasons } = row
  const deal = lead && mainDeal(lead)
  return {
    name: person.name,
    email: shownEmail(person.email),
    title: person.title ?? '',
    company: person.company?.name ?? '',
    ...(brand !== null && { brand }),
    grade,
    fit,
    engagement: roundedPoints(points).toFixed(1),
    scored_at: at.toISOString(),
    status: t(`sales:status.${statusOf(lead)}`),
    why_now: reasonsText(reasons, { t }),
    qualified_at: lead?.qualifiedAt.toISOString() ?? '',
    owner: (lead?.owner && names.get(String(lead.owner))) ?? '',
    amount_minor: deal?.amount ?? '',
    currency: deal?.currency ?? '',
  }
}
