import type { Request, Response } from 'express'
import { Types } from 'mongoose'
import { z } from 'zod'
import { conflict, notFound } from '../platform/errors'
import { BlockedAddress, endpointUrl } from '../platform/guard-address'
import type { Person } from '../people/person'
import { outcomeNames } from '../leads/apply-outcome'
import { addEndpointOnce } from '../webhooks/add-endpoint'
import { changeEndpoint } from '../webhooks/change-endpoint'
import { deliveryStatsOf } from '../webhooks/delivery-stats'
import { Endpoints, currentEndpoints } from '../webhooks/endpoint'
import { subscribable, type MessageType } from '../webhooks/message-types'
import { pauseEndpoint } from '../webhooks/pause-endpoint'
import { removeEndpoint } from '../webhooks/remove-endpoint'
import { resumeEndpoint } from '../webhooks/resume-endpoint'
import { field, lineField, optionalField, readForm, type Form } from '../web/form'
import { permissionsOf } from '../web/guard'
import type { Handler } from '../web/handler'
import { recordIdOf, submissionOf } from '../web/occasion'
import { textsOf } from '../web/texts'
import { auditEndpoint, flashAndRedirect } from './endpoint-actions'
import { chartOf, loaded, renderTab } from './endpoint-page'
import { endpointFields, endpointRow, endpointsSummary, noEndpoints } from './endpoints-view'
import { hrefOf } from './texts'
import { timesOf } from './times'

/** Loads the endpoint named in the URL into `response.locals.endpoint`, or responds with 404. */
export const load: Handler = async (request, response) => {
  const _id = request.params.endpoint
  const endpoint = Types.ObjectId.isValid(_id) && (await Endpoints.findOne({ _id, removedAt: null }))
  if (!endpoint) throw notFound()
  response.locals.endpoint = endpoint
}

/** Refuses what a developer's command has no use for: its endpoint gets no calls, and ends with it. */
export const refuseListener: Handler = (_request, response) => {
  if (loaded(response).state === 'listening') throw conflict('integrations:errors.listener')
}

/** `GET /integrations/endpoints` */
export async function index(request: Request, response: Response): Promise<void> {
  const endpoints = await currentEndpoints()
  const texts = textsOf(response)
  const times = timesOf(request, texts)
  const stats = await Promise.all(endpoints.map(({ _id }) => deliveryStatsOf(_id, times.id)))
  render(response, 'integrations/endpoints', texts.t('integrations:endpoints.title'), {
    summary: endpointsSummary(endpoints, texts),
    empty: noEndpoints(permissionsOf(request.user).endpoints, texts),
    rows: endpoints.map((endpoint, n) => ({
      ...endpointRow(endpoint, stats[n]!, texts, times),
      chart: { ...chartOf(stats[n]!, texts, times), size: 'small' },
    })),
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

/** `GET …/settings` */
export async function settings(request: Request, response: Response): Promise<void> {
  await showSettings(request, response)
}

/** `POST /integrations/endpoints/:endpoint` */
export async function update(request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  const { data, form } = readForm(endpointForm, request, response)
  if (form) return showSettings(request, response.status(422), form)
  await changeEndpoint(endpoint._id, data)
  await auditEndpoint(person, endpoint, 'endpoint.changed', {
    url: data.url,
    types: data.types,
    inbound: data.inbound,
  })
  flashAndRedirect(response, 'changed', {}, `${hrefOf(endpoint)}/settings`)
}

/** `POST …/pause` */
export async function pause(request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  await pauseEndpoint(endpoint._id)
  await auditEndpoint(person, endpoint, 'endpoint.paused')
  flashAndRedirect(response, 'paused')
}

/** `POST …/resumption` */
export async function resume(request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  const count = await resumeEndpoint(endpoint._id)
  await auditEndpoint(person, endpoint, 'endpoint.resumed', { held: count })
  flashAndRedirect(response, 'resumed', { count })
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
  flashAndRedirect(response, 'removed', {}, '/integrations/endpoints')
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

async function showSettings(request: Request, response: Response, form?: Form): Promise<void> {
  const endpoint = loaded(response)
  const texts = textsOf(response)
  const { types, inbound, perSecond, url } = endpoint
  await renderTab(request, response, 'settings', {
    fields: endpointFields(endpoint, texts),
    settings: {
      url,
      types: types.join(', '),
      inbound: inbound.join(', ') || texts.t('integrations:field.inboundNone'),
      perSecond,
    },
    inbox: `${response.locals.baseUrl}/api/crm/outcomes`,
    ...(form && { form }),
  })
}

function render(response: Response, view: string, title: string, values: Record<string, unknown>): void {
  response.render(view, { layout: 'workspace', nav: 'endpoints', head: { title }, ...values })
}
