import type { Request, Response } from 'express'
import type { Person } from '../people/person'
import { notFound } from '../platform/errors'
import { mappingOf } from '../webhooks/endpoint'
import {
  changeMapping,
  currentMapping,
  FieldMappings,
  mappingVersions,
  restoreMapping,
  typeMappingOf,
} from '../webhooks/field-mapping'
import {
  collisionsIn,
  fieldsOf,
  isFieldName,
  maxFieldName,
  mustBeSent,
  type TypeMapping,
} from '../webhooks/map-data'
import { messageTypes, type MessageType } from '../webhooks/message-types'
import type { RouteRequest } from '../web/handler'
import { textsOf, type Texts } from '../web/texts'
import { queryOf } from './attempt-filter'
import { auditEndpoint, flashAndRedirect } from './endpoint-actions'
import { loaded, renderTab } from './endpoint-page'
import { mappingView } from './mapping-view'
import { hrefOf } from './texts'
import { timesOf } from './times'

/** The most values that a mapping adds to one message type. */
const maxConstants = 10
const longestValue = 500

type Typed = Record<string, unknown>
/** A form as it was typed: the names and values by the control's name, and what is wrong with them. */
type MappingForm = { part: TypeMapping; errors: Record<string, string> }

const typeNamed = (typed: unknown): MessageType =>
  messageTypes.find(type => type === typed && type !== 'webhook.test') ?? 'lead.qualified'

/** `GET …/mapping`: what the endpoint gets of one message type, with an example before and after. */
export async function show(request: Request, response: Response): Promise<void> {
  const type = typeNamed(queryOf(request).type)
  const mapping = await currentMapping(loaded(response))
  const part = typeMappingOf(mapping, type) ?? { renamed: [], omitted: [], constants: [] }
  await showMapping(request, response, type, { part, errors: {} }, mappingOf(loaded(response)))
}

/** `POST …/mapping`: with `preview`, shows the example as typed; otherwise writes a new version of the mapping. */
export async function update(request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  const typed = request.body as Typed
  const type = typeNamed(typed.type)
  const form = readMapping(type, typed, textsOf(response))
  const seen = typeof typed.seen === 'string' && typed.seen ? typed.seen : null
  const isWrong = Object.keys(form.errors).length > 0
  if (typed.preview !== undefined || isWrong) {
    return showMapping(request, isWrong ? response.status(422) : response, type, form, seen)
  }
  const mapping = await changeMapping(endpoint, type, form.part, seen)
  if (mapping && mapping._id !== endpoint.mapping) {
    await auditEndpoint(person, endpoint, 'mapping.changed', { type, version: mapping.version })
  }
  flashAndRedirect(
    response,
    'mapped',
    { version: mapping?.version ?? 0 },
    `${hrefOf(endpoint)}/mapping?type=${type}`,
  )
}

/** `POST …/mapping/:number/restoration`: an earlier version becomes the newest. */
export async function restoreMappingVersion(
  request: RouteRequest,
  response: Response,
  person: Person,
): Promise<void> {
  const endpoint = loaded(response)
  const version = await FieldMappings.findById(`${endpoint._id}.${request.params.number}`)
  if (!version) throw notFound()
  const mapping = await restoreMapping(endpoint, version)
  const detail = { version: mapping.version, restored: version.version }
  await auditEndpoint(person, endpoint, 'mapping.changed', detail)
  flashAndRedirect(response, 'mapped', { version: mapping.version }, `${hrefOf(endpoint)}/mapping`)
}

/**
 * Reads the form: `send` has the fields that are sent, `name.<field>` the name of each there, and `to` and `value` are
 * the constants in their order.
 */
function readMapping(type: MessageType, typed: Typed, { t }: Texts): MappingForm {
  const text = (value: unknown) => (typeof value === 'string' ? value.trim().slice(0, longestValue) : '')
  const listOf = (name: string) => [typed[name] ?? []].flat().map(text)
  const sent = new Set(listOf('send'))
  const errors: Record<string, string> = {}
  const part: TypeMapping = { renamed: [], omitted: [], constants: [] }
  for (const field of fieldsOf(type)) {
    const to = text(typed[`name.${field}`]) || field
    if (!sent.has(field)) {
      if (mustBeSent(type, field)) errors[`name.${field}`] = t('integrations:errors.mustBeSent', { field })
      part.omitted.push(field)
    } else if (to !== field) {
      if (!isFieldName(to))
        errors[`name.${field}`] = t('integrations:errors.fieldName', { count: maxFieldName })
      part.renamed.push({ from: field, to })
    }
  }
  const values = listOf('value')
  listOf('to')
    .slice(0, maxConstants)
    .forEach((to, n) => {
      const value = values[n] ?? ''
      if (!to && !value) return
      if (!isFieldName(to))
        errors[`to-${part.constants.length}`] = t('integrations:errors.fieldName', { count: maxFieldName })
      part.constants.push({ to, value: JSON.stringify(valueOf(value)) })
    })
  if (!Object.keys(errors).length) {
    for (const name of collisionsIn(type, part)) {
      const renamed = part.renamed.find(({ to }) => to === name)
      const constant = part.constants.findIndex(({ to }) => to === name)
      const key = renamed ? `name.${renamed.from}` : constant >= 0 ? `to-${constant}` : `name.${name}`
      errors[key] = t('integrations:errors.nameTaken', { name })
    }
  }
  return { part, errors }
}

/** A number, true, false and null are what they look like; anything else is text. */
function valueOf(typed: string): unknown {
  return /^(-?(0|[1-9]\d{0,14})(\.\d{1,10})?|true|false|null)$/.test(typed) ? JSON.parse(typed) : typed
}

async function showMapping(
  request: Request,
  response: Response,
  type: MessageType,
  { part, errors }: MappingForm,
  seen: string | null,
): Promise<void> {
  const endpoint = loaded(response)
  const texts = textsOf(response)
  const [mapping, versions] = await Promise.all([currentMapping(endpoint), mappingVersions(endpoint._id)])
  const record = { type, part, errors, mapping, versions, seen, href: hrefOf(endpoint) }
  await renderTab(request, response, 'mapping', {
    scripts: ['/js/mapping.js'],
    mapping: mappingView(record, texts, timesOf(request, texts)),
    form: { values: {}, errors },
  })
}
