import type { Request, Response } from 'express'
import { Types, type QueryFilter } from 'mongoose'
import { notFound } from '../platform/errors'
import { audit } from '../events/audit'
import { Alerts } from '../webhooks/alert'
import { cancelDelivery } from '../webhooks/cancel-delivery'
import { Deliveries, deliveryStates, type Delivery } from '../webhooks/delivery'
import { Endpoints, currentEndpoints, type Endpoint } from '../webhooks/endpoint'
import { deliveryStatsOf } from '../webhooks/delivery-stats'
import { resendDelivery } from '../webhooks/resend-delivery'
import type { Person } from '../people/person'
import type { Handler } from '../web/handler'
import { permissionsOf } from '../web/guard'
import { pageLinks, readCountedPage } from '../web/keyset'
import { parametersOf } from '../web/parameters'
import { setFlash } from '../web/flash'
import {
  endpointCard,
  listHref,
  outageView,
  rowView,
  stateNamed,
  summaryOf,
  tabsOf,
  type DeliveryFilter,
  type Outage,
  type StateCounts,
} from './deliveries-view'
import { isFailing } from './attempt-filter'
import { detailOf, peopleOf } from './attempt-rows'
import { deliveryView, readableBody } from './delivery-view'
import { chartOf } from './endpoint-page'
import { timesOf } from './times'
import { textsOf } from '../web/texts'

const pageSize = 20

/** Loads the delivery named in the URL into `response.locals.delivery`, or responds with 404. */
export const load: Handler = async (request, response) => {
  const delivery = await Deliveries.findById(request.params.delivery)
  if (!delivery) throw notFound()
  response.locals.delivery = delivery
}

/**
 * `GET /integrations/deliveries`: the deliveries by state and endpoint, newest first. The first one that is pending or
 * failed opens in the side panel.
 */
export async function index(request: Request, response: Response): Promise<void> {
  const { state, endpoint, after, before } = parametersOf(request)
  const filter: DeliveryFilter = { state: stateNamed(state), endpoint }
  const texts = textsOf(response)
  const times = timesOf(request, texts)
  const counting = countByState()
  const [endpoints, counts, page] = await Promise.all([
    currentEndpoints(),
    counting,
    readCountedPage<Delivery>(
      Deliveries,
      queryOf(filter),
      { createdAt: -1, _id: -1 },
      { after, before },
      pageSize,
      counting.then(counts => countMatching(filter, counts)),
    ),
  ])
  const { rows: deliveries, first, total } = page
  const chosen = deliveries.find(each => each.state === 'pending' || each.state === 'failed') ?? deliveries[0]
  const [stats, outages, people, names, detail] = await Promise.all([
    Promise.all(endpoints.map(({ _id }) => deliveryStatsOf(_id, times.id))),
    Promise.all(endpoints.filter(isFailing).map(outageOf)),
    peopleOf(deliveries),
    endpointNamesOf(deliveries),
    chosen && detailOf(chosen),
  ])
  const canChange = permissionsOf(request.user).endpoints
  response.render('integrations/deliveries', {
    layout: 'workspace',
    nav: 'deliveries',
    head: { title: texts.t('integrations:deliveries.title') },
    scripts: ['/js/deliveries.js'],
    summary: summaryOf(counts, texts),
    outages: outages.filter(outage => outage !== null).map(outage => outageView(outage, texts, times)),
    endpoints: endpoints.map((each, n) => ({
      ...endpointCard(each, stats[n]!, texts, times),
      chart: { ...chartOf(stats[n]!, texts, times), size: 'small' },
    })),
    isEmpty: !counts.all,
    tabs: tabsOf(filter, counts, texts),
    rows: deliveries.map(delivery => {
      const person = people.get(String(delivery.person))
      const about = { endpoint: names.get(String(delivery.endpoint)), isChosen: delivery === chosen }
      return rowView(delivery, { ...about, person }, texts, times)
    }),
    side: detail && deliveryView(detail, canChange, texts, times),
    pages: {
      text: texts.t('integrations:deliveries.shown', {
        from: first,
        to: first + deliveries.length - 1,
        all: total,
      }),
      notes: [{ text: times.zone }],
      ...pageLinks(page, at => listHref(filter, at)),
    },
  })
}

