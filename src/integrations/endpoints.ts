import type { Request, RequestHandler, Response } from 'express'
import { Types } from 'mongoose'
import { z } from 'zod'
import { config } from '../platform/config'
import { now } from '../platform/clock'
import { notFound } from '../platform/errors'
import { audit } from '../events/audit'
import { addEndpoint } from '../webhooks/add-endpoint'
import { subscribable, type MessageType } from '../webhooks/message-types'
import { changeEndpoint } from '../webhooks/change-endpoint'
import { Endpoints, currentEndpoints, type Endpoint } from '../webhooks/endpoint'
import { deliveryStatsOf } from '../webhooks/delivery-stats'
import { BlockedAddress, endpointUrl } from '../webhooks/guard-address'
import { pauseEndpoint } from '../webhooks/pause-endpoint'
import { lastRecovery, recoveryModes } from '../webhooks/recovery'
import { removeEndpoint } from '../webhooks/remove-endpoint'
import { resumeEndpoint } from '../webhooks/resume-endpoint'
import { rotateSecret } from '../webhooks/rotate-secret'
import { sendTest } from '../webhooks/send-test'
import { revealSecret } from '../webhooks/reveal-secret'
import { setFlash } from '../web/flash'
import { startRecovery } from '../webhooks/start-recovery'
import { stopRecovery } from '../webhooks/stop-recovery'
import { field, lineField, readForm, type Form } from '../web/form'

/** Puts the receiver of the address into `response.locals.endpoint`, or answers 404. */
export const load: RequestHandler<{ endpoint: string }> = async (request, response, next) => {
  const { endpoint } = request.params
  const found =
    Types.ObjectId.isValid(endpoint) &&
    (await Endpoints.findOne({ _id: endpoint, removedAt: null }).lean<Endpoint>())
  if (!found) throw notFound()
  response.locals.endpoint = found
  next()
}

/** `GET /integrations/endpoints` */
export async function index(_request: Request, response: Response): Promise<void> {
  const receivers = await currentEndpoints()
  const figures = await Promise.all(receivers.map(({ _id }) => deliveryStatsOf(_id)))
  page(response, 'integrations/endpoints', 'integrations:endpoints.title', {
    receivers: receivers.map((receiver, n) => ({ ...receiver, figures: figures[n]! })),
  })
}

/** `GET /integrations/endpoints/new` */
export function add(_request: Request, response: Response): void {
  page(response, 'integrations/endpoint-new', 'integrations:newEndpoint.title', { types: subscribable })
}

/** `POST /integrations/endpoints` */
export async function create(request: Request, response: Response): Promise<void> {
  const { data, form } = readEndpoint(request, response)
  if (form) {
    return page(response.status(422), 'integrations/endpoint-new', 'integrations:newEndpoint.title', {
      types: subscribable,
      form,
    })
  }
  const endpoint = await addEndpoint(data)
  await setTestFlash(request, endpoint, 'endpoint.added', { url: endpoint.url, types: endpoint.types })
  response.redirect(303, `/integrations/endpoints/${endpoint._id}/secret`)
}

/** `GET /integrations/endpoints/:endpoint/secret`: once after it was made. */
export async function secret(_request: Request, response: Response): Promise<void> {
  const receiver = response.locals.endpoint as Endpoint
  response.set('cache-control', 'no-store')
  page(response, 'integrations/endpoint-secret', 'integrations:secret.title', {
    receiver,
    secret: await revealSecret(receiver._id),
    overlapping: receiver.secrets.length > 1,
  })
}

/** `GET /integrations/endpoints/:endpoint` */
export async function show(_request: Request, response: Response): Promise<void> {
  await showEndpoint(response)
}

/** `POST /integrations/endpoints/:endpoint` */
export async function update(request: Request, response: Response): Promise<void> {
  const receiver = response.locals.endpoint as Endpoint
  const { data, form } = readEndpoint(request, response)
  if (form) return showEndpoint(response.status(422), form)
  await changeEndpoint(receiver._id, data)
  await setTestFlash(request, receiver, 'endpoint.changed', { url: data.url, types: data.types })
  setDoneFlash(request, response, 'changed')
}

/** `POST …/rotation` with `atOnce` when the secret has leaked. */
export async function rotate(request: Request, response: Response): Promise<void> {
  const receiver = response.locals.endpoint as Endpoint
  const atOnce = request.body?.atOnce === 'on'
  await rotateSecret(receiver, atOnce)
  await setTestFlash(request, receiver, 'secret.rotated', { atOnce })
  response.redirect(303, `/integrations/endpoints/${receiver._id}/secret`)
}

/** `POST …/pause` */
export async function pause(request: Request, response: Response): Promise<void> {
  const receiver = response.locals.endpoint as Endpoint
  await pauseEndpoint(receiver._id)
  await setTestFlash(request, receiver, 'endpoint.paused')
  setDoneFlash(request, response, 'paused')
}

/** `POST …/resumption` */
export async function resume(request: Request, response: Response): Promise<void> {
  const receiver = response.locals.endpoint as Endpoint
  const count = await resumeEndpoint(receiver._id)
  await setTestFlash(request, receiver, 'endpoint.resumed', { held: count })
  setDoneFlash(request, response, 'resumed', { count })
}

