import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { Consents, activeConsent, type Consent, type ConsentInput } from './consent'
import { consentHashOf, versionOfText } from './consent-text'
import { People } from './person'
import { endObjection } from './suppression'

/**
 * Stores the proof of a consent, which counts from now on. Consent to marketing counts only once the link in its
 * email is used (`confirmMarketing`). Giving a consent twice changes nothing.
 */
export async function giveConsent(person: Types.ObjectId, input: ConsentInput, at = now()): Promise<Consent> {
  const consent = (await activeConsent(person, input.purpose)) ?? (await saveProof(person, input, at))
  await record({
    name: 'consent.given',
    person,
    at: consent.givenAt,
    idempotencyKey: [consent._id],
    data: { purpose: consent.purpose, consent: consent._id },
  })
  await applyConsent(consent)
  return consent
}

/** Reaction to `consent.given`: finishes a consent that was interrupted before its last step. */
export async function applyGivenConsent(event: Event<'consent.given'>): Promise<void> {
  const consent = await Consents.findOne({ _id: event.data.consent, withdrawnAt: null })
  if (consent) await applyConsent(consent)
}

/**
 * Makes a consent count, except an unconfirmed one to marketing and one to sharing that is paused. Agreeing to
 * scoring or sharing ends an earlier objection; only marketing emails stay off.
 */
async function applyConsent({ _id, person: id, purpose, givenAt, confirmedAt }: Consent): Promise<void> {
  if (purpose === 'marketing_email' && !confirmedAt) return
  const person = await People.findOneAndUpdate(
    { _id: id, erasedAt: null, ...(purpose === 'share_with_sales' ? { sharingPausedAt: null } : {}) },
    { $addToSet: { consents: purpose } },
  )
  if (person && purpose !== 'marketing_email') await endObjection(person.email, givenAt)
  // The consent may have been withdrawn between the read and the write of a late reaction.
  const isWithdrawn = await Consents.exists({ _id, withdrawnAt: { $ne: null } })
  if (isWithdrawn && !(await activeConsent(id, purpose)))
    await People.updateOne({ _id: id }, { $pull: { consents: purpose } })
}

/**
 * Stores the consent under an id that counts earlier withdrawals, so two forms sent at the same time create one record.
 */
async function saveProof(person: Types.ObjectId, input: ConsentInput, at: Date): Promise<Consent> {
  const withdrawals = await Consents.count({
    person,
    purpose: input.purpose,
    withdrawnAt: { $ne: null },
  })
  const _id = `${person}:${input.purpose}:${withdrawals}`
  const { record: consent } = await Consents.createOrFind(
    {
      _id,
      person,
      ...input,
      textVersion: await versionOfText(input),
      textHash: consentHashOf(input.text),
      givenAt: at,
    },
    { _id },
  )
  return consent
}
