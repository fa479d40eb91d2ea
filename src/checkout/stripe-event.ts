import { defineQueue } from '../platform/queue'
import { date, free, string } from '../platform/record'

/** The fields of a Stripe object (a session, charge, refund or dispute) that an order needs. */
export type StripeObject = {
  id?: string
  status?: string | null
  payment_status?: string
  client_reference_id?: string | null
  /** An id, or the expanded object. */
  payment_intent?: unknown
  /** Minor units: of a session, of a charge's refunds, of a refund. */
  amount_total?: number | null
  amount_refunded?: number
  amount?: number
  currency?: string | null
  metadata?: Record<string, string> | null
}

/** An event from Stripe, stored before it is acknowledged and applied once, however often Stripe sends it. */
export const StripeEvents = defineQueue(
  'StripeEvent',
  'stripe_events',
  {
    /** Stripe's id. */
    _id: string(),
    type: string(),
    createdAt: date(),
    receivedAt: date(),
    /** The fields of the event's object that an order needs (see store-stripe-event.ts). */
    object: free<StripeObject>(),
  },
  { queue: 'stripe-events', indexes: [[{ receivedAt: 1 }, { expireAfterSeconds: 90 * 24 * 3600 }]] },
)
