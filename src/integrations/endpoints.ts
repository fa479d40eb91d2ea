import type { Person } from '../people/person'
import type { Request, Response } from 'express'
import { Types } from 'mongoose'
import { z } from 'zod'
import { now } from '../platform/clock'
import { notFound } from '../platform/errors'
import { audit } from '../events/audit'
import { addEndpointOnce } from '../webhooks/add-endpoint'
import { subscribable, type MessageType } from '../webhooks/message-types'
import { changeEndpoint } from '../webhooks/change-endpoint'
import { Endpoints, currentEndpoints, newestSecret, overlapEnd, type Endpoint } from '../webhooks/endpoint'
import { deliveryStatsOf } from '../webhooks/delivery-stats'
import { outcomeNames } from '../leads/apply-outcome'
import { BlockedAddress, endpointUrl } from '../platform/guard-address'
import { pauseEndpoint } from '../webhooks/pause-endpoint'
import { lastRecovery, recoveryModes } from '../webhooks/recovery'
import { removeEndpoint } from '../webhooks/remove-endpoint'
import { resumeEndpoint } from '../webhooks/resume-endpoint'
import { rotateSecret } from '../webhooks/rotate-secret'
import { sendTestOnce } from '../webhooks/send-test'
import { revealSecret } from '../webhooks/reveal-secret'
import { startRecovery } from '../webhooks/start-recovery'
import { stopRecovery } from '../webhooks/stop-recovery'
import type { Handler } from '../web/handler'
import { permissionsOf } from '../web/guard'
import { setFlash } from '../web/flash'
import { checkbox, field, lineField, optionalField, readForm, type Form } from '../web/form'
import {
  endpointFields,
  endpointRow,
  endpointsSummary,
  endpointView,
  hrefOf,
  noEndpoints,
  rotationView,
} from './endpoints-view'
import { pressOf, recordIdOf, submissionOf } from '../web/occasion'
import { textsOf } from '../web/texts'

/** Loads the endpoint named in the URL into `response.locals.endpoint`, or responds with 404. */
export const load: Handler = async (request, response) => {
  const _id = request.params.endpoint
  const endpoint = Types.ObjectId.isValid(_id) && (await Endpoints.findOne({ _id, removedAt: null }))
  if (!endpoint) throw notFound()
  response.locals.endpoint = endpoint
}

const loaded = (response: Response) => response.locals.endpoint as Endpoint

/** `GET /integrations/endpoints` */
export async function index(request: Request, response: Response): Promise<void> {
  const endpoints = await currentEndpoints()
  const stats = await Promise.all(endpoints.map(({ _id }) => deliveryStatsOf(_id)))
  const texts = textsOf(response)
  render(response, 'integrations/endpoints', texts.t('integrations:endpoints.title'), {
    summary: endpointsSummary(endpoints, texts),
    empty: noEndpoints(permissionsOf(request.user).endpoints, texts),
    rows: endpoints.map((endpoint, n) => endpointRow(endpoint, stats[n]!, texts)),
  })
}

/** `GET /integrations/endpoints/new` */
export function add(_request: Request, response: Response): void {
  showNewEndpoint(response)
}

/** `POST /integrations/endpoints` */
export async function create(request: Request, response: Response, person: Person): Promise<void> {
  const { data, form } = readForm(endpointForm, request, response)
  if (form) return showNewEndpoint(response.status(422), form)
  const { endpoint, isNew } = await addEndpointOnce(recordIdOf(submissionOf(request, person)), data)
  if (isNew) {
    await auditEndpoint(person, endpoint, 'endpoint.added', {
      url: endpoint.url,
      types: endpoint.types,
      inbound: endpoint.inbound,
    })
  }
  response.redirect(303, `${hrefOf(endpoint)}/secret`)
}

/** `GET …/secret`: shows a new secret, once. */
export async function secret(_request: Request, response: Response): Promise<void> {
  const endpoint = loaded(response)
  const { t } = textsOf(response)
  const revealed = await revealSecret(endpoint._id)
  render(response, 'integrations/endpoint-secret', t('integrations:secret.title'), {
    name: endpoint.name,
    href: hrefOf(endpoint),
    secret: revealed,
    isOverlapping: endpoint.secrets.length > 1,
  })
}

