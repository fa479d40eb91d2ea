import type { Types } from 'mongoose'
import { People, type Person } from './person'
import { isSuppressed } from './suppression'

/**
 * The gate before each letter: who is erased gets none, who objected or never agreed gets no marketing. Service letters
 * need no consent.
 */
export async function mayReceive(letter: {
  person: Types.ObjectId | null
  to: string
  kind: 'service' | 'marketing'
}): Promise<'open' | 'gone' | 'suppressed' | 'no-consent'> {
  const person = letter.person && (await People.findOne({ _id: letter.person }).lean<Person>())
  if (letter.person && (!person || person.erasedAt)) return 'gone'
  if (letter.kind === 'service') return 'open'
  if (await isSuppressed(letter.to)) return 'suppressed'
  return person?.consents.includes('marketing_email') ? 'open' : 'no-consent'
}
