import type { Response } from 'express'
import { z } from 'zod'
import { minutes, seconds } from '../platform/clock'
import { bodyOf, messageId } from '../webhooks/message'
import {
  apiVersion,
  messageDefinitionOf,
  envelope,
  eventMessageOf,
  messageTypes,
  type MessageType,
} from '../webhooks/message-types'
import { personExample } from '../webhooks/person-data'
import { delays } from '../webhooks/retry-schedule'
import type { Handler } from '../web/handler'
import { messageTypeDocs } from '../web/message-type-docs'
import type { formattersFor } from '../web/formatters'
import type { Translate } from '../web/i18n'
import { outcomeBody } from './outcomes'
import { verification } from './verification'

const exampleAt = new Date('2026-11-23T09:42:10.000Z')
const deliveryRules = ['post', 'response', 'retry', 'id', 'sequence', 'gone', 'abort'] as const
const outcomeStatuses = [202, 200, 400, 401, 403, 413, 415, 422, 429] as const

type Entry = { type: MessageType; schema: object; example: unknown }
type EventCatalogue = { entries: Entry[]; outcome: { schema: object; example: unknown } }
type Texts = { t: Translate } & Pick<ReturnType<typeof formattersFor>, 'minutes'>

let cached: EventCatalogue | undefined

/** Returns the schemas and examples of every message type, built on first use. */
function eventCatalogue(): EventCatalogue {
  cached ??= {
    entries: messageTypes.map(type => ({
      type,
      schema: z.toJSONSchema(envelope(type)),
      example: exampleOf(type),
    })),
    outcome: { schema: z.toJSONSchema(outcomeBody, { io: 'input' }), example: outcomeExample },
  }
  return cached
}

const outcomeExample = {
  type: 'opportunity.won',
  data: {
    external_id: personExample.external_id,
    crm_id: 'opp-2041',
    occurred_at: '2026-12-04T15:20:00Z',
    amount_minor: 1840000,
    currency: 'EUR',
  },
}

/** `GET /webhooks/message-types`: the event catalogue for developers, open to everyone. */
export const show: Handler = (_request, response: Response) => {
  const texts: Texts = response.locals
  const { t } = texts
  response.render('api/message-types', {
    head: { title: t('api:messageTypes.title'), description: t('api:messageTypes.lede') },
    ...catalogueView(eventCatalogue(), texts),
    verification,
  })
}

/** `GET /webhooks/message-types.json`: the same schemas and examples as JSON. */
export const showJson: Handler = (_request, response) => {
  const { entries, outcome } = eventCatalogue()
  response.json({ api_version: apiVersion, types: entries, outcomes: outcome })
}

function catalogueView({ entries, outcome }: EventCatalogue, { t, minutes: formatMinutes }: Texts) {
  const delayText = (delay: number) =>
    delay < minutes(1)
      ? t('api:delivery.seconds', { count: delay / seconds(1) })
      : formatMinutes(delay / minutes(1))
  return {
    types: entries.map(({ type, schema, example }) => ({
      type,
      ...messageTypeDocs(type, t),
      sending: sendingOf(type, t),
      example: indented(example),
      schemaTitle: t('api:messageTypes.schema', { type }),
      schema: indented(schema),
    })),
    rules: deliveryRules.map(rule => t(`api:delivery.${rule}`, { attempts: delays.length + 1 })),
    delays: delays.map((delay, n) => ({ attempt: n + 2, delay: delayText(delay) })),
    outcome: {
      example: indented(outcome.example),
      schemaTitle: t('api:messageTypes.schema', { type: t('api:outcomes.body') }),
      schema: indented(outcome.schema),
    },
    statuses: outcomeStatuses.map(status => ({ status, text: t(`api:status.${status}`) })),
  }
}

/** Says which endpoints get a message of this type, and when. */
function sendingOf(type: MessageType, t: Translate): string {
  const definition = eventMessageOf(type)
  if (!definition) return t('api:recipients.by_hand')
  return `${t(`api:recipients.${definition.recipients}`)} ${t(`api:basis.${definition.basis}`)}`
}

const indented = (value: unknown) => JSON.stringify(value, null, 2)

function exampleOf(type: MessageType): unknown {
  const id = messageId('an example', type)
  return JSON.parse(bodyOf({ id, type, at: exampleAt, sequence: 3, data: messageDefinitionOf(type).example }))
}