/** `GET /integrations/endpoints/:endpoint` */
export async function show(_request: Request, response: Response): Promise<void> {
  await showEndpoint(response)
}

/** `POST /integrations/endpoints/:endpoint` */
export async function update(request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  const { data, form } = readForm(endpointForm, request, response)
  if (form) return showEndpoint(response.status(422), form)
  await changeEndpoint(endpoint._id, data)
  await auditEndpoint(person, endpoint, 'endpoint.changed', {
    url: data.url,
    types: data.types,
    inbound: data.inbound,
  })
  redirectWithFlash(response, 'changed')
}

/** `GET …/rotation/new`: asks before a rotation that ends an old secret which is still in use. */
export function newRotation(_request: Request, response: Response): void {
  const endpoint = loaded(response)
  const texts = textsOf(response)
  render(response, 'integrations/endpoint-rotation', texts.t('integrations:rotation.title'), {
    ...rotationView(endpoint, texts),
  })
}

const rotationForm = z.object({ expireNow: checkbox, newest: z.string().max(50).optional().catch(undefined) })

/**
 * `POST …/rotation`, with `expireNow` when the old secret has leaked. While the secret before the newest still signs,
 * the endpoint may not have switched yet, so the page asks first; `newest` is the secret that it asked about.
 */
export async function rotate(request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  const { expireNow, newest } = rotationForm.parse(request.body)
  const submission = pressOf(request, person)
  const isPressedTwice = submission !== null && endpoint.secrets[0]?.submission === submission
  const mustAsk = !expireNow && overlapEnd(endpoint) !== null && newest !== newestSecret(endpoint)
  if (mustAsk && !isPressedTwice) return response.redirect(303, `${hrefOf(endpoint)}/rotation/new`)
  if (await rotateSecret(endpoint, { submission, expireNow }))
    await auditEndpoint(person, endpoint, 'secret.rotated', { expireNow })
  response.redirect(303, `${hrefOf(endpoint)}/secret`)
}

/** `POST …/pause` */
export async function pause(request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  await pauseEndpoint(endpoint._id)
  await auditEndpoint(person, endpoint, 'endpoint.paused')
  redirectWithFlash(response, 'paused')
}

/** `POST …/resumption` */
export async function resume(request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  const count = await resumeEndpoint(endpoint._id)
  await auditEndpoint(person, endpoint, 'endpoint.resumed', { held: count })
  redirectWithFlash(response, 'resumed', { count })
}

