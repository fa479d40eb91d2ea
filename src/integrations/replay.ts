import type { Request, Response } from 'express'
import { z } from 'zod'
import { now } from '../platform/clock'
import { Deliveries } from '../webhooks/delivery'
import { chosenDeliveries } from '../webhooks/delivery-choice'
import { countWaiting, lastRecovery, recoveryModes } from '../webhooks/recovery'
import { startRecovery } from '../webhooks/start-recovery'
import { stopRecovery } from '../webhooks/stop-recovery'
import type { Person } from '../people/person'
import { readForm, type Form } from '../web/form'
import { pressOf } from '../web/occasion'
import { textsOf, type Texts } from '../web/texts'
import { choiceOf, parametersOfFilter, queryOf, readFilter, type AttemptFilter } from './attempt-filter'
import { auditEndpoint, flashAndRedirect } from './endpoint-actions'
import { loaded, renderTab } from './endpoint-page'
import { recoveryFields } from './endpoints-view'
import { replayView } from './replay-view'
import { hrefOf } from './texts'
import { timesOf } from './times'

/** `GET …/replay`: the latest replay, and the start of one, of what the filters in the address choose or of a range. */
export async function show(request: Request, response: Response): Promise<void> {
  await showReplay(request, response)
}

/** Reads the value of `<input type="datetime-local">` as UTC. */
const dateTimeField = (key: string) =>
  z.iso.datetime({ local: true, error: key }).transform(value => new Date(`${value}Z`))

const recoveryForm = z
  .object({
    since: dateTimeField('integrations:errors.since'),
    until: z.preprocess(value => value || undefined, dateTimeField('integrations:errors.until').optional()),
    mode: z.enum(recoveryModes, { error: 'web:errors.chooseOne' }),
  })
  .refine(({ since, until }) => !until || until >= since, {
    error: 'integrations:errors.until',
    path: ['until'],
  })

/** `POST …/recovery`: starts a replay of a time range; the page shows its progress. */
export async function recover(request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  const { data, form } = readForm(recoveryForm, request, response)
  if (form) return showReplay(request, response.status(422), form)
  const { since, until = now(), mode } = data
  const submission = pressOf(request, person)
  if (await startRecovery(endpoint, { since, until, mode, submission }))
    await auditEndpoint(person, endpoint, 'recovery.started', { since, until, mode })
  flashAndRedirect(response, 'replayStarted', {}, `${hrefOf(endpoint)}/replay`)
}

/** `POST …/recovery/stop` */
export async function stop(_request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  await stopRecovery(endpoint._id)
  await auditEndpoint(person, endpoint, 'recovery.stopped')
  flashAndRedirect(response, 'replayStopped', {}, `${hrefOf(endpoint)}/replay`)
}

async function showReplay(request: Request, response: Response, form?: Form): Promise<void> {
  const endpoint = loaded(response)
  const texts = textsOf(response)
  const times = timesOf(request, texts)
  const typed = queryOf(request)
  const filter = typed.state === undefined ? null : readFilter(typed, endpoint)
  const recovery = await lastRecovery(endpoint._id)
  const waiting = recovery ? await countWaiting(recovery) : 0
  await renderTab(request, response, 'replay', {
    scripts: ['/js/replay-progress.js'],
    running: recovery && replayView(recovery, waiting, texts, times),
    chosen: filter && (await chosenView(response, filter, times.id, texts)),
    recoveryFields: recoveryFields(endpoint, texts),
    ...(form && { form }),
  })
}

/** What a replay of the filtered deliveries would do: how many there are, how many arrived, how long it takes. */
async function chosenView(response: Response, filter: AttemptFilter, timeZone: string, texts: Texts) {
  const endpoint = loaded(response)
  const { choice } = await choiceOf(filter, timeZone)
  const [total, delivered] = await Promise.all([
    Deliveries.count(chosenDeliveries(endpoint._id, choice)),
    choice.state === null || choice.state === 'delivered'
      ? Deliveries.count(chosenDeliveries(endpoint._id, { ...choice, state: 'delivered' }))
      : 0,
  ])
  const { t, number, minutes } = texts
  const duration = minutes(Math.max(1, Math.ceil(total / endpoint.perSecond / 60)))
  return {
    text: t('integrations:replay.chosen', { count: total, number: number(total) }),
    delivered: delivered
      ? t('integrations:replay.chosenDelivered', { count: delivered, number: number(delivered) })
      : '',
    effect: t('integrations:replay.chosenEffect', { duration, perSecond: endpoint.perSecond }),
    button: total ? t('integrations:attempts.replayAll', { count: total, number: number(total) }) : null,
    fields: Object.entries({ state: filter.state, ...parametersOfFilter(filter, endpoint) }),
    backHref: `${hrefOf(endpoint)}?${new URLSearchParams(parametersOfFilter(filter, endpoint))}`,
  }
}
