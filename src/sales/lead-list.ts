import type { QueryFilter, Types } from 'mongoose'
import { brandNameOf } from '../brand/brand'
import { STALE_AFTER_MS, cached } from '../platform/cached'
import { days, later, now } from '../platform/clock'
import { retained } from '../platform/retained'
import type { RecordOf } from '../platform/record'
import { People, roles, type Person } from '../people/person'
import { gradeOf } from '../scoring/fit'
import { activeModel } from '../scoring/model'
import type { Group } from '../scoring/model-content'
import { scoreLater } from '../scoring/rules'
import type { Reason } from '../scoring/evidence'
import { Scores } from '../scoring/score'
import { Leads, leadWrites, type Lead, type LeadStatus } from '../leads/lead'
import { facet } from '../leads/lead-facets'
import { canSeeLearning } from '../webhooks/delivery-consent'
import { readCountedPage, readPage, type At, type CountedPage, type SortOrder } from '../web/keyset'
import { filterOf, hasFacets, isFiltered, noFilters, type LeadFilters } from './lead-filters'

export const tabs = [
  'recent',
  'mine',
  'team',
  'working',
  'snoozed',
  'won',
  'lost',
  'rejected',
  'all',
  'nearThreshold',
] as const
type LeadTab = (typeof tabs)[number]

/** The columns that a list can be sorted by, in the direction that is useful first. */
const sortOrders = {
  status: { rank: 1, score: -1, _id: 1 },
  name: { sortName: 1, _id: 1 },
  company: { sortCompany: 1, _id: 1 },
  score: { score: -1, _id: 1 },
  owner: { sortOwner: 1, _id: 1 },
  due: { respondBy: 1, _id: 1 },
  qualified: { qualifiedAt: -1, _id: 1 },
  activity: { lastActivityAt: -1, _id: 1 },
} satisfies Record<string, SortOrder>
export type SortColumn = keyof typeof sortOrders
export const sortColumns = Object.keys(sortOrders) as SortColumn[]

/** A column, and whether its direction is turned around. */
export type Sort = { column: SortColumn; isReversed: boolean }

export type ListQuery = At & {
  tab: LeadTab
  reader: Types.ObjectId
  filters: LeadFilters
  /** As in the address; without one, each tab has its own (`sortOf`). */
  sort?: Sort
}

/** A person in the list, with the points as of `at`. `lead` is null for a person who is close to qualifying. */
export type Row = {
  person: Pick<Person, '_id' | 'name' | 'email' | 'title' | 'company'>
  /** The name of the brand that they joined; null while there is only one. */
  brand: string | null
  lead: Lead | null
  points: number
  at: Date
  fit: number
  grade: string
  pointsByGroup: Record<Group, number>
  reasons: Reason[]
}

type Entry = { _id: Types.ObjectId; lead: Lead | null }
type Score = RecordOf<typeof Scores>

const pageSize = 20
/** So many leads are read in one go, rather than the beginning of each group of statuses. */
const shortList = 2 * pageSize
/** Lists are counted up to here: counting more would take longer than anyone looks. */
export const maxCounted = 1000

const nearThreshold = ({ brand }: LeadFilters) => ({
  isNearThreshold: true,
  ...(brand && { brand: brand.people }),
})
const nearThresholdOrder: SortOrder = { engagement: -1, _id: 1 }

/** The groups of `Lead.rank`. */
const allRanks = [0, 1, 2, 3, 4, 5]

type Scope = { ranks: number[]; facets?: string[]; where?: QueryFilter<Lead>[] }

/** Which leads a list has. Leads who no longer share with sales are in none. */
function scopeOf(query: Omit<ListQuery, keyof At>): Scope {
  const scope = scopeOfTab(query)
  return query.filters.isLate ? { ...scope, ranks: scope.ranks.filter(rank => rank === 0) } : scope
}

function scopeOfTab({ tab, reader, filters }: Omit<ListQuery, keyof At>): Scope {
  // A search covers all leads, whatever the tab.
  if (filters.search) return { ranks: allRanks }
  switch (tab) {
    case 'mine':
      return { ranks: [0, 1], facets: [facet('owner', reader)] }
    case 'team':
      return { ranks: [0, 1] }
    case 'working':
      return { ranks: [1] }
    case 'snoozed':
      return { ranks: [0], where: [{ shared: true, 'snooze.until': { $gt: now() } }] }
    case 'won':
      return { ranks: [2] }
    case 'rejected':
      return { ranks: [3] }
    case 'lost':
      return { ranks: [4] }
    case 'all':
      return { ranks: allRanks }
    case 'recent':
    case 'nearThreshold':
      return { ranks: allRanks, where: [{ shared: true, qualifiedAt: { $gte: later(now(), -days(7)) } }] }
  }
}