/** `POST …/test` */
export async function test(request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  const result = await sendTestOnce(endpoint, person.name, pressOf(request, person))
  if (result) {
    const { status, error } = result
    await auditEndpoint(person, endpoint, 'endpoint.tested', { status, error })
  }
  response.redirect(303, `${hrefOf(endpoint)}#test`)
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

/** `POST …/recovery`: starts a replay; the endpoint's page shows its progress. */
export async function recover(request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  const { data, form } = readForm(recoveryForm, request, response)
  if (form) return showEndpoint(response.status(422), form)
  const { since, until = now(), mode } = data
  const submission = pressOf(request, person)
  if (await startRecovery(endpoint, { since, until, mode, submission }))
    await auditEndpoint(person, endpoint, 'recovery.started', { since, until, mode })
  redirectWithFlash(response, 'replayStarted')
}

/** `POST …/recovery/stop` */
export async function stopRecovering(request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  await stopRecovery(endpoint._id)
  await auditEndpoint(person, endpoint, 'recovery.stopped')
  redirectWithFlash(response, 'replayStopped')
}

/** `GET …/removal` */
export function askRemoval(_request: Request, response: Response): void {
  const endpoint = loaded(response)
  const { name } = endpoint
  const { t } = textsOf(response)
  render(response, 'integrations/endpoint-removal', t('integrations:removal.title'), {
    href: hrefOf(endpoint),
    title: t('integrations:removal.title', { name }),
    text: t('integrations:removal.text', { name }),
    button: t('integrations:removal.button', { name }),
  })
}

/** `POST …/removal` */
export async function remove(request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  await removeEndpoint(endpoint._id)
  await auditEndpoint(person, endpoint, 'endpoint.removed')
  redirectWithFlash(response, 'removed', {}, '/integrations/endpoints')
}

const perSecondError = { error: 'integrations:errors.perSecond' }

const endpointForm = z.object({
  name: lineField('integrations:errors.name', 60),
  url: field('integrations:errors.url', 500).superRefine((url, context) => {
    const message = blockedUrlError(url)
    if (message) context.addIssue({ code: 'custom', message })
  }),
  recordUrl: optionalField(500).refine(isRecordUrl, { error: 'integrations:errors.recordUrl' }),
  types: z.preprocess(
    value => (value === undefined ? [] : [value].flat()),
    z.custom<MessageType[]>(areSubscribable, { error: 'integrations:errors.events' }),
  ),
  inbound: z.preprocess(
    value => (value === undefined ? [] : [value].flat()),
    z.array(z.enum(outcomeNames), { error: 'integrations:errors.inbound' }),
  ),
  perSecond: z.coerce
    .number(perSecondError)
    .int(perSecondError)
    .min(1, perSecondError)
    .max(50, perSecondError)
    .default(5),
})

/** True for a web address in which the id chooses the page and not the host. */
function isRecordUrl(pattern: string | null): boolean {
  if (!pattern) return true
  const [one, other] = ['1', '2'].map(id => URL.parse(pattern.replaceAll('{crm_id}', id)))
  const isWeb = one?.protocol === 'https:' || one?.protocol === 'http:'
  return isWeb && one.origin === other?.origin && one.href !== other.href
}

function areSubscribable(value: unknown): value is MessageType[] {
  const known: readonly unknown[] = subscribable
  return Array.isArray(value) && value.length > 0 && value.every(type => known.includes(type))
}

/** Returns the translation key of what is wrong with a URL, or null. */
function blockedUrlError(url: string): string | null {
  try {
    endpointUrl(url)
    return null
  } catch (error) {
    if (!(error instanceof BlockedAddress)) throw error
    return `integrations:blockedUrl.${error.reason}`
  }
}

function showNewEndpoint(response: Response, form?: Form): void {
  const texts = textsOf(response)
  const fields = endpointFields(null, texts)
  render(response, 'integrations/endpoint-new', texts.t('integrations:newEndpoint.title'), {
    fields,
    ...(form && { form }),
  })
}

async function showEndpoint(response: Response, form?: Form): Promise<void> {
  const endpoint = loaded(response)
  const texts = textsOf(response)
  const [stats, recovery] = await Promise.all([deliveryStatsOf(endpoint._id), lastRecovery(endpoint._id)])
  render(response, 'integrations/endpoint', endpoint.name, {
    ...endpointView(endpoint, stats, recovery, texts),
    fields: endpointFields(endpoint, texts),
    inbox: `${response.locals.baseUrl}/api/crm/outcomes`,
    ...(form && { form }),
  })
}

function render(response: Response, view: string, title: string, values: Record<string, unknown>): void {
  response.render(view, { layout: 'workspace', nav: 'endpoints', head: { title }, ...values })
}

async function auditEndpoint(
  { _id: actor }: Person,
  { _id, name }: Endpoint,
  action: string,
  detail: Record<string, unknown> = {},
): Promise<void> {
  await audit({ actor, action, subject: String(_id), detail: { name, ...detail } })
}

/** Redirects to the endpoint's page, or to `href`, which shows the texts of `integrations:flash.<key>`. */
function redirectWithFlash(
  response: Response,
  key: string,
  values: Record<string, unknown> = {},
  href = hrefOf(loaded(response)),
): void {
  const { t } = textsOf(response)
  const { name } = loaded(response)
  setFlash(response, {
    kind: 'done',
    bold: t(`integrations:flash.${key}`, { name, ...values }),
    text: t(`integrations:flash.${key}Text`, { name, ...values }),
  })
  response.redirect(303, href)
}
