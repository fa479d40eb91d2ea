import { now } from '../platform/clock'
import { wakeWorker } from '../platform/queue'
import { StripeEvents, type StripeObject } from './stripe-event'

/** Stores an event from Stripe for the worker to apply (apply-stripe-event.ts). A duplicate changes nothing. */
export async function storeStripeEvent(
  id: string,
  type: string,
  createdAt: Date,
  object: object,
): Promise<boolean> {
  const isNew = await StripeEvents.insertOnce({
    _id: id,
    type,
    createdAt,
    receivedAt: now(),
    object: neededFields(object),
    dueAt: now(),
  })
  wakeWorker.emit('due', 'stripe-events')
  return isNew
}

/** Returns the fields of a Stripe object that an order needs. Name, address and card of the buyer stay with Stripe. */
function neededFields(object: object): StripeObject {
  return Object.fromEntries(Object.entries(object).filter(([field]) => fields.has(field)))
}

const fields = new Set([
  'id',
  'status',
  'payment_status',
  'client_reference_id',
  'payment_intent',
  'amount_total',
  'amount_refunded',
  'amount',
  'currency',
  'metadata',
])