const tabSorts: Record<LeadTab, SortColumn> = {
  recent: 'qualified',
  mine: 'status',
  team: 'status',
  working: 'score',
  snoozed: 'due',
  won: 'qualified',
  lost: 'qualified',
  rejected: 'qualified',
  all: 'qualified',
  nearThreshold: 'score',
}

/** Returns how a list is sorted: as the address says, or else as is most useful for the tab. */
export function sortOf({ tab, sort, filters }: Pick<ListQuery, 'tab' | 'sort' | 'filters'>): Sort {
  return sort ?? { column: filters.search ? 'status' : tabSorts[tab], isReversed: false }
}

function orderOf(query: ListQuery): SortOrder {
  const { column, isReversed } = sortOf(query)
  const order: SortOrder = sortOrders[column]
  return isReversed
    ? Object.fromEntries(Object.entries(order).map(([field, way]) => [field, way === 1 ? -1 : 1]))
    : order
}

/** People close to qualifying have scores but no leads, so their tab reads another collection. */
export function listsScores({ tab, filters }: Pick<ListQuery, 'tab' | 'filters'>): boolean {
  return tab === 'nearThreshold' && !filters.search
}

/** Whether a list has leads of every rank, and only time narrows it: then the newest have an index of their own. */
function isWhole({ ranks, facets }: Scope, filters: LeadFilters): boolean {
  return ranks.length === allRanks.length && !facets && !filters.search && !hasFacets(filters)
}

/** The filter of a list's leads. */
export function listFilter(query: Omit<ListQuery, keyof At>): QueryFilter<Lead> {
  const scope = scopeOf(query)
  if (isWhole(scope, query.filters)) return filterOf(query.filters, scope, { shared: true })
  // Only leads that sales may see have words to find them by.
  if (query.filters.search && scope.ranks === allRanks) return filterOf(query.filters, scope, {})
  return { $and: [filterOf(query.filters, scope), rankIn(scope.ranks)] }
}

/** Names every rank, as an index needs that has the ranks before its order. */
const rankIn = (ranks: number[]): QueryFilter<Lead> => ({
  rank: ranks.length === 1 ? ranks[0] : { $in: ranks },
})

/**
 * Finds leads in an order. An index has the order within one group of statuses, so of several groups the beginnings are
 * merged, unless the groups come one after another.
 *
 * @param total how many leads the list has.
 */
function findLeads(query: ListQuery, total = Infinity) {
  const scope = scopeOf(query)
  const filter = filterOf(query.filters, scope)
  return (beyond: QueryFilter<Lead>) => ({
    sort: (order: SortOrder) => ({
      limit: async (count: number): Promise<Lead[]> => {
        const first = (some: QueryFilter<Lead>, rank: QueryFilter<Lead>) =>
          Leads.find({ $and: [some, rank, beyond] })
            .sort(order)
            .limit(count)
        if ('qualifiedAt' in order && isWhole(scope, query.filters)) return first(listFilter(query), {})
        if ('rank' in order || scope.ranks.length === 1) return first(filter, rankIn(scope.ranks))
        if (total <= shortList) {
          const all = total ? await Leads.find({ $and: [listFilter(query), beyond] }) : []
          return all.sort(comparing(order)).slice(0, count)
        }
        const fields = Object.fromEntries(Object.keys(order).map(field => [field, 1 as const]))
        const groups = await Promise.all(
          scope.ranks.map(rank =>
            Leads.find({ $and: [filter, { rank }, beyond] }, fields)
              .sort(order)
              .limit(count),
          ),
        )
        // Of six groups, one row in six is shown: only those are read as a whole.
        const shown = groups.flat().sort(comparing(order)).slice(0, count)
        if (!shown.length) return []
        const leads = await Leads.find({ _id: { $in: shown.map(({ _id }) => _id) } })
        const byId = new Map(leads.map(lead => [String(lead._id), lead]))
        return shown.flatMap(({ _id }) => byId.get(String(_id)) ?? [])
      },
    }),
  })
}

