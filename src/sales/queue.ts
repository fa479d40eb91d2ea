import type { Request, Response } from 'express'
import { Types } from 'mongoose'
import { now } from '../platform/clock'
import { Leads, type Lead } from '../leads/lead'
import { People, timeZoneOf, type Person } from '../people/person'
import { canSeeLearning } from '../webhooks/delivery-consent'
import type { RouteRequest } from '../web/handler'
import { parametersOf } from '../web/parameters'
import { leadPage } from './lead-page'
import { chipsOf } from './filter-view'
import { isFiltered, readFilters } from './lead-filters'
import { readQueueDay } from './queue-day'
import { queueOrders, queueViews, readQueue, type QueueQuery } from './queue-list'
import { queuePathOf, queueView } from './queue-view'
import { beginning, viewsMenu } from './saved-views'
import { salesTextsOf } from './sales-texts'

/**
 * `GET /sales/queue`: the leads that wait for a response, the one that is due first on top, and the brief of one of
 * them with its answers. `?lead=` opens one; without it, the first. The view, filters and order are in the address.
 */
export async function index(request: RouteRequest, response: Response, reader: Person): Promise<void> {
  const begin = await beginning(request, reader, 'queue')
  if (begin) return response.redirect(303, begin)
  const query = await readQueueQuery(request, reader)
  const texts = salesTextsOf(response)
  const { lead: asked } = parametersOf(request)
  const [queue, chips, menu] = await Promise.all([
    readQueue(query),
    chipsOf(query.filters, reader, filters => queuePathOf({ ...query, filters }), texts),
    viewsMenu(request, reader, 'queue'),
  ])
  const [chosen, people] = await Promise.all([
    openLead(asked, queue.rows),
    People.find({ _id: { $in: queue.rows.map(({ _id }) => _id) } }, { name: 1, title: 1, company: 1 }),
  ])
  const isDone = !queue.rows.length && query.view === 'mine' && !isFiltered(query.filters)
  const day = isDone ? await readQueueDay(reader) : null
  const timeZone = timeZoneOf(reader)
  const open = chosen?.lead ?? null
  const view = queueView({ query, queue, people, chips, open, day, timeZone, now: now() }, texts)
  response.render('sales/queue', {
    layout: 'workspace',
    nav: 'queue',
    counts: { queue: queue.counts.mine },
    isFullWidth: true,
    head: { title: texts.t('sales:queue.title') },
    scripts: ['/js/sales.js', '/js/queue.js'],
    viewsMenu: menu,
    queue: view,
    isOpen: asked !== undefined && chosen !== null,
    back: view.nextHref,
    lead: chosen && (await leadPage(chosen, reader, { at: now(), timeline: 'evidence' }, texts)),
  })
}

/** Returns the lead in the address, which need not be on this page of the list, or else the first; null for none. */
async function openLead(
  asked: string | undefined,
  rows: Lead[],
): Promise<{ person: Person; lead: Lead } | null> {
  const listed = rows.find(({ _id }) => String(_id) === asked)
  const other = !listed && asked && Types.ObjectId.isValid(asked) ? await Leads.findById(asked) : null
  const lead = listed ?? other ?? rows[0]
  if (!lead?.shared) return null
  const person = await People.findOne({ _id: lead._id, role: 'prospect' })
  const isSharing = person && canSeeLearning(person)
  return person && isSharing ? { person, lead } : null
}

/** Reads what the queue shows from its address. */
export async function readQueueQuery(request: Request, reader: Person): Promise<QueueQuery> {
  const { view, order, after, before } = parametersOf(request)
  return {
    view: queueViews.find(each => each === view) ?? 'mine',
    order: queueOrders.find(each => each === order) ?? 'due',
    reader: reader._id,
    filters: await readFilters(request, reader),
    after,
    before,
  }
}