/** `GET /integrations/deliveries/:delivery` */
export async function show(request: Request, response: Response): Promise<void> {
  const canChange = permissionsOf(request.user).endpoints
  const texts = textsOf(response)
  const times = timesOf(request, texts)
  const side = deliveryView(await loadedDetail(response), canChange, texts, times)
  response.render('integrations/delivery', {
    layout: 'workspace',
    nav: 'deliveries',
    head: { title: side.title },
    side,
    timeZone: times.zone,
  })
}

/** `GET …/body`: the JSON of the message, without the tokens of lead action links. */
export async function body(_request: Request, response: Response): Promise<void> {
  const json = readableBody(await loadedDetail(response))
  if (!json) throw notFound()
  response.type('json').send(json)
}

/** `POST …/attempt`: resends the message now. */
export async function sendNow(_request: Request, response: Response, person: Person): Promise<void> {
  await resendDelivery(response.locals.delivery as Delivery)
  await finish(response, person, 'resent')
}

/** `POST …/cancellation` */
export async function cancel(_request: Request, response: Response, person: Person): Promise<void> {
  await cancelDelivery(response.locals.delivery as Delivery)
  await finish(response, person, 'cancelled')
}

async function finish(
  response: Response,
  { _id: actor }: Person,
  action: 'resent' | 'cancelled',
): Promise<void> {
  const { _id } = response.locals.delivery as Delivery
  await audit({ actor, action: `delivery.${action}`, subject: _id })
  setFlash(response, { kind: 'done', bold: textsOf(response).t(`integrations:flash.${action}`) })
  response.redirect(303, `/integrations/deliveries/${_id}`)
}

async function countByState(): Promise<StateCounts> {
  const counts: StateCounts = {
    all: 0,
    pending: 0,
    sending: 0,
    delivered: 0,
    held: 0,
    failed: 0,
    cancelled: 0,
  }
  await Promise.all(
    deliveryStates.map(async state => {
      counts[state] = await Deliveries.count({ state })
      counts.all += counts[state]
    }),
  )
  return counts
}

async function countMatching(filter: DeliveryFilter, counts: StateCounts): Promise<number> {
  const query = queryOf(filter)
  return query.endpoint ? Deliveries.count(query) : counts[filter.state ?? 'all']
}

function queryOf({ state, endpoint }: DeliveryFilter): QueryFilter<Delivery> {
  const query: QueryFilter<Delivery> = {}
  if (state) query.state = state
  if (endpoint && Types.ObjectId.isValid(endpoint)) query.endpoint = new Types.ObjectId(endpoint)
  return query
}

async function endpointNamesOf(deliveries: Delivery[]): Promise<Map<string, string>> {
  const ids = deliveries.map(({ endpoint }) => endpoint)
  const endpoints = await Endpoints.find({ _id: { $in: ids } }, { name: 1 })
  return new Map(endpoints.map(endpoint => [String(endpoint._id), endpoint.name]))
}

const loadedDetail = (response: Response) => detailOf(response.locals.delivery as Delivery)

/** Returns what the page warns about; null while no alert has been raised for the failures. */
async function outageOf(endpoint: Endpoint): Promise<Outage | null> {
  const { _id, failingSince } = endpoint
  const alert = await Alerts.findOne({
    endpoint: _id,
    ...(failingSince && { at: { $gte: failingSince } }),
  }).sort({ at: -1 })
  if (!alert) return null
  const [next, undelivered] = await Promise.all([
    Deliveries.findOne({ endpoint: _id, state: 'pending' }).sort({ dueAt: 1 }),
    Deliveries.count({ endpoint: _id, state: { $in: ['pending', 'held', 'failed'] } }),
  ])
  const since = failingSince ?? alert.at
  return { endpoint, alert, since, nextAttemptAt: next?.dueAt ?? null, undelivered }
}
