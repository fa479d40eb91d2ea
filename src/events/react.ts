import { minutes, seconds } from '../platform/clock'
import { doubling, work, type Consumer } from '../platform/queue'
import { Events, type Event } from './event'
import type { EventName } from './definitions'

/** One reaction to an event. It may run twice or be interrupted, and the result must be the same. */
type Reaction<N extends EventName = EventName> = (event: Event<N>) => Promise<unknown>
export type Reactions = { [N in EventName]: Reaction<N>[] }

/**
 * Creates the consumer that runs the reactions of each event in order. When one fails, all of them run again later:
 * those after it wait, since they may depend on it. 20 attempts take 13 hours.
 */
export function reactTo(reactions: Reactions): Consumer {
  const policy = { lease: minutes(1), backoff: doubling(seconds(5), minutes(60)), maxAttempts: 20 }
  return work(Events, policy, async event => {
    for (const reaction of reactions[event.name] as Reaction[]) await reaction(event)
  })
}