/** `POST …/test` */
export async function test(request: Request, response: Response): Promise<void> {
  const receiver = response.locals.endpoint as Endpoint
  const answer = await sendTest(receiver, request.user!.name)
  await setTestFlash(request, receiver, 'endpoint.tested', { status: answer.status, error: answer.error })
  response.redirect(303, `/integrations/endpoints/${receiver._id}#test`)
}

/** What `<input type="datetime-local">` sends, read as UTC. */
const moment = (key: string) =>
  z.iso.datetime({ local: true, error: key }).transform(value => new Date(`${value}Z`))

const recovery = z
  .object({
    since: moment('integrations:errors.since'),
    until: z.preprocess(value => value || undefined, moment('integrations:errors.until').optional()),
    which: z.enum(recoveryModes, { error: 'web:errors.chooseOne' }),
  })
  .refine(({ since, until }) => !until || until >= since, {
    error: 'integrations:errors.until',
    path: ['until'],
  })

/** `POST …/recovery`: begins to send again; the page shows how far it is. */
export async function recover(request: Request, response: Response): Promise<void> {
  const receiver = response.locals.endpoint as Endpoint
  const { data, form } = readForm(recovery, request, response)
  if (form) return showEndpoint(response.status(422), form)
  const { since, until = now(), which } = data
  await startRecovery(receiver, { since, until, which })
  await setTestFlash(request, receiver, 'recovery.started', { since, until, which })
  setDoneFlash(request, response, 'replayStarted')
}

/** `POST …/recovery/stop` */
export async function stopRecovering(request: Request, response: Response): Promise<void> {
  const receiver = response.locals.endpoint as Endpoint
  await stopRecovery(receiver._id)
  await setTestFlash(request, receiver, 'recovery.stopped')
  setDoneFlash(request, response, 'replayStopped')
}

/** `GET …/removal` */
export function askRemoval(_request: Request, response: Response): void {
  const receiver = response.locals.endpoint as Endpoint
  page(response, 'integrations/endpoint-removal', 'integrations:removal.title', { receiver })
}

/** `POST …/removal` */
export async function remove(request: Request, response: Response): Promise<void> {
  const receiver = response.locals.endpoint as Endpoint
  await removeEndpoint(receiver._id)
  await setTestFlash(request, receiver, 'endpoint.removed')
  setFlash(response, flash(response, receiver, 'removed'))
  response.redirect(303, '/integrations/endpoints')
}

const endpointForm = z.object({
  name: lineField('integrations:errors.name', 60),
  url: field('integrations:errors.url', 500).superRefine((url, context) => {
    const message = whyBlocked(url)
    if (message) context.addIssue({ code: 'custom', message })
  }),
  types: z.preprocess(
    value => (value === undefined ? [] : [value].flat()),
    z.custom<MessageType[]>(isChoice, { error: 'integrations:errors.events' }),
  ),
  perSecond: z.coerce
    .number({ error: 'integrations:errors.perSecond' })
    .int({ error: 'integrations:errors.perSecond' })
    .min(1, { error: 'integrations:errors.perSecond' })
    .max(50, { error: 'integrations:errors.perSecond' })
    .default(5),
})

function isChoice(value: unknown): value is MessageType[] {
  const known: readonly unknown[] = subscribable
  return Array.isArray(value) && value.length > 0 && value.every(type => known.includes(type))
}

function whyBlocked(url: string): string | null {
  try {
    endpointUrl(url)
    return null
  } catch (reason) {
    if (!(reason instanceof BlockedAddress)) throw reason
    return `integrations:blockedUrl.${reason.why}`
  }
}

function readEndpoint(request: Request, response: Response) {
  return readForm(endpointForm, request, response)
}

async function showEndpoint(response: Response, form?: Form): Promise<void> {
  const receiver = response.locals.endpoint as Endpoint
  page(response, 'integrations/endpoint', receiver.name, {
    receiver,
    figures: await deliveryStatsOf(receiver._id),
    recovery: await lastRecovery(receiver._id),
    recoverable: recoveryModes,
    types: subscribable,
    inbox: `${config.baseUrl}/api/crm/outcomes`,
    ...(form && { form }),
  })
}

function page(response: Response, view: string, title: string, values: Record<string, unknown>): void {
  const head = { title: title.startsWith('integrations:') ? response.locals.t(title) : title }
  response.render(view, { layout: 'workspace', nav: 'receivers', head, ...values })
}

async function setTestFlash(
  request: Request,
  receiver: Endpoint,
  deed: string,
  detail: Record<string, unknown> = {},
): Promise<void> {
  const by = request.user!._id
  await audit({
    actor: by,
    action: deed,
    subject: String(receiver._id),
    detail: { name: receiver.name, ...detail },
  })
}

function setDoneFlash(
  request: Request,
  response: Response,
  key: string,
  values: Record<string, unknown> = {},
): void {
  const receiver = response.locals.endpoint as Endpoint
  setFlash(response, flash(response, receiver, key, values))
  response.redirect(303, `/integrations/endpoints/${receiver._id}`)
}

function flash(response: Response, { name }: Endpoint, key: string, values: Record<string, unknown> = {}) {
  const { t } = response.locals
  return {
    kind: 'done' as const,
    bold: t(`integrations:flash.${key}`, { name, ...values }),
    text: t(`integrations:flash.${key}Text`, { name, ...values }),
  }
}
