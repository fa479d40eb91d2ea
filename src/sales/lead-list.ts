import type { QueryFilter, Types } from 'mongoose'
import { days, later, now } from '../platform/clock'
import { People, type Person } from '../people/person'
import { gradeOf } from '../scoring/fit'
import { Leads, type Lead, type LeadStatus } from '../leads/lead'
import { activeModel, type Group } from '../scoring/model'
import { scoreLater } from '../scoring/rules'
import { Scores, type Reason, type Score } from '../scoring/score'
import { searchFilter } from '../scoring/search-words'
import { readPage, type Order, type KeysetPage } from '../web/keyset'

export const tabs = ['recent', 'mine', 'nearThreshold', 'working', 'rejected', 'won'] as const
export type Tab = (typeof tabs)[number]

export type ListQuery = {
  tab: Tab
  reader: Types.ObjectId
  owner?: Types.ObjectId
  /** What was typed: the beginnings of name, company or address. It searches all leads, whatever the tab. */
  search: string
  after?: string
  before?: string
}

/** One person of the list, with the points of this moment. `lead` is null for whoever is almost ready. */
export type Row = {
  person: Pick<Person, '_id' | 'name' | 'email' | 'title' | 'company'>
  lead: Lead | null
  points: number
  fit: number
  grade: string
  pointsByGroup: Record<Group, number>
  reasons: Reason[]
}

const pageSize = 20
const leadOrder: Order = { rank: 1, score: -1, _id: 1 }

/** The filter of a tab; what its person has taken back is never in it. */
function leadFilter({ tab, reader, owner, search }: Omit<ListQuery, 'after' | 'before'>): QueryFilter<Lead> {
  const own = owner ? { owner } : {}
  if (search) return { shared: true, ...own, ...searchFilter(search) }
  switch (tab) {
    case 'mine':
      return { shared: true, owner: reader, rank: { $in: [0, 1] } }
    case 'working':
      return { shared: true, rank: 1, ...own }
    case 'won':
      return { shared: true, rank: 2, ...own }
    case 'rejected':
      return { shared: true, rank: 3, ...own }
    case 'recent':
    case 'nearThreshold':
      return { shared: true, qualifiedAt: { $gte: later(now(), -days(7)) }, ...own }
  }
}

/**
 * A page of the list, in the order of the groups and of the kept score; within a group by the points of this moment. `groups` is what
 * `countGroups` says of it.
 */
export async function readList(
  wish: ListQuery,
  groups: Promise<Map<number, number>>,
): Promise<KeysetPage<Row>> {
  if (wish.tab === 'nearThreshold' && !wish.search) {
    const page = await readPage(Scores, { isNearThreshold: true }, { engagement: -1, _id: 1 }, wish, pageSize)
    return { ...page, rows: await rowsOf(page.rows.map(score => ({ _id: score._id, lead: null }))) }
  }
  const total = groups.then(counts => [...counts.values()].reduce((sum, count) => sum + count, 0))
  const page = await readPage(Leads, leadFilter(wish), leadOrder, wish, pageSize, total)
  return { ...page, rows: await rowsOf(page.rows.map(lead => ({ _id: lead._id, lead }))) }
}

/** How many stand under each heading of the whole list, by rank. */
export function countGroups(wish: ListQuery): Promise<Map<number, number>> {
  return countRanks(leadFilter(wish))
}

async function countRanks(filter: QueryFilter<Lead>): Promise<Map<number, number>> {
  const ranks = await Leads.aggregate<{ _id: number; count: number }>([
    { $match: filter },
    { $group: { _id: '$rank', count: { $sum: 1 } } },
  ])
  return new Map(ranks.map(({ _id, count }) => [_id, count]))
}

/** Everything of a tab for a spreadsheet, at most 5,000 rows. */
export async function readAll(wish: ListQuery): Promise<Row[]> {
  const most = 5000
  if (wish.tab === 'nearThreshold' && !wish.search) {
    const scores = await Scores.find({ isNearThreshold: true })
      .sort({ engagement: -1, _id: 1 })
      .limit(most)
      .lean<Score[]>()
    return rowsOf(scores.map(({ _id }) => ({ _id, lead: null })))
  }
  const leads = await Leads.find(leadFilter(wish)).sort(leadOrder).limit(most).lean<Lead[]>()
  return rowsOf(leads.map(lead => ({ _id: lead._id, lead })))
}

/** What stands above the list: how many are in each tab, how many wait for a first answer, and of how many its time is over. */
export async function countAbove(
  reader: Types.ObjectId,
): Promise<{ tabCounts: Record<Tab, number>; new: number; overdue: number }> {
  const inTab = (tab: Tab) => Leads.countDocuments(leadFilter({ tab, reader, search: '' })).exec()
  const [ranks, recent, mine, nearThreshold, overdue] = await Promise.all([
    countRanks({ shared: true }),
    inTab('recent'),
    inTab('mine'),
    Scores.countDocuments({ isNearThreshold: true }),
    Leads.countDocuments({ shared: true, rank: 0, respondBy: { $lt: now() } }),
  ])
  const [fresh = 0, working = 0, won = 0, rejected = 0] = [0, 1, 2, 3].map(rank => ranks.get(rank))
  return { tabCounts: { recent, mine, nearThreshold, working, rejected, won }, new: fresh, overdue }
}

/** The heading that a row stands under. */
export function groupOf(lead: Lead | null): 'nearThreshold' | 'new' | 'working' | Exclude<LeadStatus, 'new'> {
  if (!lead) return 'nearThreshold'
  return lead.rank === 1 ? 'working' : lead.status
}

async function rowsOf(found: { _id: Types.ObjectId; lead: Lead | null }[]): Promise<Row[]> {
  const ids = { _id: { $in: found.map(({ _id }) => _id) } }
  const [people, scores, model] = await Promise.all([
    People.find(ids, { name: 1, email: 1, title: 1, company: 1 }).lean<Row['person'][]>(),
    Scores.find(ids).lean<Score[]>(),
    activeModel(),
  ])
  const at = now()
  const rows = found.flatMap(({ _id, lead }) => {
    const person = people.find(each => each._id.equals(_id))
    const score = scores.find(each => each._id.equals(_id))
    if (!person || !score) return []
    const live = scoreLater(score.rawPointsByRule, model.content, score.at, at)
    const fit = score.fit ?? 0
    const grade = gradeOf(fit, live.points, model.content)
    return [
      {
        person,
        lead,
        points: live.points,
        fit,
        grade,
        pointsByGroup: live.pointsByGroup,
        reasons: score.reasons,
      },
    ]
  })
  return rows.sort((a, b) => (a.lead?.rank ?? 0) - (b.lead?.rank ?? 0) || b.points - a.points)
}
