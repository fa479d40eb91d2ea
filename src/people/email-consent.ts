import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { hasBounced } from '../mail/bounce'
import { People, type Person } from './person'
import { quietUntil } from './quiet-hours'
import { isSuppressed } from './suppression'

type Answer = {
  gate: 'open' | 'gone' | 'suppressed' | 'no-consent' | 'bounced' | 'quiet'
  /** When to ask again; null when that would change nothing. */
  until: Date | null
}

/**
 * The gate before each letter: who is erased gets none; marketing goes to nobody who objected or never agreed, to no mailbox that is
 * not there, and not at night. Service letters need no consent, and come when they are asked for.
 */
export async function mayReceive(letter: {
  person: Types.ObjectId | null
  to: string
  kind: 'service' | 'marketing'
}): Promise<Answer> {
  const person = letter.person && (await People.findOne({ _id: letter.person }).lean<Person>())
  if (letter.person && (!person || person.erasedAt)) return { gate: 'gone', until: null }
  if (letter.kind === 'service') return { gate: 'open', until: null }
  if (await isSuppressed(letter.to)) return { gate: 'suppressed', until: null }
  if (!person?.consents.includes('marketing_email')) return { gate: 'no-consent', until: null }
  if (await hasBounced(letter.to)) return { gate: 'bounced', until: null }
  const until = quietUntil(person.country, now())
  return until ? { gate: 'quiet', until } : { gate: 'open', until: null }
}
