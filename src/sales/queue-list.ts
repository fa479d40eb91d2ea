import type { QueryFilter, Types } from 'mongoose'
import { minutes, now } from '../platform/clock'
import { retained } from '../platform/retained'
import { Leads, type Lead } from '../leads/lead'
import { facet } from '../leads/lead-facets'
import { readPage, type At, type KeysetPage, type SortOrder } from '../web/keyset'
import { filterOf, isFiltered, noFilters, type LeadFilters } from './lead-filters'
import { maxCounted } from './lead-list'

export const queueViews = ['mine', 'team', 'working', 'snoozed'] as const
type QueueView = (typeof queueViews)[number]

export const queueOrders = ['due', 'score', 'qualified', 'activity'] as const
type QueueOrder = (typeof queueOrders)[number]

/** Which leads a queue shows, and in which order; all of it is in the address. */
export type QueueQuery = At & {
  view: QueueView
  order: QueueOrder
  reader: Types.ObjectId
  filters: LeadFilters
}

type ViewQuery = Pick<QueueQuery, 'view' | 'reader' | 'filters'>

const pageSize = 30

const orders: Record<QueueOrder, SortOrder> = {
  due: { respondBy: 1, _id: 1 },
  score: { score: -1, _id: 1 },
  qualified: { qualifiedAt: -1, _id: 1 },
  activity: { lastActivityAt: -1, _id: 1 },
}

/** Leads that are set aside come back by themselves, so a moment decides and not an event. */
export function isAwake(at: Date): QueryFilter<Lead> {
  return { $or: [{ snooze: null }, { 'snooze.until': { $lte: at } }] }
}

/** Leads that are set aside now, as an index of its own has them. */
const isSnoozed = (at: Date): QueryFilter<Lead> => ({ shared: true, 'snooze.until': { $gt: at } })

/** The filter of a view of the queue, with its filters. */
export function queueFilter(query: ViewQuery): QueryFilter<Lead> {
  const at = now()
  if (query.view === 'working') return viewFilter(query, {})
  return viewFilter(query, query.view === 'snoozed' ? isSnoozed(at) : isAwake(at))
}

function viewFilter({ view, reader, filters }: ViewQuery, which: QueryFilter<Lead>): QueryFilter<Lead> {
  const facets = view === 'team' ? [] : [facet('owner', reader)]
  return filterOf(filters, { facets, where: [{ rank: view === 'working' ? 1 : 0 }, which] })
}

/** What waits for one person, without filters. */
const ownQueue = { view: 'mine', order: 'due', filters: noFilters } as const

const maxInTurn = 100

/** Where a lead is in its owner's queue, and what comes before and after; null for one that doesn't wait there. */
export async function placeInQueue(lead: Pick<Lead, '_id'>, reader: Types.ObjectId) {
  const ids = await idsInTurn(reader)
  const n = ids.findIndex(id => id.equals(lead._id))
  return n < 0
    ? null
    : { n: n + 1, total: ids.length, previous: ids[n - 1] ?? null, next: ids[n + 1] ?? null }
}

/** Kept for the rest of the minute when no lead is written: a snooze that ends is no write. */
const idsInTurn = retained(
  async (reader: Types.ObjectId, dependOn) => {
    dependOn(Leads)
    const filter = queueFilter({ ...ownQueue, reader })
    const leads = await Leads.find(filter, { respondBy: 1 }).sort(orders.due).limit(maxInTurn)
    return leads.map(({ _id }) => _id)
  },
  { max: 100, nameOf: reader => `${reader} ${Math.floor(now().getTime() / minutes(1))}` },
)

/** Returns the lead of an owner whose response is due first, other than this one; null when none waits. */
export async function nextNewLead(owner: Types.ObjectId, after: Types.ObjectId): Promise<Lead | null> {
  const filter = { $and: [queueFilter({ ...ownQueue, reader: owner }), { _id: { $ne: after } }] }
  return (await Leads.find(filter).sort(orders.due).limit(1))[0] ?? null
}

export type Queue = KeysetPage<Lead> & {
  /** How many leads are in each view, and in the list as it's filtered; at most `maxCounted` + 1. */
  counts: Record<QueueView, number>
  total: number
  /** The reader's lead whose response is due first; null without one. */
  first: Lead | null
}

/** Reads a page of the queue, and the counts of its views. */
export async function readQueue(query: QueueQuery): Promise<Queue> {
  const { reader, filters } = query
  const filter = queueFilter(query)
  const [page, counts, first, filtered] = await Promise.all([
    readPage<Lead>(
      beyond => Leads.find({ $and: [filter, beyond] }),
      orders[query.view === 'working' && query.order === 'due' ? 'score' : query.order],
      query,
      pageSize,
    ),
    countViews(reader),
    Leads.find(queueFilter({ ...ownQueue, reader }))
      .sort(orders.due)
      .limit(1),
    isFiltered(filters) ? countView(query) : null,
  ])
  return { ...page, counts, total: filtered ?? counts[query.view], first: first[0] ?? null }
}

async function countViews(reader: Types.ObjectId): Promise<Record<QueueView, number>> {
  const query = (view: QueueView) => ({ view, reader, filters: noFilters })
  const at = now()
  const [snoozed, allSnoozed, working] = await Promise.all([
    Leads.count({ owner: reader, 'snooze.until': { $gt: at } }, maxCounted + 1),
    Leads.count(isSnoozed(at), maxCounted + 1),
    countView(query('working')),
  ])
  const [mine, team] = await Promise.all([
    countView(query('mine'), snoozed),
    countView(query('team'), allSnoozed),
  ])
  return { mine, team, working, snoozed }
}

/**
 * Counts the leads of a view by indexes alone, if it can: those that wait are all that are new, less those that are set
 * aside.
 */
async function countView(query: ViewQuery, setAside?: number): Promise<number> {
  const direct = () => Leads.count(queueFilter(query), maxCounted + 1)
  if (query.view === 'working' || query.view === 'snoozed') return direct()
  const snoozed = setAside ?? (await Leads.count(viewFilter(query, isSnoozed(now())), maxCounted + 1))
  if (snoozed > maxCounted) return direct()
  return (await Leads.count(viewFilter(query, {}), maxCounted + 1 + snoozed)) - snoozed
}
