import { randomUUID } from 'node:crypto'
import express from 'express'
import { Webhook } from 'standardwebhooks'
import { now } from '../platform/clock'
import { notFound, HttpError } from '../platform/errors'
import type { Handler } from '../web/handler'
import { bodyReader } from '../web/route'
import { setFlash } from '../web/flash'
import { textsOf } from '../web/texts'
import { crmOrigin, crmSecret } from './crm-endpoint'
import { CrmMessages } from './crm-message'
import { crmMessagePage, crmPage } from './crm-page'

const maxMessages = 100

/** `POST /demo/crm/hooks`: verifies the signature with the standardwebhooks library and stores each message once. */
export const receive: Handler[] = [
  bodyReader(express.raw({ type: () => true, limit: '100kb' })),
  async (request, response) => {
    const raw = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : ''
    const body = verify(raw, request.headers as Record<string, string>)
    if (body instanceof Error) {
      await CrmMessages.create({
        _id: `rejected-${randomUUID()}`,
        receivedAt: now(),
        rejectedBecause: body.message,
      })
      return void response.status(401).json({ error: body.message })
    }
    const isNew = await storeMessage(request.get('webhook-id')!, body)
    response.json({ status: isNew ? 'stored' : 'duplicate' })
  },
]

/** `GET /demo/crm`: each lead as the newest message describes it, and every message. */
export const index: Handler = async (_request, response) => {
  const [messages, total, rejected] = await Promise.all([
    CrmMessages.find({}).sort({ receivedAt: -1, _id: -1 }).limit(maxMessages),
    CrmMessages.count({}),
    CrmMessages.count({ rejectedBecause: { $ne: null } }),
  ])
  response.render('demo/crm', {
    layout: 'plain',
    wide: true,
    moreSheets: ['workspace'],
    ...crmPage({ messages, total, rejected }, textsOf(response)),
  })
}

/** `GET /demo/crm/messages/:id` */
export const show: Handler = async (request, response) => {
  const message = await CrmMessages.findById(request.params.id)
  if (!message) throw notFound()
  response.render('demo/crm-message', { layout: 'plain', ...crmMessagePage(message, textsOf(response)) })
}

const outcomes = {
  accepted: { type: 'lead.accepted' },
  won: { type: 'opportunity.won', amount_minor: 1_840_000, currency: 'GBP' },
  lost: { type: 'opportunity.lost', reason_code: 'price', reason_text: 'Too expensive for this year.' },
} as const

/** `POST /demo/crm/people/:person/outcome`: reports an outcome to the academy in a signed request, as a CRM does. */
export const sendOutcome: Handler = async (request, response) => {
  const { person } = request.params
  const chosen = String(request.body?.outcome)
  if (!Object.hasOwn(outcomes, chosen) || !(await CrmMessages.exists({ person }))) throw notFound()
  const status = await postOutcome(person, outcomes[chosen as keyof typeof outcomes])
  if (status >= 300) throw new HttpError(502, 'demo:crm.outcomeRefused', { status })
  setFlash(response, { kind: 'done', bold: textsOf(response).t('demo:crm.outcomeSent', { status }) })
  response.redirect(303, '/demo/crm')
}

/** Returns the HTTP status of the academy's response. */
async function postOutcome(person: string, { type, ...more }: { type: string }): Promise<number> {
  const body = JSON.stringify({
    type,
    data: {
      external_id: person,
      crm_id: `demo-${person.slice(-6)}`,
      occurred_at: now().toISOString(),
      ...more,
    },
  })
  const id = `crm_${randomUUID()}`
  const sentAt = new Date(Date.now())
  const result = await fetch(`${crmOrigin()}/api/crm/outcomes`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
      'webhook-signature': new Webhook(crmSecret()).sign(id, sentAt, body),
    },
    body,
  })
  return result.status
}

type Body = { type: string; sequence: number; test?: true; data: Record<string, unknown> }

/** Returns the body of a signed message, or the reason why its signature is invalid. */
function verify(raw: string, headers: Record<string, string>): Body | Error {
  try {
    return new Webhook(crmSecret()).verify(raw, headers) as Body
  } catch (reason) {
    return reason as Error
  }
}

/** Stores a message under its id; returns false for a duplicate. `lead.erased` deletes the person's other messages. */
async function storeMessage(_id: string, body: Body): Promise<boolean> {
  const person = personIdIn(body)
  const message = { _id, receivedAt: now(), type: body.type, person, sequence: body.sequence, body }
  if (!(await CrmMessages.insertOnce(message))) {
    await CrmMessages.updateOne({ _id }, { $inc: { times: 1 } })
    return false
  }
  if (body.type === 'lead.erased') await CrmMessages.deleteMany({ person, _id: { $ne: _id } })
  return true
}

/** Returns whom a message is about: nobody, for a test with an example's data. */
function personIdIn({ data, test }: Body): string | null {
  if (test) return null
  const id = (data.person as { external_id?: string } | undefined)?.external_id ?? data.external_id
  return typeof id === 'string' ? id : null
}
