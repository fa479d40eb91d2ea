import { createHmac, randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import mongoose from 'mongoose'
import express, { type Express, type Request, type Response } from 'express'
import { priceProblem } from '../platform/currency'
import { root } from '../platform/root'
import { renderView } from '../web/views'
import { translatorsFor } from '../web/i18n'
import { formattersFor } from '../web/formatters'
import {
  act,
  paymentObject,
  possibleActions,
  refundObject,
  sessionEvent,
  sessionObject,
  sessions,
  type Occurrence,
  type Session,
} from './stripe-session'

/**
 * A small part of Stripe for the demo and the tests, on its own socket: Checkout Sessions, payments, refunds and
 * disputes with the paths, forms and errors of Stripe's HTTP API (https://docs.stripe.com/api), a hosted payment page,
 * and signed events that are retried until the response is 2xx. Its data is stored in the collection `demo_stripe`.
 */
export type StripeSimulator = { url: string; close: () => Promise<void> }

type Options = {
  /** URL for events: the app's `/stripe/events`. A function, because a test learns its port late. */
  eventsUrl: () => string
  webhookSecret: string
  port?: number
}

export async function startStripeSimulator(options: Options): Promise<StripeSimulator> {
  const app = express()
  app.disable('x-powered-by')
  app.use(express.urlencoded({ extended: true }))
  app.use(express.static(join(root, 'public'), { index: false }))
  const deliver = (event: Occurrence) => sendEvent(options, event)
  addApi(app, deliver)
  addPages(app, deliver)
  const server: Server = createServer(app)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

/** Products as Stripe's API returns them, with their default prices. */
const products = () =>
  mongoose.connection.collection<{ active: boolean; created: number }>('demo_stripe_products')

function addApi(app: Express, deliver: (event: Occurrence) => Promise<boolean>): void {
  app.use('/v1', (request, response, next) => {
    response.set('request-id', `req_${randomBytes(8).toString('hex')}`)
    if (/^(Bearer|Basic) sk_/.test(request.get('authorization') ?? '')) return next()
    fail(response, 401, 'invalid_request_error', 'You did not provide an API key.')
  })

  app.post('/v1/checkout/sessions', async (request, response) => {
    const key = request.get('idempotency-key') ?? null
    const existing = key && (await sessions().findOne({ idempotencyKey: key }))
    const body = request.body as CheckoutForm
    const expiresAt = body.expires_at ? Number(body.expires_at) : null
    if (existing && existing.expiresAt !== expiresAt) {
      const message = 'Keys for idempotent requests can only be used with the same parameters as at first.'
      return fail(response, 400, 'idempotency_error', message)
    }
    if (existing) return void response.json(sessionObject(existing, payUrl(request, existing)))
    const item = body.line_items?.[0] ?? body.line_items?.['0']
    const price = item?.price_data
    const amount = Number(price?.unit_amount) * Number(item?.quantity ?? 1)
    const isPayable = price && Number.isInteger(amount) && !priceProblem(amount, price.currency.toUpperCase())
    if (body.mode !== 'payment' || !isPayable || !body.success_url) {
      return fail(
        response,
        400,
        'invalid_request_error',
        'Missing or invalid: mode, line_items or success_url.',
      )
    }
    const session: Session = {
      _id: `cs_test_${randomBytes(16).toString('hex')}`,
      created: Math.floor(Date.now() / 1000),
      status: 'open',
      amount,
      currency: price.currency,
      name: price.product_data?.name ?? '',
      email: body.customer_email ?? null,
      reference: body.client_reference_id ?? null,
      metadata: body.payment_intent_data?.metadata ?? {},
      successUrl: body.success_url,
      cancelUrl: body.cancel_url ?? body.success_url,
      payment: null,
      paymentStatus: 'unpaid',
      refunds: [],
      disputes: [],
      idempotencyKey: key,
      expiresAt,
    }
    await sessions().insertOne(session)
    response.json(sessionObject(session, payUrl(request, session)))
  })

  app.get('/v1/checkout/sessions/:id', async (request, response) => {
    const session = await sessions().findOne({ _id: request.params.id })
    if (!session)
      return fail(response, 404, 'invalid_request_error', `No such checkout.session: '${request.params.id}'`)
    response.json(sessionObject(session, payUrl(request, session)))
  })

  app.post('/v1/checkout/sessions/:id/expire', async (request, response) => {
    const session = await sessions().findOneAndUpdate(
      { _id: request.params.id, status: 'open' },
      { $set: { status: 'expired' } },
      { returnDocument: 'after' },
    )
    if (!session) {
      const message = 'Only Checkout Sessions with a status in ["open"] can be expired.'
      return fail(response, 400, 'invalid_request_error', message)
    }
    response.json(sessionObject(session, payUrl(request, session)))
  })

  app.post('/v1/refunds', async (request, response) => {
    const { payment_intent: payment = '' } = request.body as { payment_intent?: string }
    const key = request.get('idempotency-key') ?? null
    const session = await sessions().findOne({ payment })
    const earlier = session?.refunds.find(each => key && each.idempotencyKey === key)
    if (earlier) return void response.json(refundObject(session!, earlier.id))
    const events = await act(payment, 'refund', key)
    if (!events) {
      return fail(response, 400, 'invalid_request_error', 'The payment has no amount that can be refunded.')
    }
    const made = (await sessions().findOne({ payment }))!
    response.json(refundObject(made, made.refunds.at(-1)!.id))
    for (const event of events) await deliver(event)
  })

  app.get('/v1/products', async (_request, response) => {
    const data = await products().find({ active: true }).sort({ created: -1 }).toArray()
    response.json({ object: 'list', url: '/v1/products', has_more: false, data })
  })

  app.get('/v1/payment_intents/:id', async (request, response) => {
    const session = await sessions().findOne({ payment: request.params.id })
    if (!session)
      return fail(response, 404, 'invalid_request_error', `No such payment_intent: '${request.params.id}'`)
    response.json(paymentObject(session))
  })

  app.use('/v1', (request, response) =>
    fail(
      response,
      404,
      'invalid_request_error',
      `Unrecognized request URL (${request.method}: ${request.originalUrl}).`,
    ),
  )
}

/** The pages that Stripe hosts: the buyer's payment page, and the seller's list of payments. */
function addPages(app: Express, deliver: (event: Occurrence) => Promise<boolean>): void {
  const show = (response: Response, view: string, values: object) =>
    response.type('html').send(renderView(view, { t: translatorsFor('en').t, ...values }))

  app.get('/pay/:id', async (request, response) => {
    const session = await sessions().findOne({ _id: request.params.id })
    if (!session) return void response.status(404).end()
    show(response, 'demo/stripe-pay', paymentPage(session))
  })

  app.post('/pay/:id', async (request, response) => {
    const payment = `pi_${randomBytes(12).toString('hex')}`
    const paymentStatus =
      (request.body as { method?: string } | undefined)?.method === 'transfer' ? 'unpaid' : 'paid'
    // Paid once, however often the button is clicked.
    const session = await sessions().findOneAndUpdate(
      { _id: request.params.id, status: 'open' },
      { $set: { status: 'complete', payment, paymentStatus } },
      { returnDocument: 'after' },
    )
    if (session) await deliver(sessionEvent('completed')(session))
    const { successUrl } = session ?? (await sessions().findOne({ _id: request.params.id })) ?? {}
    if (!successUrl) return void response.status(404).end()
    response.redirect(303, successUrl)
  })

  app.get('/', async (_request, response) => {
    const paid = await sessions().find({ status: 'complete' }).sort({ created: -1 }).limit(100).toArray()
    show(response, 'demo/stripe-payments', paymentsPage(paid))
  })

  app.post('/payments/:payment/:action', async (request, response) => {
    const events = await act(request.params.payment, request.params.action)
    if (!events) return void response.status(404).end()
    for (const event of events) await deliver(event)
    response.redirect(303, '/')
  })
}

function paymentPage({ _id, name, status, amount, currency, cancelUrl }: Session) {
  const t = translatorsFor('en').t
  const price = formattersFor('en').money(amount, currency.toUpperCase())
  return {
    title: t('checkout:simulator.pay', { name }),
    isOpen: status === 'open',
    action: `/pay/${_id}`,
    methods: ['card', 'transfer'].map(method => ({
      method,
      class: method === 'card' ? 'button button-main button-big' : 'button button-big',
      text: t(`checkout:simulator.methods.${method}`, { price }),
    })),
    cancelUrl,
  }
}

function paymentsPage(paid: Session[]) {
  const t = translatorsFor('en').t
  const { money } = formattersFor('en')
  return {
    title: t('checkout:simulator.payments'),
    payments: paid.map(session => ({
      title: `${session.name}, ${money(session.amount, session.currency.toUpperCase())}`,
      email: session.email,
      actions: possibleActions(session).map(name => ({
        action: `/payments/${session.payment}/${name}`,
        button: t(`checkout:simulator.actions.${name}`),
      })),
    })),
  }
}

/**
 * Sends a signed event in up to 5 attempts (https://docs.stripe.com/webhooks/signature).
 *
 * @returns true once the response is 2xx
 */
async function sendEvent(options: Options, { type, object }: Occurrence): Promise<boolean> {
  const created = Math.floor(Date.now() / 1000)
  const event = {
    id: `evt_${randomBytes(12).toString('hex')}`,
    object: 'event',
    api_version: '2026-09-30',
    created,
    type,
    livemode: false,
    pending_webhooks: 1,
    request: null,
    data: { object },
  }
  const body = JSON.stringify(event)
  for (let attempt = 0; attempt < 5; attempt++) {
    const time = Math.floor(Date.now() / 1000)
    const signature = createHmac('sha256', options.webhookSecret).update(`${time}.${body}`).digest('hex')
    const result = await fetch(options.eventsUrl(), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'stripe-signature': `t=${time},v1=${signature}` },
      body,
    }).catch(() => undefined)
    if (result?.ok) return true
    await new Promise(resolve => setTimeout(resolve, 200 * 2 ** attempt))
  }
  return false
}

type CheckoutForm = {
  mode?: string
  expires_at?: string
  success_url?: string
  cancel_url?: string
  customer_email?: string
  client_reference_id?: string
  payment_intent_data?: { metadata?: Record<string, string> }
  line_items?: Record<
    string,
    {
      quantity?: string
      price_data?: { currency: string; unit_amount: string; product_data?: { name: string } }
    }
  >
}

function fail(response: Response, status: number, type: string, message: string): void {
  response.status(status).json({ error: { type, message } })
}

function payUrl(request: Request, { _id }: Session): string {
  return `http://${request.get('host')}/pay/${_id}`
}
