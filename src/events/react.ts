import { later, minutes, now, seconds } from '../platform/clock'
import { log } from '../platform/log'
import { claim, complete } from '../platform/queue'
import { Events, type Event } from './event'
import type { EventName } from './definitions'

/** One thing that follows from an event. It may run twice or be cut off, and must end the same. */
type Reaction<N extends EventName = EventName> = (event: Event<N>) => Promise<unknown>
export type Reactions = { [N in EventName]: Reaction<N>[] }

const lease = minutes(1)

/**
 * Takes one due event and runs its reactions in their order. True when there was one. A reaction that fails puts the event
 * off (5 s, doubled up to an hour); the others after it wait, since they may build on it.
 */
export async function processNextEvent(reactions: Reactions): Promise<boolean> {
  const event = await claim(Events, lease)
  if (!event) return false
  try {
    for (const reaction of reactions[event.name] as Reaction[]) await reaction(event)
    await complete(Events, event, { dueAt: null, lastError: null })
  } catch (error) {
    const wait = Math.min(seconds(5) * 2 ** (event.attempts - 1), minutes(60))
    log.error(
      { err: error, event: event._id, attempts: event.attempts },
      'a reaction failed; it is tried again',
    )
    await complete(Events, event, { dueAt: later(now(), wait), lastError: String((error as Error).message) })
  }
  return true
}
