import { model, Schema, type Types } from 'mongoose'
import type { Reason } from '../scoring/score'

const statuses = ['new', 'accepted', 'contacted', 'opportunity', 'won', 'lost', 'rejected', 'closed'] as const
export type LeadStatus = (typeof statuses)[number]

/** Why sales rejects a lead: a fixed list, so that CRMs can map it to their own field. */
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

/** How sales has responded. */
type Disposition = {
  /** Null when it came from the CRM. */
  by: Types.ObjectId | null
  at: Date
  source: 'sales' | 'crm'
  reason: string | null
  text: string
}

/**
 * A person who has been handed off to sales. Everything but the owner is a projection of the ledger (`leadState`),
 * computed again after every event that changes it.
 */
export type Lead = {
  /** The person, who is one lead however often they are handed off. */
  _id: Types.ObjectId
  /** Version of the ledger that it was computed from (`ledgerVersionOf`). */
  ledgerVersion: number
  status: LeadStatus
  /** Order of the groups in a list: 0 new, 1 working, 2 won, 3 rejected, 4 lost, 5 closed. */
  rank: number
  /** False once the person has withdrawn a consent or paused sharing: then sales sees nothing about them. */
  shared: boolean
  owner: Types.ObjectId | null
  assignedAt: Date | null
  qualifiedAt: Date
  /** When the first response is due. */
  respondBy: Date
  trigger: 'score' | 'contact_request'
  sequence: number
  /** Number of responses given and undone, so that each is one event. */
  dispositionCount: number
  disposition: Disposition | null
  /** Why it was closed without a response, such as `cooled` or `paused`. */
  closedReason: string | null
  /** Amount of the deal, in minor units. */
  amount: number | null
  currency: string | null
  outcomeAt: Date | null
  lostReason: string | null
  /** Copied from the score for sorting; a page computes the points as of now. */
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
