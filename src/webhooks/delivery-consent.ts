import { People, type Person } from '../people/person'
import { hasObjected } from '../people/suppression'
import type { Types } from 'mongoose'
import type { Basis } from './define-message'

/**
 * Checks before every attempt whether a message may still be sent, since the person may have changed their mind after
 * it was queued. After an objection (GDPR Art. 21) only orders go out. A message based on consent needs that consent
 * now; a request to be contacted requires that sharing isn't paused; an order rests on the contract.
 *
 * @returns why the message may not be sent, as the `reason` of a cancelled delivery; null when it may.
 */
export async function blockedReason(message: {
  basis: Basis
  person: Types.ObjectId | null
}): Promise<string | null> {
  if (message.basis === 'none' || !message.person) return null
  const person = await People.findById(message.person)
  if (!person || person.erasedAt) return 'erased'
  if (message.basis === 'contract') return null
  if (await hasObjected(person.email)) return 'objection'
  if (person.sharingPausedAt) return 'paused'
  return message.basis === 'request' || canSeeLearning(person) ? null : 'withdrawn'
}

/** True when sales may see what a person learned, and the score that follows from it. */
export function canSeeLearning(person: Pick<Person, 'consents' | 'sharingPausedAt'>): boolean {
  return (
    person.consents.includes('profiling') &&
    person.consents.includes('share_with_sales') &&
    !person.sharingPausedAt
  )
}
