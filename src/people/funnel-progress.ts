import { model, Schema, type Types } from 'mongoose'

/** The steps of the funnel after the visit, in order. */
export const steps = ['signedUp', 'enrolled', 'active', 'completed', 'qualified', 'accepted', 'won'] as const
export type Step = (typeof steps)[number]

/**
 * How far one person is in the funnel, for reports: the first time of each step. A projection of the ledger, written by
 * `recordFunnelStep`. It contains no name and no email address.
 */
export type FunnelProgress = {
  _id: Types.ObjectId
  signedUpAt: Date
  /** Source of the first touch, see `sourceOf`. */
  source: string
  steps: Partial<Record<Step, Date>>
  /** The learner's steps, by course. */
  courses: Record<string, Partial<Record<'enrolled' | 'active' | 'completed', Date>>>
  /** The deal that was won, in minor units; undefined before that, and after a reopening. */
  won?: { amount: number; currency: string; at: Date }
}

const schema = new Schema<FunnelProgress>(
  {
    signedUpAt: { type: Date, required: true },
    source: { type: String, required: true },
    steps: { type: Schema.Types.Mixed, default: {} },
    courses: { type: Schema.Types.Mixed, default: {} },
    won: { type: Schema.Types.Mixed },
  },
  { versionKey: false, minimize: false },
)
schema.index({ signedUpAt: 1 })

export const FunnelProgresses = model<FunnelProgress>('FunnelProgress', schema, 'funnel_progress')
