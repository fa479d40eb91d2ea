import { model, Schema, type Types } from 'mongoose'
import { dueIndex, queued, type Queued } from '../platform/queue'

/**
 * Everything that can happen, with what is kept of it. The ledger of these events is the truth: score, progress and
 * reports are computed from it. Ids that a stranger may guess are never in it; names and addresses stand in `people`.
 */
export type EventData = {
  'person.signed_up': { how: 'password' | 'link' | 'invited' }
  'person.confirmed': object
  'consent.given': { purpose: string; consent: string }
  'consent.withdrawn': { purpose: string; consent: string | null }
  'needs_assessment.completed': { path: string | null }
  'course.enrolled': { revision: string; number: number; title: string; paid: boolean }
  'lesson.opened': { lesson: string; title: string; topics: string[] }
  'lesson.completed': {
    lesson: string
    title: string
    topics: string[]
    minutes: number
    seconds: number
    kind: string
  }
  'quiz.attempted': {
    lesson: string
    title: string
    topics: string[]
    attempt: string
    number: number
    correct: number
    total: number
    passed: boolean
    /** Topics of questions answered wrongly, without the answers. */
    weakTopics: string[]
  }
  'course.completed': { revision: string; title: string; topics: string[] }
  'certificate.issued': { certificate: string; title: string }
  'pricing.viewed': { seconds: number }
  'plans.compared': { seconds: number }
  'question.asked': { text: string; lesson: string | null; title: string | null }
  'colleague.active': { colleague: string; name: string; title: string | null }
  'contact.requested': { kind: 'demo' | 'trial' | 'contact'; text: string; title: string | null }
  'sharing.paused': { change: number }
  'sharing.resumed': { change: number }
  /** Somebody wants a person to look at their score (GDPR Art. 22); answered by `due`, ISO 8601. */
  'score_review.requested': { due: string }
  'person.erased': object
  'lead.qualified': {
    trigger: 'score' | 'contact_request'
    band: string
    score: number | null
    fit: number
    sequence: number
  }
  'lead.disqualified': { reason: string; score: number | null }
  'lead.accepted': { by: string | null; source: 'sales' | 'crm' }
  'lead.rejected': { by: string | null; source: 'sales' | 'crm'; reason: string; text: string }
  /** An acceptance that was taken back. */
  'lead.acceptance_undone': { by: string }
  'lead.contacted': { source: 'crm' }
  'opportunity.opened': { amount: number | null; currency: string | null }
  'opportunity.won': { amount: number | null; currency: string | null }
  'opportunity.lost': { reason: string; text: string }
  'opportunity.reopened': object
  'order.placed': { order: string; amount: number; currency: string; title: string }
  'order.paid': { order: string; amount: number; currency: string; title: string }
  'order.refunded': {
    order: string
    amount: number
    currency: string
    title: string
    reason: 'refund' | 'dispute'
  }
}

export type EventName = keyof EventData

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
