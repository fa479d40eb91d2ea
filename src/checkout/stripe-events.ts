import type { Request, Response } from 'express'
import { z } from 'zod'
import { HttpError } from '../platform/errors'
import { storeStripeEvent } from './store-stripe-event'
import { readSignedEvent } from './stripe'

/** What every event of Stripe has. A signed body without it isn't an event. */
const eventShape = z.object({
  id: z.string().min(1).max(255),
  type: z.string().min(1).max(255),
  /** Seconds since 1970. */
  created: z.number().int().min(0).max(8.64e12),
  data: z.object({ object: z.looseObject({}) }),
})

/** `POST /stripe/events`: verifies the raw body and stores the event. The worker does the rest. */
export async function create(request: Request, response: Response): Promise<void> {
  const { id, type, created, data } = await verifiedEvent(request)
  await storeStripeEvent(id, type, new Date(created * 1000), data.object)
  response.json({ received: true })
}

async function verifiedEvent(request: Request): Promise<z.infer<typeof eventShape>> {
  try {
    const signature = request.get('stripe-signature') ?? ''
    return eventShape.parse(await readSignedEvent(request.body as Buffer, signature))
  } catch {
    throw new HttpError(400, 'checkout:errors.signature')
  }
}
