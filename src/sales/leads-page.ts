import type { Request, Response } from 'express'
import type { Types } from 'mongoose'
import { brandChoices } from '../brand/brand'
import { audit } from '../events/audit'
import { assignableTeam } from '../leads/assignable-team'
import { openLeadsOf } from '../leads/change-lead'
import { Leads } from '../leads/lead'
import { readPerson, type Person } from '../people/person'
import { now } from '../platform/clock'
import { activeModel } from '../scoring/model'
import { permissionsOf } from '../web/guard'
import type { RouteRequest } from '../web/handler'
import { sendCsv } from '../web/csv'
import { parametersOf } from '../web/parameters'
import { chipsOf } from './filter-view'
import { noFilters, ownerIn, readFilters } from './lead-filters'
import {
  countLeads,
  listFilter,
  listsScores,
  namesOfStaff,
  readList,
  listedRows,
  sortColumns,
  tabs,
  totalOf,
  type ListQuery,
  type Sort,
} from './lead-list'
import { csvRow, leadsPath, leadsView } from './leads-view'
import { beginning, viewsMenu } from './saved-views'
import { salesTextsOf } from './sales-texts'

/** `GET /sales/leads`: leads by tab, filters and order, all of which are in the address. */
export async function index(request: RouteRequest, response: Response, person: Person): Promise<void> {
  const begin = await beginning(request, person, 'leads')
  if (begin) return response.redirect(303, begin)
  const query = await readListQuery(request, person)
  const texts = salesTextsOf(response)
  const counts = countLeads(person._id)
  const owner = permissionsOf(person).endpoints ? ownerIn(query.filters) : null
  const [list, counted, names, model, chips, reassignable, team, menu] = await Promise.all([
    readList(query, () => totalOf(query, counts)).then(async page => ({
      ...page,
      names: await ownersOf(page.rows),
    })),
    counts,
    owner ? namesOfStaff() : new Map<string, string>(),
    activeModel(),
    chipsOf(
      query.filters,
      person,
      filters => leadsPath({ ...query, filters, after: undefined, before: undefined }),
      texts,
    ),
    owner ? Leads.count(openLeadsOf(owner)) : 0,
    owner ? assignableTeam() : [],
    viewsMenu(request, person, 'leads'),
  ])
  const record = { query, list, counts: counted, team, names, model, chips, reassignable, now: now() }
  response.render('sales/leads', {
    layout: 'workspace',
    nav: 'leads',
    counts: { leads: counted.new },
    head: { title: texts.t('sales:leads.title') },
    scripts: ['/js/sales.js', '/js/leads.js'],
    viewsMenu: menu,
    leads: leadsView(record, texts),
  })
}

async function ownersOf(
  rows: { lead: { owner: Types.ObjectId | null } | null }[],
): Promise<Map<string, string>> {
  const ids = [...new Set(rows.flatMap(({ lead }) => (lead?.owner ? [String(lead.owner)] : [])))]
  const owners = await Promise.all(ids.map(readPerson))
  return new Map(owners.flatMap(owner => (owner ? [[String(owner._id), owner.name] as const] : [])))
}

/**
 * `GET /sales/leads.csv`: the whole list as CSV, in its order, a portion at a time; text that looks like a formula is
 * escaped.
 */
export async function download(request: Request, response: Response, person: Person): Promise<void> {
  const query = await readListQuery(request, person)
  const { tab, sort, filters } = query
  const texts = salesTextsOf(response)
  const [names, brands] = await Promise.all([namesOfStaff(), brandChoices()])
  const rows = listsScores(query) ? undefined : await Leads.count(listFilter(query))
  await audit({
    actor: person._id,
    action: 'leads.exported',
    subject: query.tab,
    // Whom someone searched for is in no log that outlives the person.
    detail: { rows, list: leadsPath({ tab, sort, filters: { ...filters, search: filters.search && '…' } }) },
  })
  const columns = csvColumns.filter(column => column !== 'brand' || brands.length)
  const portions = async function* () {
    for await (const portion of listedRows(query)) yield portion.map(row => csvRow(row, names, texts))
  }
  await sendCsv(response, `leads-${query.tab}.csv`, columns, portions())
}

const csvColumns = [
  'name',
  'email',
  'title',
  'company',
  'brand',
  'grade',
  'fit',
  'engagement',
  'scored_at',
  'status',
  'why_now',
  'qualified_at',
  'last_activity_at',
  'respond_by',
  'owner',
  'amount_minor',
  'currency',
]

/** Returns what the list of leads at an address shows, from its beginning. */
export function queryIn(path: string, person: Person): Promise<ListQuery> {
  const { searchParams } = new URL(path, 'http://here.invalid')
  return readListQuery({ query: Object.fromEntries(searchParams) }, person)
}

/** Reads what a list of leads shows from its address. */
export async function readListQuery(request: Pick<Request, 'query'>, person: Person): Promise<ListQuery> {
  const { tab, sort, after, before } = parametersOf(request)
  const query = {
    tab: tabs.find(each => each === tab) ?? 'recent',
    reader: person._id,
    filters: await readFilters(request, person),
    sort: readSort(sort),
    after,
    before,
  }
  // People close to qualifying are no leads yet: of all filters, they only have a brand.
  if (listsScores(query)) query.filters = { ...noFilters, brand: query.filters.brand }
  return query
}

function readSort(typed = ''): Sort | undefined {
  const column = sortColumns.find(each => each === typed.replace(/^-/, ''))
  return column && { column, isReversed: typed.startsWith('-') }
}
