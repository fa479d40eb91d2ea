import { model, Schema, type Types } from 'mongoose'

export const purposes = ['profiling', 'share_with_sales', 'marketing_email'] as const
export type Purpose = (typeof purposes)[number]

/** Raise a version by one when its consent text changes (a test compares the texts with their hashes). */
export const textVersions: Record<Purpose, number> = { profiling: 1, share_with_sales: 1, marketing_email: 1 }

/** The proof of one consent (GDPR Art. 7(1)): the exact text, when and where it was shown, and its withdrawal. */
export type Consent = {
  /** `person:purpose:withdrawals`, so a form that is sent twice gives one consent. */
  _id: string
  person: Types.ObjectId
  purpose: Purpose
  basis: 'consent'
  textVersion: number
  /** SHA-256 of the text as it was shown, hex. */
  textHash: string
  text: string
  locale: string
  /** Path of the page with the checkbox, such as `/sign-up`. */
  page: string
  givenAt: Date
  /** Double opt-in for marketing: when the link in the email was used. The consent counts only from then on. */
  confirmedAt: Date | null
  /** Text of the email whose link confirmed it. */
  confirmedBy: string | null
  withdrawnAt: Date | null
}

const schema = new Schema<Consent>(
  {
    _id: { type: String, required: true },
    person: { type: Schema.Types.ObjectId, required: true },
    purpose: { type: String, enum: purposes, required: true },
    basis: { type: String, default: 'consent' },
    textVersion: { type: Number, required: true },
    textHash: { type: String, required: true },
    text: { type: String, required: true },
    locale: { type: String, required: true },
    page: { type: String, required: true },
    givenAt: { type: Date, required: true },
    confirmedAt: { type: Date, default: null },
    confirmedBy: { type: String, default: null },
    withdrawnAt: { type: Date, default: null },
  },
  { versionKey: false },
)
schema.index({ person: 1, givenAt: -1 })
schema.index({ purpose: 1, withdrawnAt: 1, _id: 1 })

export const Consents = model<Consent>('Consent', schema, 'consents')

/** Returns the consent that was given and not withdrawn, confirmed or not; null when there is none. */
export function activeConsent(person: Types.ObjectId, purpose: Purpose): Promise<Consent | null> {
  return Consents.findOne({ person, purpose, withdrawnAt: null }).sort({ givenAt: -1 }).lean<Consent>().exec()
}

/** Returns up to `limit` confirmed subscribers to emails about courses, after the consent with the id `cursor`. */
export function subscribersAfter(
  cursor: string | null,
  limit: number,
): Promise<Pick<Consent, '_id' | 'person'>[]> {
  return Consents.find(
    {
      purpose: 'marketing_email',
      withdrawnAt: null,
      confirmedAt: { $ne: null },
      ...(cursor !== null && { _id: { $gt: cursor } }),
    },
    { person: 1 },
  )
    .sort({ _id: 1 })
    .limit(limit)
    .lean<Pick<Consent, '_id' | 'person'>[]>()
    .exec()
}
