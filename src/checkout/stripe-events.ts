import type { Request, Response } from 'express'
import { now } from '../clock'
import { isDuplicateKey, Refusal } from '../errors'
import { bell } from '../queue'
import { readSignedEvent } from './stripe'
import { StripeEvents, type StripeEvent } from './stripe-event'

/** `POST /stripe/events`: verify the raw body, keep it, answer; the worker does the rest. A copy of a known event is answered alike. */
export async function create(request: Request, response: Response): Promise<void> {
  const event = await verified(request)
  try {
    await StripeEvents.create({
      _id: event.id,
      type: event.type,
      createdAt: new Date(event.created * 1000),
      receivedAt: now(),
      object: whatCounts(event.data.object as unknown as Record<string, unknown>),
      dueAt: now(),
    })
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
  }
  bell.emit('due')
  response.json({ received: true })
}

/** Of Stripe's objects only what settles an order: name, address and card of the buyer stay with Stripe. */
function whatCounts(object: Record<string, unknown>): StripeEvent['object'] {
  const fields = [
    'id',
    'status',
    'payment_status',
    'client_reference_id',
    'payment_intent',
    'amount_refunded',
    'metadata',
  ]
  return Object.fromEntries(fields.flatMap(field => (field in object ? [[field, object[field]]] : [])))
}

async function verified(request: Request) {
  try {
    return await readSignedEvent(request.body as Buffer, request.get('stripe-signature') ?? '')
  } catch {
    throw new Refusal(400, 'checkout:errors.signature')
  }
}
