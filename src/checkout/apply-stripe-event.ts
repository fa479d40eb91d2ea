import { Types } from 'mongoose'
import { minutes, seconds } from '../platform/clock'
import { Orders } from '../orders/order'
import { recordPaymentFact, type PaymentFact } from '../orders/record-payment-fact'
import { doubling, work } from '../platform/queue'
import { readPaymentIntent } from './stripe'
import { StripeEvents, type StripeEvent, type StripeObject } from './stripe-event'

const policy = { lease: minutes(1), backoff: doubling(seconds(5), minutes(60)), maxAttempts: 30 }

/** The consumer of Stripe's events, which applies each to its order. 30 attempts take 23 hours. */
export const applyStripeEvents = work(StripeEvents, policy, apply)

/** Records the payment of a Checkout Session, as reported by an event or by the returning buyer's request. */
export async function applySession(session: StripeObject, at: Date): Promise<void> {
  if (session.payment_status !== 'paid' || !isId(session.client_reference_id)) return
  const paymentIntent = idOf(session.payment_intent)
  await recordPaymentFact(new Types.ObjectId(session.client_reference_id), {
    fact: 'paid',
    at,
    session: session.id,
    paymentIntent,
  })
}

async function apply(event: StripeEvent): Promise<void> {
  const at = event.createdAt
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
      return applySession(event.object, at)
    case 'checkout.session.expired': {
      const order = event.object.client_reference_id
      if (isId(order)) await recordPaymentFact(new Types.ObjectId(order), { fact: 'expired', at })
      return
    }
    case 'charge.refunded':
      return applyPayment(event.object, { fact: 'refunded', at, amount: event.object.amount_refunded ?? 0 })
    case 'charge.dispute.created':
      return applyPayment(event.object, { fact: 'disputed', at })
    case 'charge.dispute.closed':
      if (event.object.status === 'won') await applyPayment(event.object, { fact: 'dispute-won', at })
      return
    default:
      // Stripe sends every event that the account subscribes to; the others change nothing here.
      return
  }
}

/**
 * Finds the order of a charge or dispute by its metadata, by its payment or, if the payment's event hasn't arrived yet,
 * by asking Stripe.
 */
async function applyPayment(object: StripeObject, fact: PaymentFact): Promise<void> {
  const payment = idOf(object.payment_intent)
  let order: string | undefined = object.metadata?.order
  if (!order && payment) {
    const paid = await Orders.findOne({ paymentIntent: payment })
    order = paid ? String(paid._id) : (await readPaymentIntent(payment)).metadata.order
  }
  if (isId(order)) await recordPaymentFact(new Types.ObjectId(order), fact)
}

function idOf(expandable: unknown): string | null {
  if (typeof expandable === 'string') return expandable
  return (expandable as { id?: string } | null | undefined)?.id ?? null
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && Types.ObjectId.isValid(value)
}
