import type { Types } from 'mongoose'
import { purposes } from './consent'
import { People, type Person } from './person'
import { suppress } from './suppression'
import { withdrawConsent } from './withdraw-consent'

/**
 * Takes an objection to direct marketing (GDPR Art. 21(2)): absolute, at once, with no reason asked. Every consent ends, and
 * the address stays on the list of those who are neither written to, nor scored, nor handed over.
 */
export async function objectToMarketing(_id: Types.ObjectId): Promise<void> {
  const person = await People.findOne({ _id, erasedAt: null }).lean<Person>()
  if (!person) return
  await suppress(person.email, 'objected')
  for (const purpose of purposes) await withdrawConsent(_id, purpose)
}
