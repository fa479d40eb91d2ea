import type { Request, Response } from 'express'
import { audit } from '../events/audit'
import { now } from '../platform/clock'
import type { Person } from '../people/person'
import { Deliveries } from '../webhooks/delivery'
import { chosenDeliveries } from '../webhooks/delivery-choice'
import { countWaiting, lastRecovery, type Recovery } from '../webhooks/recovery'
import { startRecovery } from '../webhooks/start-recovery'
import { setFlash } from '../web/flash'
import { permissionsOf } from '../web/guard'
import { pressOf } from '../web/occasion'
import { textsOf, type Texts } from '../web/texts'
import { choiceOf, parametersOfFilter, readFilter, type AttemptFilter } from './attempt-filter'
import { deliveryList, sendDeliveries } from './delivery-list'
import { loaded, renderTab } from './endpoint-page'
import { replayView } from './replay-view'
import { hrefOf } from './texts'
import { timesOf } from './times'

/** `GET /integrations/endpoints/:endpoint`: the deliveries to the endpoint, and the replay of what is filtered. */
export async function index(request: Request, response: Response): Promise<void> {
  const endpoint = loaded(response)
  const texts = textsOf(response)
  const times = timesOf(request, texts)
  const [{ filter, total, view }, recovery] = await Promise.all([
    deliveryList(request, endpoint, texts, times),
    lastRecovery(endpoint._id),
  ])
  const waiting = recovery ? await countWaiting(recovery) : 0
  const canChange = permissionsOf(request.user).endpoints
  await renderTab(request, response, 'attempts', {
    scripts: ['/js/attempts.js', '/js/replay-progress.js'],
    ...view,
    replay: canChange && total > 0 ? replayButton(filter, total, hrefOf(endpoint), texts) : null,
    running: recovery && isRecent(recovery, waiting) ? replayView(recovery, waiting, texts, times) : null,
    fields: Object.entries({ state: filter.state, ...parametersOfFilter(filter, endpoint) }),
  })
}

/** A replay is shown while it runs, and until its end is an hour ago. */
function isRecent({ endedAt }: Recovery, waiting: number): boolean {
  return waiting > 0 || !endedAt || now().getTime() - endedAt.getTime() < 3_600_000
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
  const { choice: chosen } = await choiceOf(filter, id)
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

/** `GET …/attempts.csv`: the filtered deliveries to the endpoint. */
export async function download(request: Request, response: Response, person: Person): Promise<void> {
  await sendDeliveries(request, response, person, loaded(response))
}
