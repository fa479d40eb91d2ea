import { People, sharesWithSales, type Person } from '../people/person'
import { objectedAmong } from '../people/suppression'
import type { Types } from 'mongoose'
import type { Basis } from './define-message'

type Consentable = { basis: Basis; person: Types.ObjectId | null }

/**
 * Checks before every attempt whether messages may still be sent, since a person may have changed their mind after
 * one was queued. After an objection (GDPR Art. 21) only orders go out. A message based on consent needs that consent
 * now; a request to be contacted requires that sharing isn't paused; an order rests on the contract.
 *
 * @returns a function that returns why one of these messages may not be sent, as the `reason` of a cancelled delivery;
 * null when it may.
 */
export async function readBlocks(messages: Consentable[]): Promise<(message: Consentable) => string | null> {
  const ids = messages.flatMap(({ basis, person }) => (basis === 'none' || !person ? [] : [person]))
  const people = ids.length ? await People.find({ _id: { $in: ids } }) : []
  const byId = new Map(people.map(person => [String(person._id), person]))
  const needsConsent = messages.some(({ basis }) => basis === 'consent' || basis === 'request')
  const objected = await objectedAmong(needsConsent ? people.map(({ email }) => email) : [])
  return ({ basis, person: id }) => {
    if (basis === 'none' || !id) return null
    const person = byId.get(String(id))
    if (!person || person.erasedAt) return 'erased'
    if (basis === 'contract') return null
    if (objected.has(person.email)) return 'objection'
    if (person.sharingPausedAt) return 'paused'
    return basis === 'request' || canSeeLearning(person) ? null : 'withdrawn'
  }
}

/** Returns why one message may not be sent now, or null. */
export async function blockedReason(message: Consentable): Promise<string | null> {
  return (await readBlocks([message]))(message)
}

/** True when sales may see what a person learned, and the score that follows from it. */
export function canSeeLearning(person: Pick<Person, 'consents' | 'sharingPausedAt'>): boolean {
  return person.consents.includes('profiling') && sharesWithSales(person)
}
