import { model, Schema, type Types } from 'mongoose'
import { dueIndex, queued, type Queued } from '../platform/queue'
import { outcomeNames, type OutcomeName } from '../leads/apply-outcome'
import { rejectionReasons, type RejectionReason } from '../leads/lead'

const outcomeStates = ['received', 'applied', 'unmatched'] as const
type OutcomeState = (typeof outcomeStates)[number]

/** What a CRM reported about a lead: the inbox of `POST /api/crm/outcomes`, with its place in the queue. */
export type Outcome = Queued & {
  /** `endpoint:webhook-id`, so an outcome that is sent twice is stored once. */
  _id: string
  endpoint: Types.ObjectId
  type: OutcomeName
  /** The id of the person as the CRM sent it. */
  externalId: string
  /** The lead with that id; null until it is found. */
  person: Types.ObjectId | null
  /** The CRM's own id of the deal or lead. */
  crmId: string | null
  occurredAt: Date
  receivedAt: Date
  /** In minor units of `currency`. */
  amount: number | null
  currency: string | null
  reason: RejectionReason | null
  /** The reason in the CRM's words; starts with the CRM's code when we don't know it. */
  text: string
  state: OutcomeState
}

const schema = new Schema<Outcome>(
  {
    _id: { type: String, required: true },
    endpoint: { type: Schema.Types.ObjectId, required: true },
    type: { type: String, enum: outcomeNames, required: true },
    externalId: { type: String, required: true },
    person: { type: Schema.Types.ObjectId, default: null },
    crmId: { type: String, default: null },
    occurredAt: { type: Date, required: true },
    receivedAt: { type: Date, required: true },
    amount: { type: Number, default: null },
    currency: { type: String, default: null },
    reason: { type: String, enum: [...rejectionReasons, null], default: null },
    text: { type: String, default: '' },
    state: { type: String, enum: outcomeStates, default: 'received' },
    ...queued,
  },
  { versionKey: false },
)
schema.index(...dueIndex)
schema.index({ receivedAt: -1, _id: -1 })
schema.index({ state: 1 })
schema.index({ type: 1 })
schema.index({ person: 1, occurredAt: -1 })

export const Outcomes = model<Outcome>('Outcome', schema, 'outcomes')
