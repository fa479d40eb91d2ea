import type { Request, Response } from 'express'
import { audit } from '../events/audit'
import { now } from '../platform/clock'
import type { Person } from '../people/person'
import { Deliveries, deliveryStates, type Delivery } from '../webhooks/delivery'
import { chosenDeliveries, type DeliveryChoice } from '../webhooks/delivery-choice'
import { messageTypes } from '../webhooks/message-types'
import { countWaiting, lastRecovery, type Recovery } from '../webhooks/recovery'
import { startRecovery } from '../webhooks/start-recovery'
import { portionsOf, sendCsv } from '../web/csv'
import { setFlash } from '../web/flash'
import { permissionsOf } from '../web/guard'
import { pageLinks, readCountedPage, type At } from '../web/keyset'
import { pressOf } from '../web/occasion'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'
import { choiceOf, parametersOfFilter, queryOf, readFilter, type AttemptFilter } from './attempt-filter'
import { attemptRow, detailOf, peopleOf } from './attempt-rows'
import { deliveryView } from './delivery-view'
import { loaded, renderTab } from './endpoint-page'
import { replayView } from './replay-view'
import { attemptText, hrefOf } from './texts'
import { timesOf } from './times'

const pageSize = 20
/** Newest first, as the address of a page counts. */
const order = { createdAt: -1, _id: -1 } as const

/**
 * `GET /integrations/endpoints/:endpoint`: the deliveries to the endpoint, filtered, newest first, with one of them at
 * the side: the one that `open` names, or the first that has failed.
 */
export async function index(request: Request, response: Response): Promise<void> {
  const endpoint = loaded(response)
  const texts = textsOf(response)
  const times = timesOf(request, texts)
  const filter = readFilter(queryOf(request), endpoint)
  const choice = await choiceOf(filter, times.id)
  const { after, before, open } = parametersOf(request)
  const query = chosenDeliveries(endpoint._id, choice)
  const counting = countByState(endpoint._id, choice)
  const counted = counting.then(counts => counts[filter.state])
  const [page, counts, recovery] = await Promise.all([
    readCountedPage<Delivery>(Deliveries, query, order, { after, before }, pageSize, counted),
    counting,
    lastRecovery(endpoint._id),
  ])
  const { rows: deliveries, first, total } = page
  const chosen = (open && (await openedOf(open, endpoint._id))) || firstToRead(deliveries)
  const [people, detail, waiting] = await Promise.all([
    peopleOf(deliveries),
    chosen && detailOf(chosen),
    recovery ? countWaiting(recovery) : 0,
  ])
  const canChange = permissionsOf(request.user).endpoints
  const href = (more: Record<string, string> = {}) =>
    `${hrefOf(endpoint)}?${new URLSearchParams({ ...parametersOfFilter(filter, endpoint), ...more })}`
  const at: At = { ...(after !== undefined && { after }), ...(after === undefined && before && { before }) }
  const isFiltered = Object.keys(parametersOfFilter(filter, endpoint)).length > 0
  await renderTab(request, response, 'attempts', {
    scripts: ['/js/attempts.js', '/js/replay-progress.js'],
    filters: filtersView(filter, counts, texts),
    clearHref: isFiltered ? hrefOf(endpoint) : null,
    replay: canChange && total > 0 ? replayButton(filter, total, hrefOf(endpoint), texts) : null,
    running: recovery && isRecent(recovery, waiting) ? replayView(recovery, waiting, texts, times) : null,
    fields: Object.entries({ state: filter.state, ...parametersOfFilter(filter, endpoint) }),
    csvHref: `${hrefOf(endpoint)}/attempts.csv?${new URLSearchParams(parametersOfFilter(filter, endpoint))}`,
    rows: deliveries.map(delivery => ({
      ...attemptRow(delivery, people.get(String(delivery.person)), texts, times),
      href: `${href({ ...at, open: delivery._id })}#delivery`,
      pageHref: `/integrations/deliveries/${delivery._id}`,
      isChosen: delivery._id === chosen?._id,
    })),
    none: texts.t(isFiltered ? 'integrations:attempts.noneMatch' : 'integrations:attempts.none'),
    side: detail && deliveryView(detail, canChange, texts, times),
    pages: {
      text: texts.t('integrations:deliveries.shown', {
        from: first,
        to: first + deliveries.length - 1,
        all: total,
      }),
      notes: [{ text: times.zone }],
      ...pageLinks(page, at => href(at)),
    },
  })
}

