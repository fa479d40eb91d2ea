import {
  date,
  list,
  nested,
  nullable,
  number,
  objectId,
  oneOf,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'
import type { Types } from 'mongoose'
import { defineQueue, onlyDue } from '../platform/queue'
import { messageTypes } from './message-types'

export const deliveryStates = ['pending', 'sending', 'delivered', 'held', 'failed', 'cancelled'] as const
export type DeliveryState = (typeof deliveryStates)[number]

/** The states in which a delivery can still be cancelled. */
export const cancellableStates: readonly DeliveryState[] = ['pending', 'held', 'failed']

export type DeliveryAttempt = {
  at: Date
  status: number | null
  error: string | null
  durationMs: number
  response: string
  /** Where a redirect leads; null for any other response. */
  location: string | null
  /** What was sent with the body: the `webhook-timestamp` and the `webhook-signature`; null for older attempts. */
  timestamp: number | null
  signature: string | null
}

/** One message to one endpoint, and its entry in the queue. README.md explains the states. */
export const Deliveries = defineQueue(
  'Delivery',
  'deliveries',
  {
    /** `message.endpoint`, so an endpoint gets an event once, however often it is queued. */
    _id: string(),
    message: string(),
    endpoint: objectId(),
    type: oneOf(messageTypes),
    person: nullable(objectId()),
    state: oneOf(deliveryStates),
    createdAt: date(),
    /** Failed attempts since it was queued or last resent: the position in the retry schedule. */
    failures: withDefault(number(), 0),
    /** The latest attempts, at most 50. */
    attemptLog: list(
      nested({
        at: date(),
        status: nullable(number()),
        error: nullable(string()),
        durationMs: number(),
        response: string(),
        location: nullable(string()),
        timestamp: nullable(number()),
        signature: nullable(string()),
      }),
    ),
    deliveredAt: nullable(date()),
    /** How long the call that delivered it took. */
    durationMs: nullable(number()),
    /**
     * Why it was cancelled: `withdrawn`, `paused`, `objection`, `erased`, `deleted`, `endpoint` (which asked for it),
     * `removed` or `teammate`.
     */
    reason: nullable(string()),
    /** The version of the endpoint's field mapping that its body is made with; null when there is none. */
    mapping: nullable(string()),
    /** While a replay waits for its turn with this delivery: which one, and what the delivery was before. */
    replay: nullable(
      nested({
        recovery: objectId(),
        state: oneOf(deliveryStates),
        dueAt: nullable(date()),
        failures: number(),
        reason: nullable(string()),
      }),
    ),
  },
  {
    queue: 'deliveries',
    indexes: [
      [{ endpoint: 1, dueAt: 1 }, onlyDue],
      [{ endpoint: 1 }, { partialFilterExpression: { state: 'held' } }],
      [{ createdAt: -1, _id: -1 }],
      [{ state: 1, createdAt: -1, _id: -1 }],
      [{ type: 1, createdAt: -1, _id: -1 }],
      [{ endpoint: 1, createdAt: -1, _id: -1 }],
      [{ endpoint: 1, state: 1, createdAt: -1, _id: -1 }],
      [{ endpoint: 1, type: 1, createdAt: -1, _id: -1 }],
      [{ endpoint: 1, person: 1, createdAt: -1, _id: -1 }],
      [{ 'replay.recovery': 1 }, { partialFilterExpression: { 'replay.recovery': { $type: 'objectId' } } }],
      [{ person: 1, createdAt: -1 }],
      [{ message: 1 }],
    ],
  },
)
export type Delivery = RecordOf<typeof Deliveries>

/** True when an endpoint was sent a message about a person, or at least called with one. */
export async function wasSentTo(endpoint: Types.ObjectId, person: Types.ObjectId): Promise<boolean> {
  const isCalled = [
    { deliveredAt: { $ne: null } },
    { state: 'sending' as const },
    { 'attemptLog.0': { $exists: true } },
  ]
  return Boolean(await Deliveries.exists({ person, endpoint, $or: isCalled }))
}

/** Returns the id of a message's delivery to an endpoint. */
export function deliveryId(message: string, endpoint: Types.ObjectId): string {
  return `${message}.${endpoint}`
}
