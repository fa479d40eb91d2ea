import type { Types } from 'mongoose'
import { dependOnNothing } from '../platform/retained'
import {
  date,
  defineRecord,
  list,
  nested,
  nullable,
  number,
  objectId,
  oneOf,
  optional,
  string,
  withDefault,
  type ReadOf,
  type RecordOf,
} from '../platform/record'

export const purposes = ['profiling', 'share_with_sales', 'marketing_email'] as const
export type Purpose = (typeof purposes)[number]

/** A checkbox that a person ticked: its text as shown, the language and the page. */
export const consentInput = {
  purpose: oneOf(purposes),
  text: string(),
  locale: string(),
  /** Path of the page with the checkbox, such as `/sign-up`. */
  page: string(),
}
export type ConsentInput = ReadOf<typeof consentInput>

/** What someone agreed to, and when. */
const agreement = {
  ...consentInput,
  /** Counts the texts of this purpose in this language; see `versionOfText`. */
  textVersion: number(),
  /** SHA-256 of the text as it was shown, hex. */
  textHash: string(),
}

/** The proof of one consent (GDPR Art. 7(1)): the exact text, when and where it was shown, and its withdrawal. */
export const Consents = defineRecord(
  'Consent',
  'consents',
  {
    /** `person:purpose:withdrawals`, so a form that is sent twice creates one consent. */
    _id: string(),
    person: objectId(),
    ...agreement,
    basis: withDefault(oneOf(['consent']), 'consent'),
    givenAt: date(),
    /** Later texts that the person agreed to when they were asked again, oldest first. */
    renewals: optional(list(nested({ ...agreement, at: date() }))),
    /** Double opt-in for marketing: when the link in the email was used. The consent counts only from then on. */
    confirmedAt: nullable(date()),
    /** Text of the email whose link confirmed it. */
    confirmedBy: nullable(string()),
    withdrawnAt: nullable(date()),
  },
  { indexes: [[{ person: 1, givenAt: -1 }], [{ purpose: 1, withdrawnAt: 1, _id: 1 }]] },
)
export type Consent = RecordOf<typeof Consents>

/** Returns the text that a person had agreed to last at a moment, with its version, and when and where they did. */
export function agreedLast({ renewals, givenAt, ...first }: Consent, before?: Date) {
  const renewal = renewals?.findLast(({ at }) => !before || at <= before)
  const { text, textVersion, locale, page, at } = renewal ?? { ...first, at: givenAt }
  return { text, textVersion, locale, page, at }
}

/** Returns the consent that was given and not withdrawn, confirmed or not; null when there is none. */
export async function activeConsent(person: Types.ObjectId, purpose: Purpose): Promise<Consent | null> {
  const active = (await activeConsentsOf(person)).filter(consent => consent.purpose === purpose)
  return active.sort((a, b) => b.givenAt.getTime() - a.givenAt.getTime())[0] ?? null
}

const activeConsentsOf = Consents.loaderBy('person', { withdrawnAt: null })

/** Returns the consent that was given last, withdrawn or not; null when there was none. */
export function latestConsent(person: Types.ObjectId, purpose: Purpose): Promise<Consent | null> {
  return Consents.findOne({ person, purpose }).sort({ givenAt: -1 }).exec()
}

/** Returns the consents that were in effect at a moment, newest first. Marketing counts once it is confirmed. */
export async function activeConsentsAt(
  person: Types.ObjectId,
  at: Date,
  dependOn = dependOnNothing,
): Promise<Consent[]> {
  dependOn(Consents, 'person', person)
  const given = await Consents.find({ person, givenAt: { $lte: at } }).sort({ givenAt: -1 })
  return given.filter(
    ({ purpose, confirmedAt, withdrawnAt }) =>
      (!withdrawnAt || withdrawnAt > at) &&
      (purpose !== 'marketing_email' || (confirmedAt !== null && confirmedAt <= at)),
  )
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
    .exec()
}
