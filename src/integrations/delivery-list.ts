import type { Request, Response } from 'express'
import { Types } from 'mongoose'
import { audit } from '../events/audit'
import type { Person } from '../people/person'
import { Deliveries, deliveryStates, type Delivery } from '../webhooks/delivery'
import { chosenDeliveries, type DeliveryChoice } from '../webhooks/delivery-choice'
import type { DeliveryStats } from '../webhooks/delivery-stats'
import { Endpoints, type Endpoint } from '../webhooks/endpoint'
import { messageTypes } from '../webhooks/message-types'
import { portionsOf, sendCsv } from '../web/csv'
import { permissionsOf } from '../web/guard'
import { pageLinks, readCountedPage, type At } from '../web/keyset'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'
import {
  choiceOf,
  maxPeople,
  parametersOfFilter,
  queryOf,
  readFilter,
  type AttemptFilter,
} from './attempt-filter'
import { attemptRow, detailOf, peopleOf } from './attempt-rows'
import { deliveryView } from './delivery-view'
import { attemptText, hrefOf } from './texts'
import { timesOf, type Times } from './times'

const pageSize = 20
/** Newest first, as the address of a page counts. */
const order = { createdAt: -1, _id: -1 } as const

const deliveriesPath = '/integrations/deliveries'

/** Returns the address of a list of deliveries with these filters: those to one endpoint, or to all of them. */
export function listHref(
  endpoint: Endpoint | null,
  parameters: Record<string, string>,
  file: '' | '.csv' = '',
): string {
  const path = endpoint ? hrefOf(endpoint) + (file && '/attempts') : deliveriesPath
  const query = String(new URLSearchParams(parameters))
  return path + file + (query && `?${query}`)
}

/** Returns the address of the deliveries that the statistics of an endpoint count as delivered. */
export const deliveredHref = (endpoint: Endpoint, { from }: Pick<DeliveryStats, 'from'>): string =>
  listHref(endpoint, { state: 'delivered', from })

/**
 * Reads a page of deliveries, filtered as in the address, newest first, with one of them at the side: the one that
 * `open` names, or the first that has failed.
 *
 * @param endpoint whose list it is; null for that of all endpoints.
 * @returns `view`, the ready-to-print values of the list.
 */
export async function deliveryList(request: Request, endpoint: Endpoint | null, texts: Texts, times: Times) {
  const filter = readFilter(queryOf(request), endpoint)
  const { choice, hasMorePeople } = await choiceOf(filter, times.id)
  const { after, before, open } = parametersOf(request)
  const whose = endpointIn(filter, endpoint)
  const counting = countByState(whose, choice)
  const [page, counts, endpoints] = await Promise.all([
    readCountedPage<Delivery>(
      Deliveries,
      chosenDeliveries(whose, choice),
      order,
      { after, before },
      pageSize,
      counting.then(counts => counts[filter.state]),
    ),
    counting,
    endpoint ? [] : Endpoints.find({}, { name: 1, removedAt: 1 }),
  ])
  const { rows: deliveries, first, total } = page
  const chosen = (open && (await openedOf(open, endpoint))) || firstToRead(deliveries)
  const [people, detail] = await Promise.all([peopleOf(deliveries), chosen && detailOf(chosen)])
  const parameters = parametersOfFilter(filter, endpoint)
  const href = (more: Record<string, string> = {}) => listHref(endpoint, { ...parameters, ...more })
  const at: At = { ...(after !== undefined && { after }), ...(after === undefined && before && { before }) }
  const isFiltered = Object.keys(parameters).length > 0
  const names = new Map(endpoints.map(({ _id, name }) => [String(_id), name]))
  const { t, number } = texts
  const view = {
    filters: filtersView(filter, { counts, endpoints, action: listHref(endpoint, {}) }, texts),
    clearHref: isFiltered ? listHref(endpoint, {}) : null,
    csvHref: listHref(endpoint, parameters, '.csv'),
    partly: hasMorePeople ? t('integrations:attempts.partly', { maximum: number(maxPeople) }) : null,
    rows: deliveries.map(delivery => ({
      ...attemptRow(delivery, people.get(String(delivery.person)), texts, times),
      endpoint: names.get(String(delivery.endpoint)) ?? '',
      href: `${href({ ...at, open: delivery._id })}#delivery`,
      pageHref: `${deliveriesPath}/${delivery._id}`,
      isChosen: delivery._id === chosen?._id,
    })),
    none: t(isFiltered ? 'integrations:attempts.noneMatch' : 'integrations:attempts.none'),
    side: detail && deliveryView(detail, permissionsOf(request.user).endpoints, texts, times),
    pages: {
      text: t('integrations:deliveries.shown', {
        from: first,
        to: first + deliveries.length - 1,
        all: total,
      }),
      notes: [{ text: times.zone }],
      ...pageLinks(page, at => href(at)),
    },
  }
  return { filter, total, view }
}

const endpointIn = ({ endpoint: id }: AttemptFilter, endpoint: Endpoint | null) =>
  endpoint?._id ?? (id ? new Types.ObjectId(id) : null)

