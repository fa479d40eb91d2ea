import { minutes, seconds } from '../platform/clock'
import { workInOrder } from '../platform/ordered-work'
import { doubling, type Consumer } from '../platform/queue'
import { Events, type Event } from './event'
import type { EventName } from './definitions'

/** One reaction to an event. It may run twice or be interrupted, and the result must be the same. */
type Reaction<N extends EventName = EventName> = (event: Event<N>) => Promise<unknown>
export type Reactions = { [N in EventName]: Reaction<N>[] }

/**
 * Creates the consumer that runs the reactions of each event in order, those to one person's events one after another.
 * When one fails, all of them run again later: those after it wait, since they may depend on it. 20 attempts take 13
 * hours.
 *
 * @param oncePerBurst a reaction that depends on the person's whole ledger. Where it is the last one of an event, it is
 * left to the person's next event when that is due as well.
 */
export function reactTo(reactions: Reactions, oncePerBurst?: Reaction): Consumer {
  const rowOf = ({ name }: Event) => reactions[name] as Reaction[]
  const policy = {
    lease: minutes(1),
    backoff: doubling(seconds(5), minutes(60)),
    maxAttempts: 20,
    atOnce: 128,
    inOrderOf: ({ person }: Pick<Event, 'person'>) => person,
    keyField: 'person' as const,
  }
  return workInOrder(Events, policy, async (event, following) => {
    for (const reaction of rowOf(event)) {
      const isLast = reaction === rowOf(event).at(-1)
      const isLeft =
        isLast && reaction === oncePerBurst && following.some(next => rowOf(next).includes(reaction))
      if (!isLeft) await reaction(event)
    }
  })
}