/** Compares leads as the database does, whose text is UTF-8. */
function comparing(order: SortOrder) {
  const fields = Object.entries(order) as [keyof Lead, 1 | -1][]
  const valueOf = (value: unknown) => (typeof value === 'string' ? Buffer.from(value) : value)
  return (a: Partial<Lead>, b: Partial<Lead>) => {
    for (const [field, way] of fields) {
      const [x, y] = [valueOf(a[field]), valueOf(b[field])]
      const between =
        Buffer.isBuffer(x) && Buffer.isBuffer(y)
          ? Buffer.compare(x, y)
          : field === '_id'
            ? String(x) < String(y)
              ? -1
              : 1
            : Number(x) - Number(y)
      if (between) return between * way
    }
    return 0
  }
}

/** Returns how many leads a list has; one more than `maxCounted` when there are more. */
export function countList(query: Omit<ListQuery, keyof At>): Promise<number> {
  if (listsScores(query)) return Scores.count(nearThreshold(query.filters), maxCounted + 1)
  return Leads.count(listFilter(query), maxCounted + 1)
}

/**
 * Returns a page of the list. Those whose stored scores decide their order are put into that of the points as of now.
 * Readers share what this process has read, as long as it writes no lead. Never change it.
 *
 * @param total counts the rows of the whole list.
 */
export function readList(query: ListQuery, total: () => Promise<number>): Promise<CountedPage<Row>> {
  return listsScores(query) ? readPageOfList({ query, total }) : sharedPages({ query, total })
}

type PageOfList = { query: ListQuery; total: () => Promise<number> }

const sharedPages = cached(STALE_AFTER_MS, readPageOfList, {
  max: 50,
  nameOf: ({ query }: PageOfList) => `${moment()} ${JSON.stringify(query)}`,
})

async function readPageOfList({ query, total }: PageOfList): Promise<CountedPage<Row>> {
  if (listsScores(query)) {
    const filter = nearThreshold(query.filters)
    const page = await readCountedPage(
      Scores,
      filter,
      nearThresholdOrder,
      query,
      pageSize,
      total(),
      maxCounted,
    )
    return {
      ...page,
      rows: await rowsOf(
        page.rows.map(({ _id }) => ({ _id, lead: null })),
        query,
      ),
    }
  }
  const all = await total()
  const records = {
    find: findLeads(query, all),
    count: (beyond: QueryFilter<Lead>, limit?: number) =>
      Leads.count({ $and: [listFilter(query), beyond] }, limit),
  }
  const page = await readCountedPage(
    records,
    {},
    orderOf(query),
    query,
    pageSize,
    Promise.resolve(all),
    maxCounted,
  )
  return {
    ...page,
    rows: await rowsOf(
      page.rows.map(lead => ({ _id: lead._id, lead })),
      query,
    ),
  }
}

/** Rows of an export are read in portions of this many pages. */
const pagesAtOnce = 10

/**
 * Yields all rows of a list in its order, a portion at a time; what is added or removed meanwhile may be in it or not.
 */
export async function* listedRows(query: ListQuery): AsyncGenerator<Row[]> {
  for (let after: string | undefined; ;) {
    const { entries, older } = await readEntries({ ...query, after, before: undefined })
    for (let n = 0; n < entries.length; n += pageSize)
      yield await rowsOf(entries.slice(n, n + pageSize), query)
    if (!older) return
    after = older
  }
}

/** Returns the first leads of a list, in its order; none of people close to qualifying. */
export async function findListed(query: ListQuery, most: number): Promise<Lead[]> {
  if (listsScores(query)) return []
  return findLeads(query)({}).sort(orderOf(query)).limit(most)
}

async function readEntries(query: ListQuery): Promise<{ entries: Entry[]; older: string | null }> {
  const size = pagesAtOnce * pageSize
  if (listsScores(query)) {
    const find = (beyond: QueryFilter<Score>) => Scores.find({ $and: [nearThreshold(query.filters), beyond] })
    const { rows, older } = await readPage(find, nearThresholdOrder, query, size)
    return { entries: rows.map(({ _id }) => ({ _id, lead: null })), older }
  }
  const { rows, older } = await readPage(findLeads(query), orderOf(query), query, size)
  return { entries: rows.map(lead => ({ _id: lead._id, lead })), older }
}

export type LeadCounts = {
  /** At most `maxCounted` + 1. */
  byTab: Record<LeadTab, number>
  /** Leads without a response, and how many of them are overdue. */
  new: number
  overdue: number
}

/** The name of a moment in which what this process has read of leads stays true. */
const moment = () => `${leadWrites.count} ${Math.floor(now().getTime() / STALE_AFTER_MS)}`
const countsNow = (reader: Types.ObjectId) => `${moment()} ${reader}`

