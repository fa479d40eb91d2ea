import type { Lead } from '../leads/lead'
import type { Person } from '../people/person'
import { pageLinks, type At } from '../web/keyset'
import type { Chip } from './filter-view'
import { filterParameters, isFiltered, noFilters } from './lead-filters'
import { minutesUntil } from './lead-list'
import { countText } from './leads-view'
import type { QueueDay } from './queue-day'
import { queueOrders, queueViews, type Queue, type QueueQuery } from './queue-list'
import { shortHighlights, type SalesTexts } from './sales-texts'

/** What the queue shows, as read from the database. */
export type QueueRecord = {
  query: QueueQuery
  queue: Queue
  people: Pick<Person, '_id' | 'name' | 'title' | 'company'>[]
  chips: Chip[]
  open: Lead | null
  /** The reader's day, when nothing waits for them; null otherwise. */
  day: QueueDay | null
  timeZone: string
  now: Date
}

/** A response that is due sooner is urgent. */
const urgentMinutes = 60

/** Returns the ready-to-print values of the queue. */
export function queueView(record: QueueRecord, texts: SalesTexts) {
  const { query, queue, open } = record
  const { t } = texts
  const highlights = shortHighlights(queue.rows, texts)
  const rows = queue.rows.flatMap(lead => rowView(record, lead, highlights, texts) ?? [])
  const at = rows.findIndex(({ isCurrent }) => isCurrent)
  const next = rows[at + 1] ?? (at > 0 ? rows[0] : undefined)
  return {
    summary: summaryOf(queue, texts),
    views: queueViews.map(view => ({
      href: queuePathOf({ ...query, view, filters: noFilters }),
      text: t(`sales:queueView.${view}`),
      count: countText(queue.counts[view], texts),
      isCurrent: view === query.view,
    })),
    filters: filtersView(record, texts),
    rows,
    empty: rows.length ? null : emptyView(record, texts),
    pages: { range: '', notes: [], ...pageLinks(queue, at => queuePathOf(query, at)) },
    listHref: queuePathOf(query, query),
    /** Where an answer leads to. */
    nextHref: queuePathOf(query, {}, next?.id),
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

function filtersView({ query, queue, chips }: QueueRecord, texts: SalesTexts) {
  const { t } = texts
  const { filters, view, order } = query
  const others = Object.entries(parametersOfQueue(query)).filter(([name]) => name !== 'q')
  return {
    search: filters.search,
    /** What else is in the address, for the form of the search. */
    hidden: others,
    href: `/sales/lead-filters?${new URLSearchParams({ page: 'queue', ...parametersOfQueue(query) })}`,
    orders: queueOrders.map(value => ({
      href: queuePathOf({ ...query, order: value }),
      text: t(`sales:queueOrder.${value}`),
      isCurrent: value === order,
    })),
    order: t(`sales:queueOrder.${view === 'working' && order === 'due' ? 'score' : order}`),
    count: chips.length,
    chips,
    matching: isFiltered(filters)
      ? t('sales:queue.matching', { count: queue.total, number: countText(queue.total, texts) })
      : null,
    clearHref: queuePathOf({ ...query, filters: noFilters }),
  }
}

function rowView(
  { query, people, open, now }: QueueRecord,
  lead: Lead,
  highlights: Map<string, string>,
  texts: SalesTexts,
) {
  const person = people.find(({ _id }) => _id.equals(lead._id))
  if (!person) return null
  return {
    id: String(lead._id),
    href: queuePathOf(query, query, lead._id),
    name: person.name,
    company: person.company?.name ?? person.title ?? '',
    highlight: highlights.get(String(lead._id)),
    grade: lead.grade,
    points: texts.points(lead.shownScore ?? lead.score),
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

function emptyView({ query, queue, day, timeZone }: QueueRecord, texts: SalesTexts) {
  const { t } = texts
  if (isFiltered(query.filters))
    return {
      title: t('sales:queueEmpty.filtered'),
      text: t('sales:empty.tryFewer'),
      link: { href: queuePathOf({ ...query, filters: noFilters }), text: t('sales:queue.clear') },
    }
  const other = query.view === 'mine' ? 'team' : 'mine'
  return {
    title: t(`sales:queueEmpty.${query.view}`),
    text: (day && dayText(day, timeZone, texts)) || t(`sales:queueEmpty.${query.view}Text`),
    link: queue.counts[other]
      ? {
          href: queuePathOf({ ...query, view: other }),
          text: t(`sales:queueEmpty.see.${other}`, { count: queue.counts[other] }),
        }
      : { href: '/sales/leads?tab=nearThreshold', text: t('sales:empty.seeNearThreshold') },
  }
}

/** Such as `6 answered today, median 41 min. Next: Ana Ruiz, Aguas del Segre, back at 14:00.` */
function dayText({ answered, medianMinutes, next }: QueueDay, timeZone: string, texts: SalesTexts): string {
  const { t, times, dateIn } = texts
  return [
    answered && t('sales:queueEmpty.answered', { count: answered, time: times.span(medianMinutes ?? 0) }),
    next &&
      t(`sales:queueEmpty.${next.company ? 'nextAt' : 'next'}`, {
        ...{ name: next.name, company: next.company },
        when: dateIn(next.until, timeZone),
      }),
  ]
    .filter(Boolean)
    .join(' ')
}

function parametersOfQueue({ view, order, filters }: QueueAddress): Record<string, string> {
  return {
    view,
    ...(order !== 'due' && { order }),
    ...filterParameters(filters),
  }
}

type QueueAddress = Pick<QueueQuery, 'view' | 'order' | 'filters'>

/** Returns the address of the queue, and of one of its pages with a lead open. */
export function queuePathOf(query: QueueAddress, { after, before }: At = {}, lead?: unknown): string {
  const parameters = {
    ...parametersOfQueue(query),
    ...(after && { after }),
    ...(before && { before }),
    ...(lead ? { lead: String(lead) } : {}),
  }
  const queryString = new URLSearchParams(parameters).toString()
  return `/sales/queue${queryString ? `?${queryString}` : ''}`
}
