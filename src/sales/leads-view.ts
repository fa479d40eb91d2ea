import { shownEmail } from '../people/email-address'
import type { Person } from '../people/person'
import type { Model } from '../scoring/model'
import type { Group } from '../scoring/model-content'
import { roundedPoints } from '../scoring/rules'
import type { charts } from '../web/charts/charts'
import { pageLinks, type At, type CountedPage } from '../web/keyset'
import { mainDeal } from '../leads/lead-state'
import type { Chip } from './filter-view'
import { filterParameters, isFiltered, noFilters, ownerIn } from './lead-filters'
import {
  listsScores,
  maxCounted,
  minutesUntil,
  sortOf,
  statusOf,
  tabs,
  type LeadCounts,
  type ListQuery,
  type ListStatus,
  type Row,
  type SortColumn,
} from './lead-list'
import { amountText, highlightText, capitalized, shortHighlights, type SalesTexts } from './sales-texts'

/** What the list shows, as read from the database. */
export type ListRecord = {
  query: ListQuery
  /** `names`: the owners of its rows, by id. */
  list: CountedPage<Row> & { names: Map<string, string> }
  counts: LeadCounts
  /** For handing over all open leads of the chosen owner: who may get them, and the names of all in sales, by id. */
  team: Pick<Person, '_id' | 'name'>[]
  names: Map<string, string>
  /** Open leads of the chosen owner that the reader may assign to someone else. */
  reassignable: number
  model: Pick<Model, '_id' | 'content'>
  chips: Chip[]
  now: Date
}

/** A response that is due sooner is urgent. */
const urgentMinutes = 60

/** Returns the ready-to-print values of the list of leads. */
export function leadsView(record: ListRecord, texts: SalesTexts) {
  const { query, list, chips } = record
  const { t } = texts
  const address = addressOf({ ...query, after: undefined, before: undefined })
  const hasLeads = !listsScores(query)
  return {
    summary: summaryView(record.counts, texts),
    csvHref: `/sales/leads.csv${address}`,
    tabs: tabsView(record, texts),
    search: query.filters.search,
    /** What else is in the address, for the form of the search. */
    hidden: Object.entries(parametersOfList({ ...query, after: undefined, before: undefined })).filter(
      ([name]) => name !== 'q',
    ),
    filterHref: hasLeads ? `/sales/lead-filters${address}` : null,
    filterCount: chips.length,
    chips,
    clearHref: isFiltered(query.filters) ? leadsPath({ ...query, filters: noFilters, ...firstPage }) : null,
    matching: isFiltered(query.filters) ? matchingText(record, texts) : null,
    reassign: reassignView(record, texts),
    empty: list.rows.length ? null : emptyView(record, texts),
    columns: columnsView(record, texts),
    groups: groupsView(record, texts),
    bulk: hasLeads && list.rows.length ? bulkView(record, texts) : null,
    pages: pagesView(record, texts),
    keys: keysView(t),
    announcement: t('sales:leads.found', { count: list.total, number: countText(list.total, texts) }),
  }
}

const firstPage = { after: undefined, before: undefined }

function summaryView(counts: LeadCounts, texts: SalesTexts) {
  const { t } = texts
  const number = (count: number) => ({ count, number: countText(count, texts) })
  const unanswered = t('sales:leads.new', number(counts.new))
  return {
    qualified: {
      text: t('sales:leads.qualified', number(counts.byTab.recent)),
      href: counts.byTab.recent ? leadsPath({ tab: 'recent', filters: noFilters }) : null,
    },
    new: {
      text: `${unanswered}${counts.new ? ',' : '.'}`,
      href: counts.new
        ? leadsPath({ tab: 'all', filters: { ...noFilters, facets: { status: 'new' } } })
        : null,
    },
    overdue: counts.new
      ? {
          text: t('sales:leads.overdue', number(counts.overdue)),
          href: counts.overdue ? leadsPath({ tab: 'all', filters: { ...noFilters, isLate: true } }) : null,
        }
      : null,
  }
}

function tabsView({ query, counts }: ListRecord, texts: SalesTexts) {
  return tabs.map(tab => ({
    href: leadsPath({ tab, filters: noFilters }),
    text: texts.t(`sales:tab.${tab}`),
    count: countText(counts.byTab[tab], texts),
    isCurrent: tab === query.tab && !query.filters.search,
  }))
}

function matchingText({ query, list }: ListRecord, texts: SalesTexts): string {
  const { t } = texts
  const { search } = query.filters
  const number = countText(list.total, texts)
  if (!search) return t('sales:queue.matching', { count: list.total, number })
  return list.total > maxCounted
    ? t('sales:leads.matchingMany', { limit: texts.number(maxCounted), search })
    : t('sales:leads.matching', { count: list.total, search })
}

