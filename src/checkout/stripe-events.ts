import type { Request, Response } from 'express'
import { HttpError } from '../platform/errors'
import { storeStripeEvent } from './store-stripe-event'
import { readSignedEvent } from './stripe'

/** `POST /stripe/events`: verifies the raw body and stores the event. The worker does the rest. */
export async function create(request: Request, response: Response): Promise<void> {
  const event = await verifiedEvent(request)
  await storeStripeEvent(event.id, event.type, new Date(event.created * 1000), event.data.object)
  response.json({ received: true })
}

async function verifiedEvent(request: Request) {
  try {
    return await readSignedEvent(request.body as Buffer, request.get('stripe-signature') ?? '')
  } catch {
    throw new HttpError(400, 'checkout:errors.signature')
  }
}
