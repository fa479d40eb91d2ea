import { model, Schema, type Types } from 'mongoose'

export const purposes = ['profiling', 'share_with_sales', 'marketing_email'] as const
export type Purpose = (typeof purposes)[number]

/** Goes up by one whenever the words of a box change (a test holds the words to it). */
export const textVersions: Record<Purpose, number> = { profiling: 1, share_with_sales: 1, marketing_email: 1 }

/** The proof of one consent: what was shown, when, where, in which words; and its withdrawal. */
export type Consent = {
  /** `person:purpose:withdrawals`: a form that is sent twice gives one consent. */
  _id: string
  person: Types.ObjectId
  purpose: Purpose
  basis: 'consent'
  textVersion: number
  /** SHA-256 of the text as it was shown, hex. */
  textHash: string
  text: string
  locale: string
  /** The page on which the box stood, such as `/sign-up`. */
  page: string
  givenAt: Date
  /** Double opt-in of marketing mail: when the letter's link was used. The purpose counts only from then on. */
  confirmedAt: Date | null
  /** The text of the letter whose link confirmed it. */
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

/** The consent to a purpose that has been given and not withdrawn, confirmed or not. */
export function activeConsent(person: Types.ObjectId, purpose: Purpose): Promise<Consent | null> {
  return Consents.findOne({ person, purpose, withdrawnAt: null }).sort({ givenAt: -1 }).lean<Consent>().exec()
}

/** Whoever has asked for letters and shown that the address is theirs, after the one who was read last (the id of their consent). */
export function subscribersAfter(
  place: string | null,
  most: number,
): Promise<Pick<Consent, '_id' | 'person'>[]> {
  return Consents.find(
    {
      purpose: 'marketing_email',
      withdrawnAt: null,
      confirmedAt: { $ne: null },
      ...(place !== null && { _id: { $gt: place } }),
    },
    { person: 1 },
  )
    .sort({ _id: 1 })
    .limit(most)
    .lean<Pick<Consent, '_id' | 'person'>[]>()
    .exec()
}
