import { model, Schema } from 'mongoose'
import { dueIndex, queued, type Queued } from '../platform/queue'

/** An event as Stripe sent it, kept before it is answered and worked on afterwards: once, whatever the number of its copies. */
export type StripeEvent = Queued & {
  /** Stripe's own id. */
  _id: string
  type: string
  createdAt: Date
  receivedAt: Date
  /** Of what the event is about, the fields that settle an order (see stripe-events.ts). */
  object: Record<string, unknown>
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
