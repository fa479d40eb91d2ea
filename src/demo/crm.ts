import { randomUUID } from 'node:crypto'
import express, { type RequestHandler } from 'express'
import { Webhook } from 'standardwebhooks'
import { now } from '../platform/clock'
import { isDuplicateKey, notFound, HttpError } from '../platform/errors'
import { crmOrigin, crmSecret } from './crm-endpoint'
import { CrmMessages, type CrmMessage } from './crm-record'
import { setFlash } from '../web/flash'

const most = 100

/** `POST /demo/crm/hooks`: what any receiver does. Verify with somebody else's library, keep once, answer at once. */
export const receive: RequestHandler[] = [
  express.raw({ type: () => true, limit: '100kb' }),
  async (request, response) => {
    const raw = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : ''
    const body = verified(raw, request.headers as Record<string, string>)
    if (body instanceof Error) {
      const message = { _id: `refused-${randomUUID()}`, receivedAt: now(), refused: body.message }
      await CrmMessages.create(message)
      return void response.status(401).json({ error: body.message })
    }
    const isNew = await storeMessage(request.get('webhook-id')!, body)
    response.json({ status: isNew ? 'kept' : 'known' })
  },
]

/** `GET /demo/crm`: people as the newest message about each describes them, and every message. */
export const index: RequestHandler = async (_request, response) => {
  const messages = await CrmMessages.find({})
    .sort({ receivedAt: -1, _id: -1 })
    .limit(most)
    .lean<CrmMessage[]>()
  response.render('demo/crm', {
    layout: 'plain',
    head: { title: response.locals.t('demo:crm.title'), noindex: true },
    wide: true,
    moreSheets: ['workspace'],
    messages,
    names: namesIn(messages),
    people: peopleIn(messages),
    numbers: {
      all: await CrmMessages.countDocuments({}),
      refused: await CrmMessages.countDocuments({ refused: { $ne: null } }),
    },
  })
}

/** `GET /demo/crm/messages/:id` */
export const show: RequestHandler<{ id: string }> = async (request, response) => {
  const message = await CrmMessages.findById(request.params.id).lean<CrmMessage>()
  if (!message) throw notFound()
  response.render('demo/crm-message', {
    layout: 'plain',
    head: { title: message.type || response.locals.t('demo:crm.rejected'), noindex: true },
    message,
  })
}

const answers = {
  accepted: { type: 'lead.accepted' },
  won: { type: 'opportunity.won', amount_minor: 1_840_000, currency: 'EUR' },
  lost: { type: 'opportunity.lost', reason_code: 'price', reason_text: 'Too dear for this year.' },
} as const

/** `POST /demo/crm/people/:person/outcome`: a button of the CRM; it tells the academy as a CRM does, by a signed call. */
export const sendOutcome: RequestHandler<{ person: string }> = async (request, response) => {
  const { person } = request.params
  const chosen = String(request.body?.answer)
  if (!(chosen in answers) || !(await CrmMessages.exists({ person }))) throw notFound()
  const status = await send(person, answers[chosen as keyof typeof answers])
  if (status >= 300) throw new HttpError(502, 'demo:crm.outcomeRefused', { status })
  setFlash(response, { kind: 'done', bold: response.locals.t('demo:crm.outcomeSent', { status }) })
  response.redirect(303, '/demo/crm')
}

async function send(person: string, { type, ...more }: { type: string }): Promise<number> {
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
  const answer = await fetch(`${crmOrigin()}/api/crm/outcomes`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
      'webhook-signature': new Webhook(crmSecret()).sign(id, sentAt, body),
    },
    body,
  })
  return answer.status
}

type Body = { type: string; sequence: number; data: Record<string, unknown> }

function verified(raw: string, headers: Record<string, string>): Body | Error {
  try {
    return new Webhook(crmSecret()).verify(raw, headers) as Body
  } catch (reason) {
    return reason as Error
  }
}

/** Keeps a message under its id; false when it is here. Who is erased at the academy is erased here. */
async function storeMessage(_id: string, body: Body): Promise<boolean> {
  const person = personIn(body)
  const message = { _id, receivedAt: now(), type: body.type, person, sequence: body.sequence, body }
  try {
    await CrmMessages.create(message)
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    await CrmMessages.updateOne({ _id }, { $inc: { times: 1 } })
    return false
  }
  if (body.type === 'lead.erased') await CrmMessages.deleteMany({ person, _id: { $ne: _id } })
  return true
}

function personIn({ data }: Body): string | null {
  const id = (data.person as { external_id?: string } | undefined)?.external_id ?? data.external_id
  return typeof id === 'string' ? id : null
}

/** Names by person, as any message tells them; one that ends a lead tells only an id. */
function namesIn(messages: CrmMessage[]): Map<string, string> {
  const named = messages.flatMap(({ person, body }) => {
    const told = (body?.data as { person?: { first_name?: string; last_name?: string } } | undefined)?.person
    return person && told
      ? [[person, [told.first_name, told.last_name].filter(Boolean).join(' ')] as const]
      : []
  })
  return new Map(named)
}

/** Each person once, by the message with the highest sequence that describes them whole. */
function peopleIn(messages: CrmMessage[]): CrmMessage[] {
  const newest = new Map<string, CrmMessage>()
  for (const message of messages) {
    if (!message.person || !message.type.startsWith('lead.')) continue
    const before = newest.get(message.person)
    if (!before || before.sequence < message.sequence) newest.set(message.person, message)
  }
  return [...newest.values()].filter(({ body }) => (body?.data as { score?: object } | undefined)?.score)
}