/** The first delivery of a page that waits to be understood. */
function firstToRead(deliveries: Delivery[]): Delivery | undefined {
  return (
    deliveries.find(({ state, failures }) => state === 'failed' || (state === 'pending' && failures > 0)) ??
    deliveries[0]
  )
}

function openedOf(_id: string, endpoint: Delivery['endpoint']): Promise<Delivery | null> {
  return Deliveries.findOne({ _id, endpoint }).exec()
}

/** A replay is shown while it runs, and until its end is an hour ago. */
function isRecent({ endedAt }: Recovery, waiting: number): boolean {
  return waiting > 0 || !endedAt || now().getTime() - endedAt.getTime() < 3_600_000
}

type StateCounts = Record<AttemptFilter['state'], number>

/** Counts the deliveries in each state that the other filters choose. */
async function countByState(endpoint: Delivery['endpoint'], choice: DeliveryChoice): Promise<StateCounts> {
  const count = (state: DeliveryChoice['state']) =>
    Deliveries.count(chosenDeliveries(endpoint, { ...choice, state }))
  const counted = await Promise.all(
    ([...deliveryStates, 'retrying'] as const).map(async state => [state, await count(state)] as const),
  )
  const counts = Object.fromEntries(counted) as Record<(typeof counted)[number][0], number>
  const open = counts.pending + counts.sending + counts.held + counts.failed
  return { ...counts, open, all: open + counts.delivered + counts.cancelled }
}

function filtersView(filter: AttemptFilter, counts: StateCounts, { t, number }: Texts) {
  const states: AttemptFilter['state'][] = [
    ...(['all', 'open', 'retrying', 'pending', 'sending'] as const),
    ...(['held', 'failed', 'delivered', 'cancelled'] as const),
  ]
  return {
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
  }
}

/**
 * Returns the button that replays what is filtered, with its number. What includes delivered messages has a page that
 * says so first.
 */
function replayButton({ state }: AttemptFilter, total: number, href: string, { t, number }: Texts) {
  const isUndelivered = ['open', 'retrying', 'failed', 'held', 'pending'].includes(state)
  return {
    text: t('integrations:attempts.replayAll', { count: total, number: number(total) }),
    action: isUndelivered ? `${href}/replays` : `${href}/replay`,
    method: isUndelivered ? 'post' : 'get',
  }
}

/** `POST …/replays`: replays the deliveries that the filters in the form choose. */
export async function replay(request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  const texts = textsOf(response)
  const { id } = timesOf(request, texts)
  const filter = readFilter(request.body as Record<string, unknown>, endpoint)
  const chosen = await choiceOf(filter, id)
  const submission = pressOf(request, person)
  const range = { since: chosen.since ?? endpoint.createdAt, until: now() }
  const total = await Deliveries.count(chosenDeliveries(endpoint._id, chosen))
  if (await startRecovery(endpoint, { ...range, mode: 'chosen', chosen, submission })) {
    const detail = { name: endpoint.name, mode: 'chosen', count: total, ...filter, q: filter.q && '…' }
    await audit({ actor: person._id, action: 'recovery.started', subject: String(endpoint._id), detail })
  }
  setFlash(response, {
    kind: 'done',
    bold: texts.t('integrations:flash.replaying', { count: total }),
    text: texts.t('integrations:flash.replayingText'),
  })
  response.redirect(303, `${hrefOf(endpoint)}?state=all#replay`)
}

/** `GET …/attempts.csv`: the filtered deliveries, sent in batches; text that looks like a formula is escaped. */
export async function download(request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  const texts = textsOf(response)
  const filter = readFilter(queryOf(request), endpoint)
  const query = chosenDeliveries(endpoint._id, await choiceOf(filter, timesOf(request, texts).id))
  const detail = { name: endpoint.name, ...filter, q: filter.q && '…' }
  await audit({ actor: person._id, action: 'deliveries.exported', subject: String(endpoint._id), detail })
  const portions = async function* () {
    const found = portionsOf<Delivery>(beyond => Deliveries.find({ $and: [query, beyond] }), order)
    for await (const rows of found) {
      const people = await peopleOf(rows)
      yield rows.map(row => csvRow(row, people.get(String(row.person)), texts))
    }
  }
  const columns = csvColumns.map(key => ({ key, header: texts.t(`integrations:csv.${key}`) }))
  await sendCsv(response, 'deliveries.csv', columns, portions())
}

const csvColumns = [
  ...['id', 'event', 'person', 'state', 'attempts'],
  ...['queuedAt', 'lastAttemptAt', 'answer', 'nextAt', 'deliveredAt'],
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
