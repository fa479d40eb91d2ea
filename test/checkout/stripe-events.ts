import { createHmac } from 'node:crypto'
import request from 'supertest'
import type { Order } from '../../src/orders/order'
import { config } from '../../src/platform/config'
import { theApp } from '../kit/academy'

/** An event as Stripe sends it: its type, the object it is about, and the second in which it happened. */
export type StripeEvent = { type: string; object: Record<string, unknown>; created?: number }

const paymentOf = (order: Order) => `pi_${order._id}`

/** An event about the Checkout Session of an order, by default its own. */
export function sessionEvent(type: string, order: Order, more: Record<string, unknown> = {}): StripeEvent {
  const object = {
    id: order.session,
    object: 'checkout.session',
    payment_status: type === 'completed' || type === 'async_payment_succeeded' ? 'paid' : 'unpaid',
    client_reference_id: String(order._id),
    payment_intent: paymentOf(order),
    amount_total: order.amount,
    currency: order.currency.toLowerCase(),
    metadata: { order: String(order._id) },
    ...more,
  }
  return { type: `checkout.session.${type}`, object }
}

/** `charge.refunded`, with what was refunded in total. */
export function chargeRefunded(order: Order, refunded = order.amount): StripeEvent {
  const object = {
    id: `ch_${order._id}`,
    object: 'charge',
    payment_intent: paymentOf(order),
    metadata: { order: String(order._id) },
    amount: order.amount,
    amount_refunded: refunded,
    refunded: refunded === order.amount,
  }
  return { type: 'charge.refunded', object }
}

/** An event about one refund. It has only the payment, not the order. */
export function refundEvent(type: string, order: Order, id: string, status: string, amount = order.amount) {
  const object = {
    id: `${id}_${order._id}`,
    object: 'refund',
    amount,
    status,
    payment_intent: paymentOf(order),
  }
  return { type: `refund.${type}`, object: { ...object, metadata: {} } }
}

/** An event about one dispute. It has only the payment, not the order. */
export function disputeEvent(type: string, order: Order, id: string, status: string): StripeEvent {
  const object = { id: `${id}_${order._id}`, object: 'dispute', status, payment_intent: paymentOf(order) }
  return { type: `charge.dispute.${type}`, object: { ...object, metadata: {} } }
}

let count = 0

/** Returns the body of a new event. */
export function bodyOf({ type, object, created = Math.floor(Date.now() / 1000) }: StripeEvent): string {
  return JSON.stringify({ id: `evt_test_${++count}`, object: 'event', type, created, data: { object } })
}

/** Sends an event with Stripe's signature. */
export async function sendEvent(event: StripeEvent): Promise<void> {
  await sendBody(bodyOf(event)).expect(200)
}

export function sendBody(body: string, signature = sign(body)) {
  return request(theApp())
    .post('/stripe/events')
    .set('content-type', 'application/json')
    .set('stripe-signature', signature)
    .send(body)
}

export function sign(
  body: string,
  secret = config.stripe.webhookSecret,
  at = Math.floor(Date.now() / 1000),
): string {
  return `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`
}
