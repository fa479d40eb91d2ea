import type { Types, UpdateQuery } from 'mongoose'
import { record } from '../events/record'
import { Orders, type Order } from './order'

/** What Stripe reported about an order. `at` is the time of Stripe's event. */
export type PaymentFact =
  | { fact: 'paid'; at: Date; session?: string; paymentIntent: string | null }
  | { fact: 'refunded'; at: Date; amount: number }
  | { fact: 'disputed'; at: Date }
  | { fact: 'dispute-won'; at: Date }
  | { fact: 'expired'; at: Date }

/**
 * Stores a fact about an order and records the event that follows from it. Facts may arrive twice and in any order:
 * each is stored once, and its event has a deterministic id.
 */
export async function recordPaymentFact(id: Types.ObjectId, fact: PaymentFact): Promise<void> {
  const { field, ...change } = changeFor(fact)
  // Not `$min`, which would leave the null: it sorts before every date.
  if (field) await Orders.updateOne({ _id: id, [field]: null }, { $set: { [field]: fact.at } })
  const order = await Orders.findOneAndUpdate({ _id: id }, change, { returnDocument: 'after' })
  if (!order) return
  const { person, course, amount, currency, title } = order
  const data = { order: String(order._id), amount, currency, title }
  const idempotencyKey = [order._id]
  if (fact.fact === 'paid')
    await record({ name: 'order.paid', person, course, at: fact.at, idempotencyKey, data })
  if (fact.fact === 'refunded' && order.refundedAmount >= order.amount) {
    await Orders.updateOne({ _id: id, refundedAt: null }, { $set: { refundedAt: fact.at } })
    await record({
      name: 'order.refunded',
      person,
      course,
      at: fact.at,
      idempotencyKey: [...idempotencyKey, 'refund'],
      data: { ...data, reason: 'refund' },
    })
  }
  if (fact.fact === 'disputed') {
    await record({
      name: 'order.refunded',
      person,
      course,
      at: fact.at,
      idempotencyKey: [...idempotencyKey, 'dispute'],
      data: { ...data, reason: 'dispute' },
    })
  }
  if (fact.fact === 'dispute-won') {
    await record({
      name: 'order.paid',
      person,
      course,
      at: fact.at,
      idempotencyKey: [...idempotencyKey, 'dispute-won'],
      data,
    })
  }
}

function changeFor(
  fact: PaymentFact,
): { field?: 'paidAt' | 'disputedAt' | 'disputeWonAt' | 'expiredAt' } & UpdateQuery<Order> {
  switch (fact.fact) {
    case 'paid':
      return {
        field: 'paidAt',
        $set: { paymentIntent: fact.paymentIntent, ...(fact.session && { session: fact.session }) },
      }
    case 'refunded':
      // Stripe reports the total refunded so far, so the largest amount is the newest.
      return { $max: { refundedAmount: fact.amount } }
    case 'disputed':
      return { field: 'disputedAt' }
    case 'dispute-won':
      return { field: 'disputeWonAt' }
    case 'expired':
      return { field: 'expiredAt' }
  }
}