function reassignView({ query, team, reassignable, names }: ListRecord, { t }: SalesTexts) {
  const owner = ownerIn(query.filters)
  if (!owner || !reassignable) return null
  const from = String(owner)
  return {
    text: t('sales:leads.reassignAll', { count: reassignable, owner: names.get(from) ?? '' }),
    from,
    options: team
      .filter(({ _id }) => String(_id) !== from)
      .map(({ _id, name }) => ({ value: String(_id), text: name })),
  }
}

function emptyView({ query, counts }: ListRecord, texts: SalesTexts) {
  const { t } = texts
  if (isFiltered(query.filters))
    return {
      title: t(query.filters.search ? 'sales:empty.search' : 'sales:queueEmpty.filtered'),
      text: t('sales:empty.tryFewer'),
      link: { href: leadsPath({ ...query, filters: noFilters, ...firstPage }), text: t('sales:queue.clear') },
    }
  return {
    title: t(`sales:empty.${query.tab}`),
    text: t('sales:empty.nearThresholdCount', { count: counts.byTab.nearThreshold }),
    link:
      query.tab === 'nearThreshold'
        ? { href: '/sales/leads?tab=recent', text: t('sales:empty.seeRecent') }
        : { href: '/sales/leads?tab=nearThreshold', text: t('sales:empty.seeNearThreshold') },
  }
}

const columns = ['name', 'score', 'whyNow', 'status', 'owner', 'due', 'qualified', 'activity'] as const
/** Columns that start with what is greatest, when they aren't turned around. */
const descending: ReadonlySet<string> = new Set<SortColumn>(['score', 'qualified', 'activity'])

/**
 * The heads of the columns. Where leads can be sorted, each is a link, which turns the order around when it is pressed
 * again.
 */
function columnsView({ query }: ListRecord, { t }: SalesTexts) {
  const current = sortOf(query)
  const head = (column: (typeof columns)[number] | 'company') => {
    const text = t(`sales:column.${column}`)
    if (column === 'whyNow' || listsScores(query)) return { text, href: null, direction: null }
    const isCurrent = current.column === column
    const isReversed = isCurrent && !current.isReversed
    const isDescending = descending.has(column) !== current.isReversed
    return {
      text,
      href: leadsPath({ ...query, ...firstPage, sort: { column, isReversed } }),
      direction: isCurrent ? (isDescending ? ('descending' as const) : ('ascending' as const)) : null,
    }
  }
  return columns.map(column => ({
    name: column,
    ...head(column),
    /** A person and their company share a column. */
    second: column === 'name' ? head('company') : null,
  }))
}

function bulkView({ query, list }: ListRecord, texts: SalesTexts) {
  const { t } = texts
  return {
    list: leadsPath({ ...query, ...firstPage }),
    actions: ['accept', 'reject', 'reassign', 'snooze'].map(value => ({
      value,
      text: t(`sales:bulk.${value}`),
    })),
    all:
      list.total > list.rows.length
        ? t('sales:bulk.all', { count: list.total, number: countText(list.total, texts) })
        : null,
  }
}

/** What each key does, for the dialog. */
function keysView(t: SalesTexts['t']) {
  const keys = {
    move: ['J', 'K'],
    open: [t('sales:queueKeys.enter')],
    peek: [t('sales:queueKeys.space')],
    tick: ['X'],
    search: ['/'],
    all: ['?'],
  }
  return Object.entries(keys).map(([name, each]) => ({ keys: each, text: t(`sales:queueKeys.${name}`) }))
}

type RowView = ReturnType<typeof rowView>

type Groups = { status: ListStatus; heading: string | null; rows: RowView[] }[]

/** What readers who share the rows of a list see of them, as the latest one's language and its owners' names were. */
const shownGroups = new WeakMap<readonly Row[], { t: SalesTexts['t']; names: string; groups: Groups }>()

function groupsView(record: ListRecord, texts: SalesTexts): Groups {
  const { rows, names: owners } = record.list
  const [t, names] = [texts.t, [...owners].join()]
  const known = shownGroups.get(rows)
  if (known?.t === t && known.names === names) return known.groups
  const groups = groupRows(record, texts)
  shownGroups.set(rows, { t, names, groups })
  return groups
}

/** Rows under the heading of their status when they are sorted by it; otherwise all in one group without a heading. */
function groupRows(record: ListRecord, texts: SalesTexts): Groups {
  const { list, query } = record
  const highlights = shortHighlights(
    list.rows.flatMap(({ lead }) => lead ?? []),
    texts,
  )
  const isGrouped = sortOf(query).column === 'status'
  const groups: Groups = []
  for (const row of list.rows) {
    const status = statusOf(row.lead)
    const isNew = isGrouped ? groups.at(-1)?.status !== status : !groups.length
    if (isNew)
      groups.push({ status, heading: isGrouped ? texts.t(`sales:status.${status}`) : null, rows: [] })
    groups.at(-1)!.rows.push(rowView(row, record, highlights, texts))
  }
  return groups
}

