import { model, Schema, type Types } from 'mongoose'
import type { EventData, EventName } from './definitions'
import { dueIndex, queued, type Queued } from '../platform/queue'

/** One line of the ledger, and at the same time its own place in the outbox of reactions (see `queue.ts`). */
export type Event<N extends EventName = EventName> = Queued & {
  /** Deterministic: what happens once has one id, however often it is recorded. */
  _id: string
  name: N
  /** When it happened, UTC; not when it was written. */
  at: Date
  /** When it was written. */
  recordedAt: Date
  person: Types.ObjectId
  course: Types.ObjectId | null
  data: EventData[N]
}

const schema = new Schema<Event>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    at: { type: Date, required: true },
    recordedAt: { type: Date, required: true },
    person: { type: Schema.Types.ObjectId, required: true },
    course: { type: Schema.Types.ObjectId, default: null },
    data: { type: Schema.Types.Mixed, required: true },
    ...queued,
  },
  { versionKey: false, minimize: false },
)
schema.index(...dueIndex)
schema.index({ person: 1, at: -1 })
schema.index({ name: 1, at: -1 })
// The questions that authors read, of all courses or of one: so few of all events that they have indexes of their own.
const questions = { partialFilterExpression: { name: 'question.asked' } }
schema.index({ at: -1, _id: -1 }, questions)
schema.index({ course: 1, at: -1, _id: -1 }, questions)

export const Events = model<Event>('Event', schema, 'events')
