import { Types } from 'mongoose'
import { minutes, seconds } from '../platform/clock'
import { decimalAmount } from '../platform/currency'
import { workInOrder } from '../platform/ordered-work'
import { doubling, type Consumer } from '../platform/queue'
import { Orders, type Order } from '../orders/order'
import { matchesOrder } from '../orders/payment'
import type { PaymentFact } from '../orders/payment-fact'
import { recordPaymentFact } from '../orders/record-payment-fact'
import { readPaymentIntent } from './stripe'
import { StripeEvents, type StripeObject } from './stripe-event'

type SessionFact = Extract<PaymentFact, { fact: 'session' }>
/** Something that Stripe reported, without its time. */
type Report = PaymentFact extends infer F ? (F extends PaymentFact ? Omit<F, 'at'> : never) : never
/** A payment with the number of an order that it does not match. */
export type PaymentMismatch = { order: Order; payment: SessionFact }

/**
 * Returns the consumer of Stripe's events, which applies each to its order. 30 attempts take 23 hours. An event of a
 * payment that does not match its order is set aside immediately, for an administrator to look at, and passed to
 * `report`.
 */
export function applyStripeEvents(report: (mismatch: PaymentMismatch) => Promise<unknown>): Consumer {
  const policy = {
    lease: minutes(1),
    backoff: doubling(seconds(5), minutes(60)),
    maxAttempts: 30,
    atOnce: 4,
    inOrderOf: ({ object }: { object: StripeObject }) => orderOf(object),
    isPermanent: (error: Error) => error instanceof MismatchError,
  }
  return workInOrder(StripeEvents, policy, async ({ type, object, createdAt }) => {
    if (type.startsWith('checkout.session.')) {
      const mismatch = await applySession(type, object, createdAt)
      if (!mismatch) return
      await report(mismatch)
      throw new MismatchError(mismatch)
    }
    const fact = paymentFactOf(type, object)
    if (fact) await applyToOrder(object, { ...fact, at: createdAt })
  })
}

class MismatchError extends Error {
  constructor({ order, payment }: PaymentMismatch) {
    const { session, amount, currency } = payment
    const isOwn = session === order.session
    const paid = `${decimalAmount(amount ?? 0, (currency ?? '').toUpperCase())} ${(currency ?? '').toUpperCase()}`
    super(
      `The session ${session} paid ${paid} for order ${order._id}, which ` +
        (isOwn
          ? `costs ${decimalAmount(order.amount, order.currency)} ${order.currency}`
          : 'has another session') +
        '. Nothing was unlocked: refund the payment in Stripe, or keep it, then discard this job.',
    )
  }
}

/**
 * Records what an event, or Stripe when asked, says about a Checkout Session.
 *
 * @returns the payment when it does not match its order, otherwise null.
 */
export async function applySession(
  type: string,
  session: StripeObject,
  at: Date,
): Promise<PaymentMismatch | null> {
  const status = sessionStatus(type, session)
  const { client_reference_id: reference, id } = session
  if (!status || !id || !isId(reference)) return null
  const payment: SessionFact = {
    fact: 'session',
    at,
    session: id,
    status,
    amount: session.amount_total ?? null,
    currency: session.currency ?? null,
    payment: idOf(session.payment_intent),
  }
  const order = await recordPaymentFact(new Types.ObjectId(reference), payment)
  return order && status === 'paid' && !matchesOrder(order, payment) ? { order, payment } : null
}

function sessionStatus(type: string, { payment_status }: StripeObject): SessionFact['status'] | null {
  switch (type) {
    case 'checkout.session.completed':
      return payment_status === 'unpaid' ? 'unpaid' : 'paid'
    case 'checkout.session.async_payment_succeeded':
      return 'paid'
    case 'checkout.session.async_payment_failed':
      return 'failed'
    case 'checkout.session.expired':
      return 'expired'
    default:
      return null
  }
}

/** Stripe sends every event that the account subscribes to; those that return null change nothing here. */
function paymentFactOf(type: string, object: StripeObject): Report | null {
  const payment = idOf(object.payment_intent)
  const { id, status, amount } = object
  if (type === 'charge.refunded') return { fact: 'charge', payment, refunded: object.amount_refunded ?? 0 }
  if (type.startsWith('refund.') || type === 'charge.refund.updated')
    return id
      ? { fact: 'refund', payment, refund: id, status: status ?? 'pending', amount: amount ?? 0 }
      : null
  if (type.startsWith('charge.dispute.'))
    return id && status ? { fact: 'dispute', payment, dispute: id, status } : null
  return null
}

/**
 * Finds the order of a charge, refund or dispute by its metadata, by its payment, or, before the payment's event, at
 * Stripe.
 */
async function applyToOrder(object: StripeObject, fact: PaymentFact): Promise<void> {
  const { payment } = fact
  let order: string | undefined = object.metadata?.order
  if (!order && payment) {
    const paid = await Orders.findOne({ paymentIntent: payment }).sort({ _id: 1 })
    order = paid ? String(paid._id) : (await readPaymentIntent(payment)).metadata.order
  }
  if (isId(order)) await recordPaymentFact(new Types.ObjectId(order), fact)
}

function idOf(expandable: unknown): string | null {
  if (typeof expandable === 'string') return expandable
  return (expandable as { id?: string } | null | undefined)?.id ?? null
}

/** Names the order of an event, or the payment where only that is known. */
function orderOf({ client_reference_id, metadata, payment_intent, id }: StripeObject): string | undefined {
  // An event may have any shape, and one of a wrong shape must not stop the others.
  const ids: unknown[] = [client_reference_id, metadata?.order, idOf(payment_intent), id]
  return ids.find(each => typeof each === 'string')
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && Types.ObjectId.isValid(value)
}
