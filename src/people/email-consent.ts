import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { hasBounced } from '../mail/bounce'
import { People, type Person } from './person'
import { quietUntil } from './quiet-hours'
import { isSuppressed } from './suppression'

type Decision = {
  decision: 'open' | 'gone' | 'suppressed' | 'no-consent' | 'bounced' | 'quiet'
  /** When to ask again; null when that would change nothing. */
  retryAt: Date | null
}

/**
 * The gate before each letter: who is erased gets none; marketing goes to nobody who objected or never agreed, to no mailbox that is
 * not there, and not at night. Service letters need no consent, and come when they are asked for.
 */
export async function decideSending(letter: {
  person: Types.ObjectId | null
  to: string
  kind: 'service' | 'marketing'
}): Promise<Decision> {
  const person = letter.person && (await People.findOne({ _id: letter.person }).lean<Person>())
  if (letter.person && (!person || person.erasedAt)) return { decision: 'gone', retryAt: null }
  if (letter.kind === 'service') return { decision: 'open', retryAt: null }
  if (await isSuppressed(letter.to)) return { decision: 'suppressed', retryAt: null }
  if (!person?.consents.includes('marketing_email')) return { decision: 'no-consent', retryAt: null }
  if (await hasBounced(letter.to)) return { decision: 'bounced', retryAt: null }
  const retryAt = quietUntil(person.country, now())
  return retryAt ? { decision: 'quiet', retryAt } : { decision: 'open', retryAt: null }
}