function rowView(
  { person, brand, lead, grade, points, pointsByGroup, reasons }: Row,
  { list, model }: ListRecord,
  highlights: Map<string, string>,
  texts: SalesTexts,
) {
  const { iso, times, dir, t } = texts
  const time = (at: Date | undefined) =>
    at && at.getTime() > 0 ? { iso: iso(at), text: times.short(at) } : null
  const amount = lead ? amountText(mainDeal(lead), texts) : ''
  return {
    id: lead && String(person._id),
    href: `/sales/leads/${person._id}`,
    name: person.name,
    about: [[person.title, person.company?.name].filter(Boolean).join(', '), brand]
      .filter(Boolean)
      .join(' · '),
    grade,
    points: texts.points(points),
    bar: barOf(pointsByGroup, model.content.qualifyAt, dir),
    whyNow: lead ? highlights.get(String(lead._id)) : capitalized(reasonsText(reasons, texts)),
    status: [t(`sales:status.${statusOf(lead)}`), amount].filter(Boolean).join(' · '),
    qualified: time(lead?.qualifiedAt),
    activity: time(lead?.lastActivityAt),
    owner: (lead?.owner && list.names.get(String(lead.owner))) ?? '',
    respondBy: lead?.status === 'new' ? respondByView(lead, texts) : null,
    selectText: t('sales:bulk.select', { name: person.name }),
  }
}

const families = { learning: 1, intent: 2, account: 3 }

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

function respondByView({ respondBy, snooze }: NonNullable<Row['lead']>, { t, times, date }: SalesTexts) {
  const minutes = minutesUntil(respondBy)
  if (snooze && minutesUntil(snooze.until) > 0)
    return { className: 'state', text: t('sales:queue.back', { when: date(snooze.until, 'short') }) }
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
    ...pageLinks(list, at => leadsPath({ ...query, ...firstPage, ...at })),
  }
}

function rangeText({ list }: ListRecord, { t, number }: SalesTexts): string {
  const { first, rows, total } = list
  const isPartly = total > maxCounted
  if (isPartly && first > maxCounted) return t('sales:leads.rangeBeyond', { limit: number(maxCounted) })
  return t(isPartly ? 'sales:leads.rangeOfMany' : 'sales:leads.range', {
    first: number(first),
    last: number(first + rows.length - 1),
    total: number(isPartly ? maxCounted : total),
  })
}

/** Returns a count in words, such as `1,000+` for one that wasn't counted further. */
export function countText(count: number, { number }: Pick<SalesTexts, 'number'>): string {
  return count > maxCounted ? `${number(maxCounted)}+` : number(count)
}

type Address = At & Pick<ListQuery, 'tab' | 'filters' | 'sort'>

function parametersOfList({ tab, filters, sort, after, before }: Address): Record<string, string> {
  return {
    tab,
    ...(sort && { sort: `${sort.isReversed ? '-' : ''}${sort.column}` }),
    ...filterParameters(filters),
    ...(after && { after }),
    ...(before && { before }),
  }
}

const addressOf = (address: Address) => `?${new URLSearchParams(parametersOfList(address))}`

/** Returns the address of a list of leads. */
export function leadsPath(address: Address): string {
  return `/sales/leads${addressOf(address)}`
}

/** Returns a row's reasons in one line, such as `finished a course, asked 2 questions`. */
function reasonsText(reasons: Row['reasons'], { t }: Pick<SalesTexts, 't'>): string {
  return reasons.map(({ key, values }) => t(`sales:headline.${key}`, values)).join(', ')
}

/** Returns a row of the CSV export, by the names of its columns. */
export function csvRow(row: Row, names: Map<string, string>, texts: SalesTexts) {
  const { person, brand, lead, points, at, fit, grade, reasons } = row
  const { t } = texts
  const deal = lead && mainDeal(lead)
  return {
    name: person.name,
    email: shownEmail(person.email),
    title: person.title ?? '',
    company: person.company?.name ?? '',
    brand: brand ?? '',
    grade,
    fit,
    engagement: roundedPoints(points).toFixed(1),
    scored_at: at.toISOString(),
    status: t(`sales:status.${statusOf(lead)}`),
    why_now: lead ? highlightText(lead, texts) : reasonsText(reasons, texts),
    qualified_at: lead?.qualifiedAt.toISOString() ?? '',
    last_activity_at: lead?.lastActivityAt.toISOString() ?? '',
    respond_by: lead?.status === 'new' ? lead.respondBy.toISOString() : '',
    owner: (lead?.owner && names.get(String(lead.owner))) ?? '',
    amount_minor: deal?.amount ?? '',
    currency: deal?.currency ?? '',
  }
}
