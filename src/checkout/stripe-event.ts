import { model, Schema } from 'mongoose'
import { dueIndex, queued, type Queued } from '../platform/queue'

/** The fields of a Stripe object (a session, charge or dispute) that an order needs. */
export type StripeObject = {
  id?: string
  status?: string | null
  payment_status?: string
  client_reference_id?: string | null
  /** An id, or the expanded object. */
  payment_intent?: unknown
  /** Minor units. */
  amount_refunded?: number
  metadata?: Record<string, string> | null
}

/** An event from Stripe, stored before it is acknowledged and applied once, however often Stripe sends it. */
export type StripeEvent = Queued & {
  /** Stripe's id. */
  _id: string
  type: string
  createdAt: Date
  receivedAt: Date
  /** The fields of the event's object that an order needs (see store-stripe-event.ts). */
  object: StripeObject
}

const schema = new Schema<StripeEvent>(
  {
    _id: { type: String, required: true },
    type: { type: String, required: true },
    createdAt: { type: Date, required: true },
    receivedAt: { type: Date, required: true },
    object: { type: Schema.Types.Mixed, required: true },
    ...queued,
  },
  { versionKey: false, minimize: false },
)
schema.index(...dueIndex)
schema.index({ receivedAt: 1 }, { expireAfterSeconds: 90 * 24 * 3600 })

export const StripeEvents = model<StripeEvent>('StripeEvent', schema, 'stripe_events')
