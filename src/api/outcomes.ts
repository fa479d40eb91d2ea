import express from 'express'
import { z } from 'zod'
import { normaliseEmail } from '../people/email-address'
import { normaliseText } from '../platform/text'
import { days, later, now } from '../platform/clock'
import { HttpError } from '../platform/errors'
import type { Handler } from '../web/handler'
import { bodyReader } from '../web/route'
import { recordOutcome } from '../crm/record-outcome'
import { verifySender } from '../webhooks/verify-sender'
import { outcomeNames } from '../leads/apply-outcome'
import { rejectionReasons } from '../leads/lead'

const text = (maximum: number) =>
  z
    .string()
    .trim()
    .max(maximum)
    .nullish()
    .transform(value => value || null)

/** What a CRM sends to report what happened to a lead. Unknown fields are ignored. */
export const outcomeBody = z.object({
  type: z.enum(outcomeNames),
  data: z
    .object({
      external_id: z
        .string()
        .trim()
        .min(1)
        .max(100)
        .describe('`person.external_id` of the messages that the academy sent'),
      crm_id: text(200).describe(
        'Your own id: of the lead in `lead.*`, of the deal in `opportunity.*`. A person can have several deals',
      ),
      occurred_at: z.iso
        .datetime({ offset: true })
        .transform(value => new Date(value))
        .refine(moment => moment <= later(now(), days(1)), 'must not be in the future'),
      amount_minor: z
        .number()
        .int()
        .min(0)
        .max(1e12)
        .nullish()
        .describe('In minor units of the currency, such as cents. Without it, sales reads “amount unknown”'),
      currency: z
        .string()
        .regex(/^[A-Z]{3}$/, 'must be three capital letters (ISO 4217)')
        .nullish(),
      reason_code: text(50).describe(`One of ${rejectionReasons.join(', ')}; anything else counts as other`),
      reason_text: text(1000),
      owner_email: text(254).describe(
        'The email address of the owner in your CRM, who gets the lead by the routing rule "owner in the CRM"',
      ),
    })
    .refine(data => data.amount_minor == null || data.currency != null, {
      path: ['currency'],
      message: 'is required with amount_minor',
    }),
})

const onlyJson: Handler = request => {
  if (!request.is('application/json')) throw new HttpError(415, 'api:errors.json')
}

const rawBody = bodyReader(express.raw({ type: 'application/json', limit: '64kb', inflate: false }))

/**
 * `POST /api/crm/outcomes`: verifies the signature of the raw body, stores the outcome and responds. The worker
 * applies it. An endpoint may report only the types that its page allows. Responds with 202, or with 200 when the same
 * `webhook-id` is already stored.
 */
export const create: Handler[] = [
  onlyJson,
  rawBody,
  async (request, response) => {
    const raw = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : ''
    const sender = await verifySender(request.headers, raw)
    if (typeof sender === 'string') throw new HttpError(401, `api:errors.${sender}`)
    const body = outcomeBody.safeParse(parseJson(raw))
    if (!body.success) {
      const fields = Object.fromEntries(body.error.issues.map(issue => [issue.path.join('.'), issue.message]))
      const message = response.locals.t('api:errors.fields') as string
      const error = { status: 422, code: 'fields', message, fields, request: request.id }
      return void response.status(422).json({ error })
    }
    const { type, data } = body.data
    if (!sender.inbound.includes(type)) throw new HttpError(403, 'api:errors.inbound', { type })
    const isNew = await recordOutcome(sender._id, request.get('webhook-id')!, {
      type,
      externalId: data.external_id,
      crmId: data.crm_id,
      occurredAt: data.occurred_at,
      amount: data.amount_minor ?? null,
      currency: data.currency ?? null,
      reasonCode: data.reason_code,
      reasonText: normaliseText(data.reason_text ?? ''),
      ownerEmail: data.owner_email && normaliseEmail(data.owner_email),
    })
    response.status(isNew ? 202 : 200).json({ status: isNew ? 'accepted' : 'known' })
  },
]

function parseJson(raw: string): unknown {
  try {
    return JSON.parse(raw)
  } catch {
    throw new HttpError(400, 'api:errors.notJson')
  }
}