/** The first delivery of a page that waits to be understood. */
function firstToRead(deliveries: Delivery[]): Delivery | undefined {
  return (
    deliveries.find(({ state, failures }) => state === 'failed' || (state === 'pending' && failures > 0)) ??
    deliveries[0]
  )
}

function openedOf(_id: string, endpoint: Endpoint | null): Promise<Delivery | null> {
  return Deliveries.findOne({ _id, ...(endpoint && { endpoint: endpoint._id }) }).exec()
}

type StateCounts = Record<AttemptFilter['state'], number>

/** Counts the deliveries in each state that the other filters choose. */
export async function countByState(
  endpoint: Types.ObjectId | null,
  choice: DeliveryChoice,
): Promise<StateCounts> {
  const count = (state: DeliveryChoice['state']) =>
    Deliveries.count(chosenDeliveries(endpoint, { ...choice, state }))
  const counted = await Promise.all(
    ([...deliveryStates, 'retrying'] as const).map(async state => [state, await count(state)] as const),
  )
  const counts = Object.fromEntries(counted) as Record<(typeof counted)[number][0], number>
  const open = counts.pending + counts.sending + counts.held + counts.failed
  return { ...counts, open, all: open + counts.delivered + counts.cancelled }
}

type Choices = {
  counts: StateCounts
  endpoints: Pick<Endpoint, '_id' | 'name' | 'removedAt'>[]
  action: string
}

function filtersView(filter: AttemptFilter, { counts, endpoints, action }: Choices, { t, number }: Texts) {
  const states: AttemptFilter['state'][] = [
    ...(['all', 'open', 'retrying', 'pending', 'sending'] as const),
    ...(['held', 'failed', 'delivered', 'cancelled'] as const),
  ]
  const isChosen = ({ _id }: Pick<Endpoint, '_id'>) => String(_id) === filter.endpoint
  const current = endpoints.filter(each => !each.removedAt || isChosen(each))
  return {
    action,
    q: filter.q,
    from: filter.from,
    to: filter.to,
    hasDays: filter.from !== '' || filter.to !== '',
    states: states
      .filter(state => counts[state] > 0 || state === filter.state || state === 'all')
      .map(state => ({
        value: state,
        text: t('integrations:attempts.stateCount', {
          state: t(`integrations:attemptState.${state}`),
          number: number(counts[state]),
        }),
        isSelected: state === filter.state,
      })),
    types: messageTypes
      .filter(type => type !== 'webhook.test')
      .map(type => ({ value: type, text: type, isSelected: type === filter.type })),
    /** A choice of which there is one changes nothing. */
    endpoints:
      current.length > 1 || filter.endpoint
        ? current.map(each => ({ value: String(each._id), text: each.name, isSelected: isChosen(each) }))
        : [],
  }
}

/** Sends the filtered deliveries as CSV, in batches; text that looks like a formula is escaped. */
export async function sendDeliveries(
  request: Request,
  response: Response,
  person: Person,
  endpoint: Endpoint | null,
): Promise<void> {
  const texts = textsOf(response)
  const filter = readFilter(queryOf(request), endpoint)
  const { choice } = await choiceOf(filter, timesOf(request, texts).id)
  const query = chosenDeliveries(endpointIn(filter, endpoint), choice)
  const detail = { ...(endpoint && { name: endpoint.name }), ...filter, q: filter.q && '…' }
  const subject = endpoint ? String(endpoint._id) : 'academy'
  await audit({ actor: person._id, action: 'deliveries.exported', subject, detail })
  const endpoints = endpoint ? [endpoint] : await Endpoints.find({}, { name: 1 })
  const names = new Map(endpoints.map(({ _id, name }) => [String(_id), name]))
  const portions = async function* () {
    const found = portionsOf<Delivery>(beyond => Deliveries.find({ $and: [query, beyond] }), order)
    for await (const rows of found) {
      const people = await peopleOf(rows)
      yield rows.map(row => ({
        ...csvRow(row, people.get(String(row.person)), texts),
        endpoint: names.get(String(row.endpoint)),
      }))
    }
  }
  const columns = csvColumns.map(key => ({ key, header: texts.t(`integrations:csv.${key}`) }))
  await sendCsv(response, 'deliveries.csv', columns, portions())
}

const csvColumns = [
  ...['id', 'event', 'person', 'state', 'attempts'],
  ...['queuedAt', 'lastAttemptAt', 'answer', 'nextAt', 'deliveredAt', 'endpoint'],
]

function csvRow(delivery: Delivery, person: Person | undefined, texts: Texts) {
  const { attemptLog, createdAt, dueAt, deliveredAt, message, type } = delivery
  const attempt = attemptLog.at(-1)
  const { person: name, state } = attemptRow(delivery, person, texts, null)
  return {
    ...{ id: message, event: type, person: name, state: state.text, attempts: attemptLog.length },
    queuedAt: createdAt.toISOString(),
    lastAttemptAt: attempt?.at.toISOString(),
    answer: attempt && attemptText(attempt, 'short', texts),
    nextAt: dueAt?.toISOString(),
    deliveredAt: deliveredAt?.toISOString(),
  }
}
