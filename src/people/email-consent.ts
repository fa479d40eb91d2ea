import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { hasBounced } from '../mail/bounce'
import { People } from './person'
import { quietUntil } from './quiet-hours'
import { isSuppressed } from './suppression'

type Decision = {
  decision: 'open' | 'gone' | 'suppressed' | 'no-consent' | 'bounced' | 'quiet'
  /** When to try again; null when that would change nothing. */
  retryAt: Date | null
}

/**
 * Decides whether an email may be sent now. An erased person gets none. Marketing needs a consent and no objection,
 * and is sent neither to a mailbox that bounced nor at night. Service emails need no consent and are sent at any
 * time.
 */
export async function decideSending(email: {
  person: Types.ObjectId | null
  to: string
  kind: 'service' | 'marketing'
}): Promise<Decision> {
  const person = email.person && (await People.findById(email.person))
  if (email.person && (!person || person.erasedAt)) return { decision: 'gone', retryAt: null }
  if (email.kind === 'service') return { decision: 'open', retryAt: null }
  if (await isSuppressed(email.to)) return { decision: 'suppressed', retryAt: null }
  if (!person?.consents.includes('marketing_email')) return { decision: 'no-consent', retryAt: null }
  if (await hasBounced(email.to)) return { decision: 'bounced', retryAt: null }
  const retryAt = quietUntil(person.country, now())
  return retryAt ? { decision: 'quiet', retryAt } : { decision: 'open', retryAt: null }
}
