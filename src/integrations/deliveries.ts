import type { Request, RequestHandler, Response } from 'express'
import { Types, type QueryFilter } from 'mongoose'
import { now } from '../platform/clock'
import { notFound } from '../platform/errors'
import { audit } from '../events/audit'
import { Alerts, causeOf, type Alert } from '../webhooks/alert'
import { cancelDelivery } from '../webhooks/cancel-delivery'
import { Deliveries, deliveryStates, type Delivery, type DeliveryState } from '../webhooks/delivery'
import { Endpoints, currentEndpoints, liveSecrets, type Endpoint } from '../webhooks/endpoint'
import { deliveryStatsOf } from '../webhooks/delivery-stats'
import { Messages, withoutTokens, type Message } from '../webhooks/message'
import { resendDelivery } from '../webhooks/resend-delivery'
import { sign, type SignedHeaders } from '../webhooks/sign'
import { People, type Person } from '../people/person'
import { parametersOf } from '../web/parameters'
import { deliveryIcons } from '../web/delivery-icons'
import { setFlash } from '../web/flash'

const pageSize = 20

/** Puts the delivery of the address into `response.locals.delivery`, or answers 404. */
export const load: RequestHandler<{ delivery: string }> = async (request, response, next) => {
  const delivery = await Deliveries.findById(request.params.delivery).lean<Delivery>()
  if (!delivery) throw notFound()
  response.locals.delivery = delivery
  next()
}

/** `GET /integrations/deliveries`: by state and receiver, newest first; the first that has a problem at the side. */
export async function index(request: Request, response: Response): Promise<void> {
  const { state, receiver, before, from } = parametersOf(request)
  const filter: QueryFilter<Delivery> = {}
  const chosenState = deliveryStates.find(each => each === state)
  if (chosenState) filter.state = chosenState
  if (receiver && Types.ObjectId.isValid(receiver)) filter.endpoint = new Types.ObjectId(receiver)
  const [receivers, counts, deliveries] = await Promise.all([
    currentEndpoints(),
    countByState(),
    Deliveries.find({ ...filter, ...olderThan(before) })
      .sort({ createdAt: -1, _id: -1 })
      .limit(pageSize + 1)
      .lean<Delivery[]>(),
  ])
  const shown = deliveries.slice(0, pageSize)
  const chosen = shown.find(({ state }) => state === 'pending' || state === 'failed') ?? shown[0]
  const [figures, troubles] = await Promise.all([
    Promise.all(receivers.map(({ _id }) => deliveryStatsOf(_id))),
    Promise.all(receivers.filter(isInTrouble).map(troubleOf)),
  ])
  const here = (more: Record<string, string>) =>
    `/integrations/deliveries?${new URLSearchParams({ ...(chosenState && { state: chosenState }), ...(receiver && { receiver }), ...more })}`
  const last = shown.at(-1)
  const first = Number(from) > 0 ? Math.floor(Number(from)) : 1
  response.render('integrations/deliveries', {
    layout: 'workspace',
    nav: 'deliveries',
    head: { title: response.locals.t('integrations:deliveries.title') },
    scripts: ['/js/deliveries.js'],
    receivers: receivers.map((each, n) => ({ ...each, figures: figures[n]! })),
    troubles: troubles.filter(Boolean),
    marks: deliveryIcons,
    states: counts,
    state: chosenState ?? '',
    receiver: receiver ?? '',
    deliveries: shown,
    names: await namesOf(shown),
    endpointNames: await endpointNamesOf(shown),
    now: now(),
    side: chosen && (await detailOf(chosen)),
    pages: {
      text: response.locals.t('integrations:deliveries.shown', {
        from: first,
        to: first + shown.length - 1,
        all: filter.endpoint ? await Deliveries.countDocuments(filter) : counts[chosenState ?? 'all'],
      }),
      newer: before ? here({}) : null,
      older:
        deliveries.length > pageSize && last
          ? here({
              before: `${last.createdAt.toISOString()}_${last._id}`,
              from: String(first + shown.length),
            })
          : null,
    },
  })
}

/** `GET /integrations/deliveries/:delivery` */
export async function show(_request: Request, response: Response): Promise<void> {
  const side = await detailOf(response.locals.delivery as Delivery)
  response.render('integrations/delivery', {
    layout: 'workspace',
    nav: 'deliveries',
    head: {
      title: response.locals.t('integrations:delivery.title', { name: side.about ?? '', to: side.to }),
    },
    now: now(),
    marks: deliveryIcons,
    side,
  })
}

/** `GET …/body`: what is sent, but for what lets its owner answer. */
export async function body(_request: Request, response: Response): Promise<void> {
  const side = await detailOf(response.locals.delivery as Delivery)
  if (!side.body) throw notFound()
  response.set('cache-control', 'no-store').type('json').send(side.body)
}

/** `POST …/try`: again, now. */
export async function sendNow(request: Request, response: Response): Promise<void> {
  await resendDelivery(response.locals.delivery as Delivery)
  await done(request, response, 'resent', 'delivery.resent')
}

