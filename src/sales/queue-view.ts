import type { Lead } from '../leads/lead'
import type { Person } from '../people/person'
import { pageLinks, type At } from '../web/keyset'
import { minutesUntil } from './lead-list'
import {
  maxCountedInQueue,
  queueGrades,
  queueOrders,
  queueViews,
  type Queue,
  type QueueQuery,
} from './queue-list'
import { capitalized, type SalesTexts } from './sales-texts'

/** What the queue shows, as read from the database. */
export type QueueRecord = {
  query: QueueQuery
  queue: Queue
  people: Pick<Person, '_id' | 'name' | 'title' | 'company'>[]
  /** The brands to choose from; none while there is only one. */
  brands: { id: string; name: string }[]
  open: Lead | null
  now: Date
}

/** A response that is due sooner is urgent. */
const urgentMinutes = 60

/** Returns the ready-to-print values of the queue. */
export function queueView(record: QueueRecord, texts: SalesTexts) {
  const { query, queue, open } = record
  const { t } = texts
  const rows = queue.rows.flatMap(lead => rowView(record, lead, texts) ?? [])
  const at = rows.findIndex(({ isCurrent }) => isCurrent)
  const next = rows[at + 1] ?? (at > 0 ? rows[0] : undefined)
  return {
    summary: summaryOf(queue, texts),
    views: queueViews.map(view => ({
      href: hrefOf({ ...query, view, fit: undefined, isLate: false, brand: undefined, search: '' }),
      text: t(`sales:queueView.${view}`),
      count: countText(queue.counts[view], texts),
      isCurrent: view === query.view,
    })),
    filters: filtersView(record, texts),
    rows,
    empty: rows.length ? null : emptyView(record, texts),
    pages: { range: '', notes: [], ...pageLinks(queue, at => hrefOf(query, at)) },
    listHref: hrefOf(query, query),
    /** Where an answer leads to. */
    nextHref: hrefOf(query, {}, next?.id),
    next: next && open ? t('sales:queue.next', { name: next.name, due: next.due.text }) : null,
    keys: keysView(t),
  }
}

/** Such as `6 yours, next due in 38 min`. */
function summaryOf({ counts, first }: Queue, texts: SalesTexts): string {
  const { t, times } = texts
  const yours = t('sales:queue.yours', { count: counts.mine })
  if (!first) return yours
  const minutes = minutesUntil(first.respondBy)
  const key = minutes < 0 ? 'firstLate' : 'firstDue'
  return `${yours}, ${t(`sales:queue.${key}`, { time: times.span(Math.abs(minutes)) })}`
}

/** What each key does, for the dialog. */
function keysView(t: SalesTexts['t']) {
  const keys = {
    move: ['J', 'K'],
    open: [t('sales:queueKeys.enter')],
    accept: ['A'],
    reject: ['R'],
    reassign: ['E'],
    snooze: ['S'],
    undo: ['U'],
    note: ['N'],
    search: ['/'],
    all: ['?'],
  }
  return Object.entries(keys).map(([name, each]) => ({ keys: each, text: t(`sales:queueKeys.${name}`) }))
}

function filtersView({ query, queue, brands }: QueueRecord, texts: SalesTexts) {
  const { t } = texts
  const isFiltered = !!(query.fit || query.isLate || query.brand || query.search)
  return {
    view: query.view,
    search: query.search,
    isLate: query.isLate,
    fits: queueGrades.map(value => ({
      value,
      text: t('sales:queue.fit', { grade: value }),
      isSelected: value === query.fit,
    })),
    orders: queueOrders.map(value => ({
      value,
      text: t(`sales:queueOrder.${value}`),
      isSelected: value === query.order,
    })),
    brands: brands.map(({ id, name }) => ({ value: id, text: name, isSelected: id === query.brand?.id })),
    isFiltered,
    matching: isFiltered
      ? t('sales:queue.matching', { count: queue.total, number: countText(queue.total, texts) })
      : null,
    clearHref: hrefOf({ ...query, fit: undefined, isLate: false, brand: undefined, search: '' }),
  }
}

function rowView({ query, people, open, now }: QueueRecord, lead: Lead, texts: SalesTexts) {
  const person = people.find(({ _id }) => _id.equals(lead._id))
  if (!person) return null
  return {
    id: String(lead._id),
    href: hrefOf(query, query, lead._id),
    name: person.name,
    company: person.company?.name ?? person.title ?? '',
    highlight: highlightText(lead, texts),
    grade: lead.grade,
    points: texts.points(lead.score),
    due: dueView(lead, now, texts),
    isCurrent: !!open && open._id.equals(lead._id),
  }
}

/** When a response is due, when a lead comes back, or when the next step is due. */
function dueView({ rank, respondBy, snooze, nextStep }: Lead, at: Date, texts: SalesTexts) {
  const { t, times, date } = texts
  if (rank !== 0) return { text: nextStep?.due ? date(new Date(nextStep.due), 'short') : '', isLate: false }
  if (snooze && snooze.until > at)
    return { text: t('sales:queue.back', { when: date(snooze.until, 'short') }), isLate: false }
  const minutes = minutesUntil(respondBy)
  const time = times.span(Math.abs(minutes))
  return {
    text: minutes < 0 ? t('sales:respondBy.overdue', { time }) : time,
    isLate: minutes < urgentMinutes,
  }
}

/** What makes the lead different; for one from before highlights were kept, its reasons. */
export function highlightText({ highlights, reasons }: Lead, { t }: Pick<SalesTexts, 't'>): string {
  const said = highlights.length
    ? highlights.map(({ key, values }) => t(`sales:highlight.${key}${values.text ? 'Quoted' : ''}`, values))
    : reasons.map(({ key, values }) => t(`sales:headline.${key}`, values))
  return capitalized(said.join('; '))
}

function emptyView({ query, queue }: QueueRecord, texts: SalesTexts) {
  const { t } = texts
  const isFiltered = !!(query.fit || query.isLate || query.brand || query.search)
  if (isFiltered)
    return {
      title: t('sales:queueEmpty.filtered'),
      text: '',
      link: {
        href: hrefOf({ ...query, fit: undefined, isLate: false, brand: undefined, search: '' }),
        text: t('sales:queue.clear'),
      },
    }
  const other = query.view === 'mine' ? 'team' : 'mine'
  return {
    title: t(`sales:queueEmpty.${query.view}`),
    text: t(`sales:queueEmpty.${query.view}Text`),
    link: queue.counts[other]
      ? {
          href: hrefOf({ ...query, view: other }),
          text: t(`sales:queueEmpty.see.${other}`, { count: queue.counts[other] }),
        }
      : { href: '/sales/leads?tab=nearThreshold', text: t('sales:empty.seeNearThreshold') },
  }
}

function countText(count: number, { number }: SalesTexts): string {
  return count > maxCountedInQueue ? `${number(maxCountedInQueue)}+` : number(count)
}

function hrefOf(
  { view, order, fit, isLate, brand, search }: QueueQuery,
  { after, before }: At = {},
  lead?: unknown,
): string {
  const parameters = {
    view: view === 'mine' ? '' : view,
    order: order === 'due' ? '' : order,
    fit,
    late: isLate ? '1' : '',
    brand: brand?.id,
    q: search,
    after,
    before,
    lead: lead ? String(lead) : '',
  }
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => !!entry[1])
  const queryString = new URLSearchParams(given).toString()
  return `/sales/queue${queryString ? `?${queryString}` : ''}`
}
