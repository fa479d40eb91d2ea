import type Stripe from 'stripe'
import { config } from '../platform/config'
import type { Order } from '../orders/order'
import type { Person } from '../people/person'

let client: { base: string | undefined; stripe: Stripe } | undefined

/**
 * Returns Stripe's own client, loaded when it is first needed. `STRIPE_API_BASE` points it at another server with the
 * same API, as in the demo.
 */
async function stripe(): Promise<Stripe> {
  const base = config.stripe.apiBase
  if (client && client.base === base) return client.stripe
  const { default: Client } = await import('stripe')
  const address = base ? new URL(base) : undefined
  client = {
    base,
    stripe: new Client(config.stripe.secretKey, {
      maxNetworkRetries: 2,
      timeout: 15_000,
      telemetry: false,
      ...(address && {
        host: address.hostname,
        port: address.port || undefined,
        protocol: address.protocol === 'https:' ? ('https' as const) : ('http' as const),
      }),
    }),
  }
  return client.stripe
}

/** Returns the active products, each with its default price, newest first; at most 20. */
export async function listProducts(): Promise<Stripe.Product[]> {
  const { data } = await (
    await stripe()
  ).products.list({
    active: true,
    limit: 20,
    expand: ['data.default_price'],
  })
  return data
}

/** Where a payment page leads back to. */
export type PaymentPage = {
  /** Where the buyer is signed in. */
  baseUrl: string
  /** The path for a buyer who doesn't pay. */
  cancelled: string
  /** When the page closes, at least 30 minutes ahead; after a day without it. */
  expiresAt?: Date
}

/**
 * Opens a Checkout Session for an order. The order's id is the idempotency key, so a retry opens no second session;
 * with the time when the page closes, since Stripe refuses a key that it knows with another one.
 */
export async function openSession(
  order: Order,
  person: Person,
  { baseUrl, cancelled, expiresAt }: PaymentPage,
): Promise<Stripe.Checkout.Session> {
  const metadata = { order: String(order._id) }
  const expires = expiresAt && Math.ceil(expiresAt.getTime() / 1000)
  return (await stripe()).checkout.sessions.create(
    {
      mode: 'payment',
      client_reference_id: String(order._id),
      customer_email: person.email,
      line_items: [
        {
          quantity: 1,
          price_data: {
            currency: order.currency.toLowerCase(),
            unit_amount: order.amount,
            product_data: { name: order.title },
          },
        },
      ],
      // Without conversion, the session has the amount and currency of the order.
      adaptive_pricing: { enabled: false },
      metadata,
      // On the payment too: the event of a refund has the payment's metadata, not the session's.
      payment_intent_data: { metadata },
      success_url: `${baseUrl}/orders/${order._id}`,
      cancel_url: `${baseUrl}${cancelled}`,
      ...(expires && { expires_at: expires }),
    },
    { idempotencyKey: ['order', order._id, expires].filter(Boolean).join('-') },
  )
}

/** Returns the current state of a Checkout Session at Stripe. */
export async function readSession(id: string): Promise<Stripe.Checkout.Session> {
  return (await stripe()).checkout.sessions.retrieve(id)
}

/**
 * Ends a Checkout Session, so that it can't be paid any more.
 *
 * @throws when it isn't open.
 */
export async function expireSession(id: string): Promise<Stripe.Checkout.Session> {
  return (await stripe()).checkout.sessions.expire(id)
}

/**
 * Sends the whole payment of an order back. The order's id is the idempotency key, so a retry sends nothing twice. The
 * order follows when Stripe reports the refund.
 */
export async function refundPayment(order: Pick<Order, '_id' | 'paymentIntent'>): Promise<Stripe.Refund> {
  const metadata = { order: String(order._id) }
  return (await stripe()).refunds.create(
    { payment_intent: order.paymentIntent!, metadata },
    { idempotencyKey: `refund-${order._id}` },
  )
}

/** Returns the current state of a PaymentIntent at Stripe; its metadata names the order. */
export async function readPaymentIntent(id: string): Promise<Stripe.PaymentIntent> {
  return (await stripe()).paymentIntents.retrieve(id)
}

/**
 * Returns the event in the raw body of a webhook.
 *
 * @throws when the signature is not Stripe's or is older than 5 minutes
 */
export async function readSignedEvent(body: Buffer, signature: string): Promise<Stripe.Event> {
  return (await stripe()).webhooks.constructEvent(body, signature, config.stripe.webhookSecret)
}
