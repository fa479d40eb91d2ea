import type { Types } from 'mongoose'
import { purposes } from './consent'
import { People } from './person'
import { suppress } from './suppression'
import { withdrawConsent } from './withdraw-consent'

/**
 * Records an objection to direct marketing (GDPR Art. 21(2)): absolute, effective immediately, without a reason. Every
 * consent ends, and the suppressed address is neither emailed, nor scored, nor handed to sales.
 */
export async function objectToMarketing(_id: Types.ObjectId): Promise<void> {
  const person = await People.findOne({ _id, erasedAt: null })
  if (!person) return
  await suppress(person.email, 'objected')
  for (const purpose of purposes) await withdrawConsent(_id, purpose)
}
