import type { Request, Response } from 'express'
import { HttpError } from '../platform/errors'
import { storeStripeEvent } from './store-stripe-event'
import { readSignedEvent } from './stripe'

/** `POST /stripe/events`: verify the raw body, keep it, answer; the worker does the rest. A copy of a known event is answered alike. */
export async function create(request: Request, response: Response): Promise<void> {
  const event = await verified(request)
  await storeStripeEvent(event.id, event.type, new Date(event.created * 1000), event.data.object)
  response.json({ received: true })
}

async function verified(request: Request) {
  try {
    return await readSignedEvent(request.body as Buffer, request.get('stripe-signature') ?? '')
  } catch {
    throw new HttpError(400, 'checkout:errors.signature')
  }
}
