import type { Types } from 'mongoose'
import { Orders, type Order } from './order'
import { matchesOrder } from './payment'
import type { PaymentFact } from './payment-fact'
import { recordChanges } from './record-changes'

/**
 * Stores what Stripe reported about an order and records the changes of state that follow. It may arrive twice and in
 * any order. A payment that does not match the order is stored too, and changes nothing; of a session that isn't the
 * order's own, nothing else is stored, since anyone can open one.
 *
 * @returns the order after it; null for an unknown one.
 */
export async function recordPaymentFact(id: Types.ObjectId, fact: PaymentFact): Promise<Order | null> {
  const known = await Orders.findById(id)
  if (!known) return null
  const isSession = fact.fact === 'session'
  if (isSession && fact.session !== known.session && fact.status !== 'paid') return known
  const payment = isSession && matchesOrder(known, fact) ? fact.payment : null
  const change = { $addToSet: { facts: fact }, ...(payment && { $set: { paymentIntent: payment } }) }
  const order = await Orders.findOneAndUpdate({ _id: id }, change, { returnDocument: 'after' })
  return order && recordChanges(order)
}
