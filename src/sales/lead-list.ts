import type { QueryFilter, Types } from 'mongoose'
import { brandNameOf } from '../brand/brand'
import { days, later, now } from '../platform/clock'
import { People, roles, type Person } from '../people/person'
import { gradeOf } from '../scoring/fit'
import { activeModel } from '../scoring/model'
import type { Group } from '../scoring/model-content'
import { scoreLater } from '../scoring/rules'
import { Scores, type Reason } from '../scoring/score'
import { searchFilter } from '../platform/fold'
import { Leads, type Lead, type LeadStatus } from '../leads/lead'
import { readCountedPage, type At, type CountedPage, type SortOrder } from '../web/keyset'

export const tabs = ['recent', 'mine', 'nearThreshold', 'working', 'rejected', 'won'] as const
type Tab = (typeof tabs)[number]

export type ListQuery = At & {
  tab: Tab
  reader: Types.ObjectId
  owner?: Types.ObjectId
  /** The brand that the people joined, and what `peopleAt` returns for it. */
  brand?: { id: string; people: { $in: (string | null)[] } }
  /**
   * The beginnings of words in the name, the company or the email address. A search covers all leads, whatever the tab.
   */
  search: string
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

const pageSize = 20
const maxExportedRows = 5000
/** A search counts its results up to here: a search for one letter would find everybody. */
export const maxCounted = 1000
const leadOrder: SortOrder = { rank: 1, score: -1, _id: 1 }
const nearThreshold = ({ brand }: Pick<ListQuery, 'brand'>) => ({
  isNearThreshold: true,
  ...(brand && { brand: brand.people }),
})
const nearThresholdOrder: SortOrder = { engagement: -1, _id: 1 }

/** The filter of a tab. Leads who no longer share with sales are in no tab. */
function leadFilter({ tab, reader, owner, brand, search }: Omit<ListQuery, keyof At>): QueryFilter<Lead> {
  const ownedBy = { ...(owner && { owner }), ...(brand && { brand: brand.people }) }
  if (search) return { shared: true, ...ownedBy, ...searchFilter(search) }
  switch (tab) {
    case 'mine':
      return { shared: true, ...ownedBy, owner: reader, rank: { $in: [0, 1] } }
    case 'working':
      return { shared: true, rank: 1, ...ownedBy }
    case 'won':
      return { shared: true, rank: 2, ...ownedBy }
    case 'rejected':
      return { shared: true, rank: 3, ...ownedBy }
    case 'recent':
    case 'nearThreshold':
      return { shared: true, qualifiedAt: { $gte: later(now(), -days(7)) }, ...ownedBy }
  }
}

/** People close to qualifying have scores but no leads, so their tab reads another collection. */
function listsScores({ tab, search }: ListQuery): boolean {
  return tab === 'nearThreshold' && !search
}

/**
 * Returns a page of the list, ordered by status group and stored score; within a page, each group is ordered by the
 * points as of now.
 *
 * @param countsByRank what `countByRank` returns for the same query.
 */
export async function readList(
  query: ListQuery,
  countsByRank: Promise<Map<number, number>>,
): Promise<CountedPage<Row>> {
  if (listsScores(query)) {
    const page = await readCountedPage(Scores, nearThreshold(query), nearThresholdOrder, query, pageSize)
    return { ...page, rows: await rowsOf(page.rows.map(({ _id }) => ({ _id, lead: null }))) }
  }
  const total = countsByRank.then(counts => [...counts.values()].reduce((sum, count) => sum + count, 0))
  const countUpTo = query.search ? maxCounted : undefined
  const page = await readCountedPage(Leads, leadFilter(query), leadOrder, query, pageSize, total, countUpTo)
  return { ...page, rows: await rowsOf(page.rows.map(lead => ({ _id: lead._id, lead }))) }
}

/**
 * Returns the number of leads in each group of the whole list, by rank; of a search, one more than `maxCounted` in all.
 */
export function countByRank(query: ListQuery): Promise<Map<number, number>> {
  return countRanks(leadFilter(query), query.search ? maxCounted + 1 : undefined)
}

async function countRanks(filter: QueryFilter<Lead>, limit?: number): Promise<Map<number, number>> {
  const ranks = await Leads.aggregate<{ _id: number; count: number }>([
    { $match: filter },
    ...(limit ? [{ $limit: limit }] : []),
    { $group: { _id: '$rank', count: { $sum: 1 } } },
  ])
  return new Map(ranks.map(({ _id, count }) => [_id, count]))
}

/** Returns all rows of a list for the CSV export, at most 5,000. */
export async function readAll(query: ListQuery): Promise<Row[]> {
  if (listsScores(query)) {
    const scores = await Scores.find(nearThreshold(query)).sort(nearThresholdOrder).limit(maxExportedRows)
    return rowsOf(scores.map(({ _id }) => ({ _id, lead: null })))
  }
  const leads = await Leads.find(leadFilter(query)).sort(leadOrder).limit(maxExportedRows)
  return rowsOf(leads.map(lead => ({ _id: lead._id, lead })))
}

export type LeadCounts = {
  byTab: Record<Tab, number>
  /** Leads without a response, and how many of them are overdue. */
  new: number
  overdue: number
}

/** Returns the numbers above the list: leads in each tab, new and overdue leads. */
export async function countLeads(reader: Types.ObjectId): Promise<LeadCounts> {
  const inTab = (tab: Tab) => Leads.count(leadFilter({ tab, reader, search: '' }))
  const [ranks, recent, mine, close, overdue] = await Promise.all([
    countRanks({ shared: true }),
    inTab('recent'),
    inTab('mine'),
    Scores.count(nearThreshold({})),
    Leads.count({ shared: true, rank: 0, respondBy: { $lt: now() } }),
  ])
  const [unanswered = 0, working = 0, won = 0, rejected = 0] = [0, 1, 2, 3].map(rank => ranks.get(rank))
  const byTab = { recent, mine, nearThreshold: close, working, rejected, won }
  return { byTab, new: unanswered, overdue }
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
export async function namesOfStaff(): Promise<Map<string, string>> {
  const staff = await People.find({ role: { $in: staffRoles }, erasedAt: null }, { name: 1 })
  return new Map(staff.map(({ _id, name }) => [String(_id), name]))
}

async function rowsOf(entries: { _id: Types.ObjectId; lead: Lead | null }[]): Promise<Row[]> {
  const ids = { _id: { $in: entries.map(({ _id }) => _id) } }
  const [people, scores, model] = await Promise.all([
    People.find(ids, { name: 1, email: 1, title: 1, company: 1, brand: 1 }),
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
    if (!person || !score) return []
    const { points, pointsByGroup } = scoreLater(score.rawPointsByRule, model.content, score.at, at)
    const fit = score.fit ?? 0
    const grade = gradeOf(fit, points, model.content)
    const brand = brands.get(person) ?? null
    return [{ person, brand, lead, points, at, fit, grade, pointsByGroup, reasons: score.reasons }]
  })
  return rows.sort((a, b) => (a.lead?.rank ?? 0) - (b.lead?.rank ?? 0) || b.points - a.points)
}