/** `POST …/cancellation` */
export async function cancel(request: Request, response: Response): Promise<void> {
  await cancelDelivery(response.locals.delivery as Delivery)
  await done(request, response, 'cancelled', 'delivery.cancelled')
}

async function done(request: Request, response: Response, key: string, deed: string): Promise<void> {
  const { _id } = response.locals.delivery as Delivery
  await audit({ actor: request.user!._id, action: deed, subject: _id })
  setFlash(response, { kind: 'done', bold: response.locals.t(`integrations:flash.${key}`) })
  response.redirect(303, `/integrations/deliveries/${_id}`)
}

async function countByState(): Promise<Record<DeliveryState | 'all', number>> {
  const counts = await Promise.all(deliveryStates.map(state => Deliveries.countDocuments({ state })))
  const all = counts.reduce((sum, count) => sum + count, 0)
  return {
    ...(Object.fromEntries(deliveryStates.map((state, n) => [state, counts[n]!])) as Record<
      DeliveryState,
      number
    >),
    all,
  }
}

/** The page after a delivery, named by the moment it was queued and its id. */
function olderThan(before: string | undefined): QueryFilter<Delivery> {
  const [moment, ...rest] = (before ?? '').split('_')
  const createdAt = new Date(moment ?? '')
  if (Number.isNaN(createdAt.getTime())) return {}
  return { $or: [{ createdAt: { $lt: createdAt } }, { createdAt, _id: { $lt: rest.join('_') } }] }
}

/** Names by delivery, where they may be read. */
async function namesOf(deliveries: Delivery[]): Promise<Map<string, string>> {
  const ids = deliveries.flatMap(({ person }) => (person ? [person] : []))
  const people = await People.find({ _id: { $in: ids }, erasedAt: null }).lean<Person[]>()
  const byId = new Map(people.map(person => [String(person._id), person]))
  const named = deliveries.flatMap(delivery => {
    const known = byId.get(String(delivery.person))
    return known && mayBeRead(delivery, known) ? [[delivery._id, known.name] as const] : []
  })
  return new Map(named)
}

async function endpointNamesOf(deliveries: Delivery[]): Promise<Map<string, string>> {
  const ids = deliveries.map(({ endpoint }) => endpoint)
  const endpoints = await Endpoints.find({ _id: { $in: ids } }, { name: 1 }).lean<Endpoint[]>()
  return new Map(endpoints.map(endpoint => [String(endpoint._id), endpoint.name]))
}

/**
 * A delivery with all that its page shows. What somebody no longer shares, sales no longer reads here either: name and text are
 * left out.
 */
async function detailOf(delivery: Delivery) {
  const [endpoint, message, person] = await Promise.all([
    Endpoints.findById(delivery.endpoint).lean<Endpoint>(),
    Messages.findById(delivery.message).lean<Message>(),
    delivery.person && People.findById(delivery.person).lean<Person>(),
  ])
  const isReadable = person !== null && mayBeRead(delivery, person)
  const text = isReadable ? (message?.body ?? null) : null
  const secrets = endpoint ? liveSecrets(endpoint) : []
  return {
    delivery,
    receiver: endpoint,
    to: endpoint?.name ?? '',
    about: isReadable ? person.name : null,
    isSendable: Boolean(message?.body) && endpoint !== null && !endpoint.removedAt,
    body: text && withoutTokens(text),
    headers: text && secrets.length ? headerLines(sign(delivery.message, text, secrets)) : '',
  }
}

/**
 * True while sales may read what was told of somebody: an order is business, a contact request a request; all else needs that they
 * share with sales now, even the note that they do so no longer.
 */
function mayBeRead({ type }: Delivery, person: Person): boolean {
  if (person.erasedAt) return false
  if (type.startsWith('order.')) return true
  if (type === 'lead.contact_requested') return !person.sharingPausedAt
  return person.consents.includes('share_with_sales')
}

/** The headers as they would be sent now; of the signature only the beginning. */
function headerLines(headers: SignedHeaders): string {
  return Object.entries(headers)
    .map(
      ([name, value]: [string, string]) =>
        `${name}: ${value.length > 40 ? `${value.slice(0, 24)}…` : value}\n`,
    )
    .join('')
}

function isInTrouble(endpoint: Endpoint): boolean {
  return endpoint.failingSince !== null || endpoint.state.startsWith('disabled')
}

/** What to warn of: a receiver in trouble for which an alert was raised, and when it is tried next. */
async function troubleOf(endpoint: Endpoint) {
  const since = endpoint.failingSince
  const alert = await Alerts.findOne({ endpoint: endpoint._id, ...(since && { at: { $gte: since } }) })
    .sort({ at: -1 })
    .lean<Alert>()
  if (!alert) return null
  const next = await Deliveries.findOne({ endpoint: endpoint._id, state: 'pending' })
    .sort({ dueAt: 1 })
    .lean<Delivery>()
  const waiting = await Deliveries.countDocuments({
    endpoint: endpoint._id,
    state: { $in: ['pending', 'held', 'failed'] },
  })
  return {
    endpoint,
    since: since ?? alert.at,
    alert,
    cause: causeOf(alert),
    next: next?.dueAt ?? null,
    waiting,
  }
}
