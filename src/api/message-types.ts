import type { RequestHandler } from 'express'
import { z } from 'zod'
import { apiVersion, envelope, messageTypes, type MessageType } from '../webhooks/message-types'
import { examples } from '../webhooks/examples'
import { bodyOf, messageId } from '../webhooks/message'
import { delays } from '../webhooks/retry-schedule'
import { outcomeBody } from './outcomes'
import { verification } from './verification'

const exampleAt = new Date('2026-11-23T09:42:10.000Z')

type Catalogue = { entries: { type: MessageType; schema: object; example: unknown }[]; outcome: object }
let made: Catalogue | undefined

/** Made when it is first asked for. */
function catalogue(): Catalogue {
  made ??= {
    entries: messageTypes.map(type => ({
      type,
      schema: z.toJSONSchema(envelope(type)),
      example: exampleOf(type),
    })),
    outcome: { schema: z.toJSONSchema(outcomeBody, { io: 'input' }), example: outcomeExample },
  }
  return made
}

const outcomeExample = {
  type: 'opportunity.won',
  data: {
    external_id: examples['lead.updated'].person.external_id,
    crm_id: 'opp-2041',
    occurred_at: '2026-12-04T15:20:00Z',
    amount_minor: 1840000,
    currency: 'EUR',
  },
}

/** All that somebody needs who builds a receiver, open to everybody. */
export const show: RequestHandler = (_request, response) => {
  const t = response.locals.t as (key: string) => string
  response.render('api/message-types', {
    head: { title: t('api:messageTypes.title'), description: t('api:messageTypes.lede') },
    ...catalogue(),
    waits: delays,
    apiVersion,
    verification,
  })
}

export const showJson: RequestHandler = (_request, response) => {
  const { entries, outcome } = catalogue()
  response.json({ api_version: apiVersion, types: entries, outcomes: outcome })
}

function exampleOf(type: MessageType): unknown {
  const id = messageId('an example', type)
  return JSON.parse(bodyOf({ id, type, at: exampleAt, sequence: 3, data: examples[type] as never }))
}
