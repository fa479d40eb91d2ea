import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import express, { type Request, type Response } from 'express'
import multer from 'multer'
import { z } from 'zod'
import { composeEmail } from '../mail/compose-email'
import { storeInboundEmail } from '../mail/inbound-email'
import { minutes, now } from '../platform/clock'
import { config } from '../platform/config'
import { HttpError, notFound } from '../platform/errors'
import type { OpenGuard } from '../web/guard'
import type { Handler } from '../web/handler'
import { bodyReader } from '../web/route'
import { confirmSubscription, isSignedByAmazon, snsMessage } from './amazon-sns'

/*
 * Replies by email, from services that receive them. Each route exists only with its setting, verifies who calls, and
 * acknowledges an email once it is stored; the same one again counts once. An email that isn't to a reply address is
 * acknowledged too, since sending it again wouldn't change that.
 */

const refused = () => new HttpError(401, 'api:errors.inboundEmail')

/** For routes that only exist when replies come in that way. */
const withSetting = (name: 'postmark' | 'mailgun' | 'sesTopic'): OpenGuard => ({
  roles: 'anyone',
  csrf: false,
  check: () => {
    if (!config.inbound[name]) throw notFound()
  },
})

export const mailgunOnly = withSetting('mailgun')
export const sesOnly = withSetting('sesTopic')
/** Verifies the password before the body is read, which may be large. */
export const postmarkOnly: OpenGuard = {
  ...withSetting('postmark'),
  check: request => {
    const { postmark } = config.inbound
    if (!postmark) throw notFound()
    const [scheme, given = ''] = (request.get('authorization') ?? '').split(' ')
    if (scheme !== 'Basic' || !isSame(Buffer.from(given, 'base64').toString('utf8'), postmark))
      throw refused()
  },
}

/** Compares secrets in constant time, whatever their length. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map(text => createHash('sha256').update(text).digest())
  return timingSafeEqual(a!, b!)
}

function parsed<T>(schema: z.ZodType<T>, read: () => unknown): T {
  try {
    return schema.parse(read())
  } catch {
    throw new HttpError(400, 'api:errors.notJson')
  }
}

const acknowledge = (response: Response) => void response.json({ status: 'accepted' })
const raw = (limit: string) => bodyReader(express.raw({ type: () => true, limit, inflate: false }))
const bodyOf = ({ body }: Request) => (Buffer.isBuffer(body) ? body.toString('utf8') : '')

const address = z.object({ Email: z.string() })
const postmarkEmail = z.object({
  From: z.string().default(''),
  OriginalRecipient: z.string().default(''),
  ToFull: z.array(address).default([]),
  Subject: z.string().default(''),
  TextBody: z.string().default(''),
  HtmlBody: z.string().default(''),
  RawEmail: z.string().optional(),
  Headers: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
  Attachments: z.array(z.object({ Name: z.string(), ContentID: z.string().nullish() })).default([]),
})

/** `POST /api/inbound-email/postmark`: an email in the form of Postmark's webhook, with the raw email or not. */
export const postmark: Handler[] = [
  raw('36mb'),
  async (request, response) => {
    const email = parsed(postmarkEmail, () => JSON.parse(bodyOf(request)))
    const headers = email.Headers.map(({ Name, Value }) => [Name, Value] as const)
    const recipients = [email.OriginalRecipient, ...email.ToFull.map(({ Email }) => Email)]
    const [to = ''] = recipients
    const whole = email.RawEmail
      ? Buffer.from(email.RawEmail)
      : await composeEmail({
          ...{ from: email.From, to, subject: email.Subject, text: email.TextBody, html: email.HtmlBody },
          headers,
          attachments: email.Attachments.filter(each => !each.ContentID).map(({ Name }) => Name),
        })
    const valueOf = (name: string) => headers.find(([each]) => each.toLowerCase() === name)?.[1] ?? ''
    const isSpfWrong = /^(soft)?fail/i.test(valueOf('received-spf').trim())
    await storeInboundEmail(
      recipients,
      whole,
      isSpfWrong && !valueOf('x-spam-tests').includes('DKIM_VALID_AU'),
    )
    acknowledge(response)
  },
]

