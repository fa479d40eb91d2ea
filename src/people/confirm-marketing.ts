import { now } from '../platform/clock'
import { Consents, type Consent } from './consent'
import { People, type Person } from './person'
import { unsuppress } from './suppression'

/**
 * The second step of the double opt-in: the link of the letter was used, so the address is theirs and letters may come.
 * `letter` is the text of that letter, kept as proof. False if the consent was withdrawn meanwhile.
 */
export async function confirmMarketing(consentId: string, letter: string): Promise<boolean> {
  const consent = await Consents.findOne({ _id: consentId, withdrawnAt: null }).lean<Consent>()
  if (consent?.purpose !== 'marketing_email') return false
  await Consents.updateOne(
    { _id: consentId, confirmedAt: null },
    { $set: { confirmedAt: now(), confirmedBy: letter } },
  )
  const person = await People.findOneAndUpdate(
    { _id: consent.person, erasedAt: null },
    { $addToSet: { consents: 'marketing_email' } },
  ).lean<Person>()
  // Whoever asks for letters again, and proves that it is them, is no longer on the list of those who must get none.
  if (person) await unsuppress(person.email)
  return Boolean(person)
}
