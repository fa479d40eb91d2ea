import { model, Schema, type Types } from 'mongoose'
import { dueIndex, queued, type Queued } from '../platform/queue'
import { messageTypes, type MessageType } from './message-types'

export const deliveryStates = ['pending', 'sending', 'delivered', 'held', 'failed', 'cancelled'] as const
export type DeliveryState = (typeof deliveryStates)[number]

/** The states in which a delivery can still be cancelled. */
export const cancellableStates: readonly DeliveryState[] = ['pending', 'held', 'failed']

/** One message to one endpoint, with its place in the queue. README.md explains the states. */
export type Delivery = Queued & {
  /** `message.endpoint`, so an endpoint gets an event once, however often it is queued. */
  _id: string
  message: string
  endpoint: Types.ObjectId
  type: MessageType
  person: Types.ObjectId | null
  state: DeliveryState
  createdAt: Date
  /** Failed attempts since it was queued or last resent: the position in the retry schedule. */
  failures: number
  /** The latest attempts, at most 50. */
  attemptLog: DeliveryAttempt[]
  deliveredAt: Date | null
  /** How long the call that delivered it took. */
  durationMs: number | null
  /**
   * Why it was cancelled: `withdrawn`, `paused`, `objection`, `erased`, `deleted`, `endpoint` (which asked for it),
   * `removed` or `teammate`.
   */
  reason: string | null
}

export type DeliveryAttempt = {
  at: Date
  status: number | null
  error: string | null
  durationMs: number
  response: string
}

const schema = new Schema<Delivery>(
  {
    _id: { type: String, required: true },
    message: { type: String, required: true },
    endpoint: { type: Schema.Types.ObjectId, required: true },
    type: { type: String, enum: messageTypes, required: true },
    person: { type: Schema.Types.ObjectId, default: null },
    state: { type: String, enum: deliveryStates, required: true },
    createdAt: { type: Date, required: true },
    failures: { type: Number, default: 0 },
    attemptLog: {
      type: [{ _id: false, at: Date, status: Number, error: String, durationMs: Number, response: String }],
      default: [],
    },
    deliveredAt: { type: Date, default: null },
    durationMs: { type: Number, default: null },
    reason: { type: String, default: null },
    ...queued,
  },
  { versionKey: false },
)
schema.index(...dueIndex)
schema.index({ endpoint: 1, dueAt: 1 }, dueIndex[1])
schema.index({ createdAt: -1, _id: -1 })
schema.index({ state: 1, createdAt: -1, _id: -1 })
schema.index({ endpoint: 1, createdAt: -1, _id: -1 })
schema.index({ person: 1, createdAt: -1 })
schema.index({ message: 1 })

export const Deliveries = model<Delivery>('Delivery', schema, 'deliveries')

/** Returns the id of a message's delivery to an endpoint. */
export function deliveryId(message: string, endpoint: Types.ObjectId): string {
  return `${message}.${endpoint}`
}