/** How long a signature of Mailgun counts. */
const maxAge = minutes(15)

const mailgunEmail = z.object({
  timestamp: z.string().regex(/^\d{1,12}$/),
  token: z.string().min(1).max(200),
  signature: z.string(),
  recipient: z.string(),
  from: z.string().default(''),
  subject: z.string().default(''),
  'body-plain': z.string().default(''),
  'body-html': z.string().default(''),
  'body-mime': z.string().optional(),
  'message-headers': z.string().default('[]'),
  'attachment-count': z.coerce.number().int().min(0).max(100).default(0),
})
const headerList = z.array(z.tuple([z.string(), z.string()]))

/** The files of an email are left out, and its text has this many bytes at most. */
const readMailgun = multer({
  storage: multer.memoryStorage(),
  limits: { fields: 60, fieldSize: 2 * 1024 * 1024, parts: 200, headerPairs: 100 },
  fileFilter: (_request, _file, done) => done(null, false),
})

/** `POST /api/inbound-email/mailgun`: an email as a route of Mailgun forwards it, in parts or as MIME. */
export const mailgun: Handler[] = [
  bodyReader(readMailgun.any()),
  async (request, response) => {
    const email = parsed(mailgunEmail, () => request.body)
    const { timestamp, token, signature, recipient } = email
    const expected = createHmac('sha256', config.inbound.mailgun!)
      .update(timestamp + token)
      .digest('hex')
    const age = Math.abs(now().getTime() - Number(timestamp) * 1000)
    if (!isSame(signature, expected) || age > maxAge) throw refused()
    const headers = parsed(headerList, () => JSON.parse(email['message-headers']))
    const count = email['attachment-count']
    const whole =
      email['body-mime'] === undefined
        ? await composeEmail({
            ...{ from: email.from, to: recipient, subject: email.subject, headers },
            ...{ text: email['body-plain'], html: email['body-html'] },
            attachments: Array.from({ length: count }, (_, n) => `file-${n + 1}`),
          })
        : Buffer.from(email['body-mime'])
    const resultOf = (name: string) =>
      headers.find(([each]) => each.toLowerCase() === name)?.[1].toLowerCase() ?? ''
    const isSpfWrong = /^(soft)?fail/.test(resultOf('x-mailgun-spf'))
    const isForged = isSpfWrong && resultOf('x-mailgun-dkim-check-result') !== 'pass'
    await storeInboundEmail(recipient.split(','), whole, isForged)
    acknowledge(response)
  },
]

const verdict = z.object({ status: z.string() }).default({ status: 'GRAY' })
const sesEmail = z.object({
  notificationType: z.literal('Received'),
  content: z.string(),
  receipt: z.object({
    recipients: z.array(z.string()),
    spfVerdict: verdict,
    dkimVerdict: verdict,
    dmarcVerdict: verdict,
    virusVerdict: verdict,
    action: z.object({ encoding: z.string().default('UTF8') }).default({ encoding: 'UTF8' }),
  }),
})

/** `POST /api/inbound-email/ses`: an email that Amazon SES publishes with its content, and the subscription itself. */
export const ses: Handler[] = [
  raw('512kb'),
  async (request, response) => {
    const message = parsed(snsMessage, () => JSON.parse(bodyOf(request)))
    const isOurs = message.TopicArn === config.inbound.sesTopic
    if (!isOurs || !(await isSignedByAmazon(message))) throw refused()
    if (message.Type === 'SubscriptionConfirmation' && !(await confirmSubscription(message))) throw refused()
    if (message.Type !== 'Notification') return acknowledge(response)
    const { content, receipt } = parsed(sesEmail, () => JSON.parse(message.Message))
    const whole = Buffer.from(content, receipt.action.encoding === 'BASE64' ? 'base64' : 'utf8')
    const failed = (each: { status: string }) => each.status === 'FAIL'
    const isForged =
      failed(receipt.dmarcVerdict) || (failed(receipt.spfVerdict) && failed(receipt.dkimVerdict))
    if (!failed(receipt.virusVerdict)) await storeInboundEmail(receipt.recipients, whole, isForged)
    acknowledge(response)
  },
]
