import { model, Schema, type Types } from 'mongoose'
import type { Reason } from '../scoring/score'

const statuses = ['new', 'accepted', 'contacted', 'opportunity', 'won', 'lost', 'rejected', 'closed'] as const
export type LeadStatus = (typeof statuses)[number]

/** Why a lead is not one, as sales and CRMs say it (facts/handoff.md). */
export const rejectionReasons = [
  'no_budget',
  'no_need',
  'no_authority',
  'timing',
  'competitor',
  'price',
  'unreachable',
  'student',
  'not_a_fit',
  'duplicate',
  'spam',
  'other',
] as const
export type RejectionReason = (typeof rejectionReasons)[number]

/** What sales has answered. `by` is null when the CRM said it. */
type Disposition = {
  by: Types.ObjectId | null
  at: Date
  source: 'sales' | 'crm'
  reason: string | null
  text: string
}

/**
 * Somebody who was handed over to sales. All but the owner is a projection of the ledger (`leadState`), computed again
 * whenever something happens to it.
 */
export type Lead = {
  /** The person: somebody is one lead, however often they are handed over. */
  _id: Types.ObjectId
  /** How new the ledger was that it was computed from (`newnessOf`). */
  ledgerVersion: number
  status: LeadStatus
  /** Order of the groups in a list: 0 waiting, 1 in conversation, 2 won, 3 rejected, 4 lost, 5 closed. */
  rank: number
  /** False once the person has taken their consent back: then sales sees nothing of them. */
  shared: boolean
  owner: Types.ObjectId | null
  assignedAt: Date | null
  qualifiedAt: Date
  /** By when a first answer is owed. */
  respondBy: Date
  trigger: 'score' | 'contact_request'
  sequence: number
  /** How many verdicts were given and taken back, so that each is one event. */
  dispositionCount: number
  disposition: Disposition | null
  /** Why it is closed without a verdict, such as `cooled` or `paused`. */
  closedReason: string | null
  /** Of the opportunity, in minor units. */
  amount: number | null
  currency: string | null
  outcomeAt: Date | null
  lostReason: string | null
  /** Kept from the score for sorting; a page computes the points of the moment. */
  score: number
  fit: number
  grade: string
  reasons: Reason[]
  search: string[]
}

const schema = new Schema<Lead>(
  {
    _id: { type: Schema.Types.ObjectId, required: true },
    ledgerVersion: { type: Number, required: true },
    status: { type: String, enum: statuses, required: true },
    rank: { type: Number, required: true },
    shared: { type: Boolean, required: true },
    owner: { type: Schema.Types.ObjectId, default: null },
    assignedAt: { type: Date, default: null },
    qualifiedAt: { type: Date, required: true },
    respondBy: { type: Date, required: true },
    trigger: { type: String, enum: ['score', 'contact_request'], required: true },
    sequence: { type: Number, required: true },
    dispositionCount: { type: Number, default: 0 },
    disposition: { type: Schema.Types.Mixed, default: null },
    closedReason: { type: String, default: null },
    amount: { type: Number, default: null },
    currency: { type: String, default: null },
    outcomeAt: { type: Date, default: null },
    lostReason: { type: String, default: null },
    score: { type: Number, default: 0 },
    fit: { type: Number, default: 0 },
    grade: { type: String, default: 'C3' },
    reasons: { type: Schema.Types.Mixed, default: [] },
    search: { type: [String], default: [] },
  },
  { versionKey: false, minimize: false },
)
schema.index({ shared: 1, rank: 1, score: -1, _id: 1 })
schema.index({ shared: 1, qualifiedAt: -1 })
schema.index({ owner: 1, rank: 1, score: -1, _id: 1 })
schema.index({ owner: 1, assignedAt: -1 })
schema.index({ search: 1 })

export const Leads = model<Lead>('Lead', schema, 'leads')
