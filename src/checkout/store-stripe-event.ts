import { now } from '../platform/clock'
import { isDuplicateKey } from '../platform/errors'
import { wakeWorker } from '../platform/queue'
import { StripeEvents, type StripeEvent } from './stripe-event'

/** Keeps what Stripe said, for the worker to settle (settle.ts); a copy of what is known changes nothing. */
export async function storeStripeEvent(
  id: string,
  type: string,
  createdAt: Date,
  object: object,
): Promise<void> {
  try {
    await StripeEvents.create({
      _id: id,
      type,
      createdAt,
      receivedAt: now(),
      object: whatCounts(object),
      dueAt: now(),
    })
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
  }
  wakeWorker.emit('due')
}

/** Of Stripe's objects only what settles an order: name, address and card of the buyer stay with Stripe. */
function whatCounts(object: object): StripeEvent['object'] {
  const fields = [
    'id',
    'status',
    'payment_status',
    'client_reference_id',
    'payment_intent',
    'amount_refunded',
    'metadata',
  ]
  return Object.fromEntries(
    fields.flatMap(field => (field in object ? [[field, (object as Record<string, unknown>)[field]]] : [])),
  )
}
