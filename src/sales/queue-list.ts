import type { QueryFilter, Types } from 'mongoose'
import { now } from '../platform/clock'
import { searchFilter } from '../platform/fold'
import { Leads, type Lead } from '../leads/lead'
import { readPage, type At, type KeysetPage, type SortOrder } from '../web/keyset'

export const queueViews = ['mine', 'team', 'working', 'snoozed'] as const
type QueueView = (typeof queueViews)[number]

export const queueOrders = ['due', 'score'] as const
type QueueOrder = (typeof queueOrders)[number]

export const queueGrades = ['A', 'B', 'C'] as const

/** Which leads a queue shows, and in which order; all of it is in the address. */
export type QueueQuery = At & {
  view: QueueView
  order: QueueOrder
  reader: Types.ObjectId
  /** The first letter of the grade: how well the person fits. */
  fit?: (typeof queueGrades)[number]
  /** Only leads whose response is late. */
  isLate: boolean
  brand?: { id: string; people: { $in: (string | null)[] } }
  search: string
}

const pageSize = 30
/** A view with more leads than these has "1,000+": counting them all would take longer than anyone looks. */
export const maxCountedInQueue = 1000

const orders: Record<QueueOrder, SortOrder> = {
  due: { respondBy: 1, _id: 1 },
  score: { score: -1, _id: 1 },
}

/** Leads that are set aside come back by themselves, so a moment decides and not an event. */
function isAwake(at: Date): QueryFilter<Lead> {
  return { $or: [{ snooze: null }, { 'snooze.until': { $lte: at } }] }
}

function filterOf({
  view,
  reader,
  fit,
  isLate,
  brand,
  search,
}: Omit<QueueQuery, keyof At>): QueryFilter<Lead> {
  const at = now()
  const inView: Record<QueueView, QueryFilter<Lead>> = {
    mine: { shared: true, owner: reader, rank: 0, ...isAwake(at) },
    team: { shared: true, rank: 0, ...isAwake(at) },
    working: { shared: true, owner: reader, rank: 1 },
    snoozed: { shared: true, owner: reader, rank: 0, 'snooze.until': { $gt: at } },
  }
  return {
    $and: [
      inView[view],
      ...(fit ? [{ grade: new RegExp(`^${fit}`) }] : []),
      ...(isLate ? [{ respondBy: { $lt: at } }] : []),
      ...(brand ? [{ brand: brand.people }] : []),
      ...(search ? [searchFilter(search)] : []),
    ],
  }
}

/** What waits for one person, without filters. */
const ownQueue = { view: 'mine', order: 'due', isLate: false, search: '' } as const

const maxInTurn = 100

/** Where a lead is in its owner's queue, and what comes before and after; null for one that doesn't wait there. */
export async function placeInQueue(lead: Pick<Lead, '_id'>, reader: Types.ObjectId) {
  const filter = filterOf({ ...ownQueue, reader })
  const ids = (await Leads.find(filter, { respondBy: 1 }).sort(orders.due).limit(maxInTurn)).map(
    ({ _id }) => _id,
  )
  const n = ids.findIndex(id => id.equals(lead._id))
  return n < 0
    ? null
    : { n: n + 1, total: ids.length, previous: ids[n - 1] ?? null, next: ids[n + 1] ?? null }
}

/** Returns the lead of an owner whose response is due first, other than this one; null when none waits. */
export async function nextNewLead(owner: Types.ObjectId, after: Types.ObjectId): Promise<Lead | null> {
  const filter = { $and: [filterOf({ ...ownQueue, reader: owner }), { _id: { $ne: after } }] }
  return (await Leads.find(filter).sort(orders.due).limit(1))[0] ?? null
}

export type Queue = KeysetPage<Lead> & {
  /** How many leads are in each view, and in the list as it's filtered; at most `maxCountedInQueue` + 1. */
  counts: Record<QueueView, number>
  total: number
  /** The reader's lead whose response is due first; null without one. */
  first: Lead | null
}

/** Reads a page of the queue, and the counts of its views. */
export async function readQueue(query: QueueQuery): Promise<Queue> {
  const filter = filterOf(query)
  const counted = (each: QueryFilter<Lead>) => Leads.count(each, maxCountedInQueue + 1)
  const inView = (view: QueueView) =>
    counted(filterOf({ ...query, view, fit: undefined, isLate: false, brand: undefined, search: '' }))
  const isFiltered = query.fit || query.isLate || query.brand || query.search
  const [page, mine, team, working, snoozed, first, filtered] = await Promise.all([
    readPage<Lead>(
      beyond => Leads.find({ $and: [filter, beyond] }),
      orders[query.view === 'working' ? 'score' : query.order],
      query,
      pageSize,
    ),
    inView('mine'),
    inView('team'),
    inView('working'),
    inView('snoozed'),
    Leads.find(filterOf({ ...ownQueue, reader: query.reader }))
      .sort(orders.due)
      .limit(1),
    isFiltered ? counted(filter) : null,
  ])
  const counts = { mine, team, working, snoozed }
  return { ...page, counts, total: filtered ?? counts[query.view], first: first[0] ?? null }
}
