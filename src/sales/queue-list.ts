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

/** The filter of a view of the queue, with its filters. */
export function queueFilter({ view, reader, filters }: Omit<QueueQuery, keyof At>): QueryFilter<Lead> {
  const at = now()
  const mine = [facet('owner', reader)]
  switch (view) {
    case 'mine':
      return filterOf(filters, { facets: mine, where: [{ rank: 0 }, isAwake(at)] })
    case 'team':
      return filterOf(filters, { where: [{ rank: 0 }, isAwake(at)] })
    case 'working':
      return filterOf(filters, { facets: mine, where: [{ rank: 1 }] })
    case 'snoozed':
      return filterOf(filters, { facets: mine, where: [{ rank: 0, 'snooze.until': { $gt: at } }] })
  }
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
    isFiltered(filters) ? Leads.count(filter, maxCounted + 1) : null,
  ])
  return { ...page, counts, total: filtered ?? counts[query.view], first: first[0] ?? null }
}

/** Counts by indexes alone: those that wait are all that are new, less those that are set aside. */
async function countViews(reader: Types.ObjectId): Promise<Record<QueueView, number>> {
  const at = now()
  const inQueue = (view: QueueView) =>
    filterOf(noFilters, {
      facets: view === 'team' ? [] : [facet('owner', reader)],
      where: [{ rank: view === 'working' ? 1 : 0 }],
    })
  const snoozedOf = (whose: QueryFilter<Lead>) =>
    Leads.count({ ...whose, 'snooze.until': { $gt: at } }, maxCounted + 1)
  const [snoozed, allSnoozed, working] = await Promise.all([
    snoozedOf({ owner: reader }),
    snoozedOf({ shared: true }),
    Leads.count(inQueue('working'), maxCounted + 1),
  ])
  const [mine, team] = await Promise.all([
    Leads.count(inQueue('mine'), maxCounted + 1 + snoozed),
    Leads.count(inQueue('team'), maxCounted + 1 + allSnoozed),
  ])
  return { mine: mine - snoozed, team: team - allSnoozed, working, snoozed }
}
