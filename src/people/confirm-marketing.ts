import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { Consents } from './consent'
import { People } from './person'
import { unsuppress } from './suppression'

/**
 * The second step of the double opt-in: the link in the email was used, so the address is theirs and marketing may
 * start.
 *
 * @param emailText text of the email with the link, stored as proof
 * @returns false if the consent was withdrawn in the meantime
 */
export async function confirmMarketing(consentId: string, emailText: string): Promise<boolean> {
  const consent = await Consents.findOne({ _id: consentId, withdrawnAt: null })
  if (consent?.purpose !== 'marketing_email') return false
  await Consents.updateOne(
    { _id: consentId, confirmedAt: null },
    { $set: { confirmedAt: now(), confirmedBy: emailText } },
  )
  await record({
    name: 'consent.confirmed',
    person: consent.person,
    idempotencyKey: [consentId],
    data: { purpose: 'marketing_email', consent: consentId },
  })
  return subscribe(consent.person)
}

/** Reaction to `consent.confirmed`: finishes a confirmation that was interrupted before its last step. */
export async function applyConfirmedConsent({ data, person }: Event<'consent.confirmed'>): Promise<void> {
  if (await Consents.exists({ _id: data.consent, withdrawnAt: null })) await subscribe(person)
}

async function subscribe(_id: Types.ObjectId): Promise<boolean> {
  const person = await People.findOneAndUpdate(
    { _id, erasedAt: null },
    { $addToSet: { consents: 'marketing_email' } },
  )
  // Subscribing again, with proof of owning the address, ends the suppression.
  if (person) await unsuppress(person.email)
  return Boolean(person)
}
