import { People, type Person } from '../people/person'
import { hasObjected } from '../people/suppression'
import type { Message } from './message'

/**
 * Why a message may not go out (again), asked before every try: somebody may have changed their mind since it was queued.
 * Null when it may. Nothing but an order goes out about somebody who objected. A message on the ground of consent needs that consent now; what somebody asked for themselves needs that they
 * have not paused sharing since; an order is the contract's business.
 */
export async function blockedReason(message: Pick<Message, 'basis' | 'person'>): Promise<string | null> {
  if (message.basis === 'none' || !message.person) return null
  const person = await People.findById(message.person).lean<Person>()
  if (!person || person.erasedAt) return 'erased'
  if (message.basis === 'contract') return null
  if (await hasObjected(person.email)) return 'objection'
  if (person.sharingPausedAt) return 'paused'
  return message.basis === 'request' || maySeeLearning(person) ? null : 'withdrawn'
}

/** True when sales may see what somebody learned and what follows from it. */
export function maySeeLearning(person: Pick<Person, 'consents' | 'sharingPausedAt'>): boolean {
  return (
    person.consents.includes('profiling') &&
    person.consents.includes('share_with_sales') &&
    !person.sharingPausedAt
  )
}