/** Returns the numbers above the list: leads in each tab, new and overdue leads. */
export const countLeads = cached<Types.ObjectId, LeadCounts>(STALE_AFTER_MS, readCounts, {
  nameOf: countsNow,
})

async function readCounts(reader: Types.ObjectId): Promise<LeadCounts> {
  const counted = (filter: QueryFilter<Lead>) => Leads.count(filter, maxCounted + 1)
  const at = now()
  const inTab = (tab: LeadTab): Promise<number> => {
    // An index of its own has all of these, and nothing else.
    if (tab === 'snoozed') return counted({ shared: true, 'snooze.until': { $gt: at } })
    if (tab === 'recent') return counted({ shared: true, qualifiedAt: { $gte: later(at, -days(7)) } })
    return countList({ tab, reader, filters: noFilters })
  }
  const [unanswered, overdue, ...counts] = await Promise.all([
    counted({ $and: [filterOf(noFilters), { rank: 0 }] }),
    counted({ shared: true, rank: 0, respondBy: { $lt: at } }),
    ...tabs.map(inTab),
  ])
  const byTab = Object.fromEntries(tabs.map((tab, n) => [tab, counts[n]])) as Record<LeadTab, number>
  return { byTab, new: unanswered, overdue }
}

/** Returns the total of a list, for which its tab's count does when nothing narrows it. */
export function totalOf(query: ListQuery, counts: Promise<LeadCounts>): Promise<number> {
  return isFiltered(query.filters) ? countList(query) : counts.then(({ byTab }) => byTab[query.tab])
}

export type ListStatus = 'nearThreshold' | 'working' | LeadStatus

/**
 * Returns the status that a list shows: leads in progress are all `working`, and a person without a lead is close to
 * qualifying.
 */
export function statusOf(lead: Pick<Lead, 'rank' | 'status'> | null): ListStatus {
  if (!lead) return 'nearThreshold'
  return lead.rank === 1 ? 'working' : lead.status
}

/** Returns whole minutes until a moment, negative once it has passed. */
export function minutesUntil(moment: Date): number {
  return Math.round((moment.getTime() - now().getTime()) / 60_000)
}

const staffRoles = roles.filter(role => role !== 'prospect')

/**
 * Returns the names of all teammates, by id: for owners and for those who responded, who may have another role by now.
 */
export const namesOfStaff: () => Promise<Map<string, string>> = retained(
  async (_: void, dependOn) => {
    for (const role of staffRoles) dependOn(People, 'role', role)
    const staff = await People.find({ role: { $in: staffRoles }, erasedAt: null }, { name: 1 })
    return new Map(staff.map(({ _id, name }) => [String(_id), name]))
  },
  { max: 1 },
)

/** Returns rows with the points as of now, in whose order they are when the list is sorted by the score. */
async function rowsOf(entries: Entry[], query: ListQuery): Promise<Row[]> {
  const ids = { _id: { $in: entries.map(({ _id }) => _id) } }
  const [people, scores, model] = await Promise.all([
    People.find(ids, { name: 1, email: 1, title: 1, company: 1, brand: 1, consents: 1, sharingPausedAt: 1 }),
    Scores.find(ids),
    activeModel(),
  ])
  const at = now()
  const brands = new Map(
    await Promise.all(people.map(async person => [person, await brandNameOf(person)] as const)),
  )
  const rows = entries.flatMap(({ _id, lead }) => {
    const person = people.find(each => each._id.equals(_id))
    const score = scores.find(each => each._id.equals(_id))
    // The list follows a withdrawal a moment later, and an export may be read at that moment.
    if (!person || !score || !canSeeLearning(person)) return []
    const { points, pointsByGroup } = scoreLater(score.rawPointsByRule, model.content, score.at, at)
    const fit = score.fit ?? 0
    const grade = gradeOf(fit, points, model.content)
    const brand = brands.get(person) ?? null
    return [{ person, brand, lead, points, at, fit, grade, pointsByGroup, reasons: score.reasons }]
  })
  const { column, isReversed } = sortOf(query)
  if (column !== 'status' && column !== 'score') return rows
  const way = isReversed ? -1 : 1
  const rankOf = ({ lead }: Row) => (column === 'status' ? (lead?.rank ?? 0) : 0)
  // Who is held out keeps their place among the others.
  const placeOf = ({ lead, points }: Row) => (lead?.holdOut?.group === 'chance' ? lead.score : points)
  return rows.sort((a, b) => way * (rankOf(a) - rankOf(b) || placeOf(b) - placeOf(a)))
}
