import { now } from '../platform/clock'
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
  const person = await People.findOneAndUpdate(
    { _id: consent.person, erasedAt: null },
    { $addToSet: { consents: 'marketing_email' } },
  )
  // Subscribing again, with proof of owning the address, ends the suppression.
  if (person) await unsuppress(person.email)
  return Boolean(person)
}
