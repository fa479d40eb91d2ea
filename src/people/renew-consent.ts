import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { record } from '../events/record'
import { activeConsent, agreedLast, Consents, type ConsentInput } from './consent'
import { consentHashOf, versionOfText } from './consent-text'

/**
 * Stores that someone who gave a consent also agrees to its current text. The proof of what they agreed to before
 * stays. Does nothing without a consent, or when they have agreed to this text already.
 */
export async function renewConsent(person: Types.ObjectId, input: ConsentInput): Promise<void> {
  const consent = await activeConsent(person, input.purpose)
  if (!consent || agreedLast(consent).text === input.text) return
  const textHash = consentHashOf(input.text)
  const renewal = { ...input, textHash, textVersion: await versionOfText(input), at: now() }
  // Two presses at once agree once: the condition is on the record itself.
  const { modifiedCount } = await Consents.updateOne(
    { _id: consent._id, withdrawnAt: null, 'renewals.textHash': { $ne: textHash } },
    { $push: { renewals: renewal } },
  )
  if (!modifiedCount) return
  await record({
    name: 'consent.renewed',
    person,
    at: renewal.at,
    idempotencyKey: [consent._id, textHash],
    data: { purpose: consent.purpose, consent: consent._id, version: renewal.textVersion },
  })
}
