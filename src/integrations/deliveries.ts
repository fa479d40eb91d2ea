import type { Request, Response } from 'express'
import { notFound } from '../platform/errors'
import { audit } from '../events/audit'
import { Alerts } from '../webhooks/alert'
import { cancelDelivery } from '../webhooks/cancel-delivery'
import { Deliveries, type Delivery } from '../webhooks/delivery'
import { currentEndpoints, type Endpoint } from '../webhooks/endpoint'
import { deliveryStatsOf } from '../webhooks/delivery-stats'
import { resendDelivery } from '../webhooks/resend-delivery'
import type { Person } from '../people/person'
import type { Handler } from '../web/handler'
import { permissionsOf } from '../web/guard'
import { setFlash } from '../web/flash'
import { endpointCard, outageView, summaryOf, type Outage } from './deliveries-view'
import { isFailing, noChoice } from './attempt-filter'
import { detailOf } from './attempt-rows'
import { countByState, deliveryList, sendDeliveries } from './delivery-list'
import { deliveryView, readableBody } from './delivery-view'
import { chartOf } from './endpoint-page'
import { timesOf } from './times'
import { textsOf } from '../web/texts'

/** Loads the delivery named in the URL into `response.locals.delivery`, or responds with 404. */
export const load: Handler = async (request, response) => {
  const delivery = await Deliveries.findById(request.params.delivery)
  if (!delivery) throw notFound()
  response.locals.delivery = delivery
}

/** `GET /integrations/deliveries`: what fails, each endpoint, and the deliveries to all of them, filtered. */
export async function index(request: Request, response: Response): Promise<void> {
  const texts = textsOf(response)
  const times = timesOf(request, texts)
  const [endpoints, counts, { view }] = await Promise.all([
    currentEndpoints(),
    countByState(null, noChoice),
    deliveryList(request, null, texts, times),
  ])
  const [stats, outages] = await Promise.all([
    Promise.all(endpoints.map(({ _id }) => deliveryStatsOf(_id, times.id))),
    Promise.all(endpoints.filter(isFailing).map(outageOf)),
  ])
  response.render('integrations/deliveries', {
    layout: 'workspace',
    nav: 'deliveries',
    head: { title: texts.t('integrations:deliveries.title') },
    scripts: counts.all ? ['/js/attempts.js'] : [],
    ...view,
    summary: summaryOf(counts, texts),
    outages: outages.filter(outage => outage !== null).map(outage => outageView(outage, texts, times)),
    endpoints: endpoints.map((each, n) => ({
      ...endpointCard(each, stats[n]!, texts, times),
      chart: { ...chartOf(stats[n]!, texts, times), size: 'small' },
    })),
    isEmpty: !counts.all,
    listTitle: texts.t('integrations:deliveries.title'),
  })
}

/** `GET /integrations/deliveries.csv`: the filtered deliveries to all endpoints. */
export async function download(request: Request, response: Response, person: Person): Promise<void> {
  await sendDeliveries(request, response, person, null)
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
