import { date, free, nullable, objectId, optional, string, type RecordOf } from '../platform/record'
import { defineQueue } from '../platform/queue'
import type { EventData, EventName } from './definitions'

// The questions that authors read, about all courses or one: a small share of all events, so they have their own
// indexes.
const questions = { partialFilterExpression: { name: 'question.asked' } }
// What people have opened, in all courses and in one.
const opened = { partialFilterExpression: { name: 'lesson.opened' } }
// Who has bought, which every colleague's score depends on.
const wonDeals = { partialFilterExpression: { name: 'opportunity.won' } }

/** The ledger. Each event is also its own entry in the queue of reactions. */
export const Events = defineQueue(
  'Event',
  'events',
  {
    /** Deterministic: what happens once has one id, however often it is recorded. */
    _id: string(),
    name: string<EventName>(),
    /** When it happened, UTC; not when it was written. */
    at: date(),
    recordedAt: date(),
    person: objectId(),
    course: nullable(objectId()),
    /** In the shape that `definitions` has for its name. */
    data: free<EventData[EventName]>(),
    /** See seal-event.ts. */
    seal: optional(string()),
  },
  {
    queue: 'events',
    indexes: [
      [{ person: 1, at: -1 }],
      // What was recorded since a moment, and what sales and the CRM did, of someone who did a lot.
      [{ person: 1, recordedAt: -1 }],
      [{ person: 1, name: 1, at: -1 }],
      [{ name: 1, at: -1, _id: -1 }],
      [{ course: 1, name: 1, at: -1, _id: -1 }, opened],
      [{ at: -1, _id: -1 }, questions],
      [{ course: 1, at: -1, _id: -1 }, questions],
      [{ person: 1 }, wonDeals],
    ],
  },
)

type Named<N extends EventName> = { name: N; data: EventData[N] }
/** One event, with any name or a given one. */
export type Event<N extends EventName = EventName> = Omit<RecordOf<typeof Events>, keyof Named<N>> & Named<N>

/** Returns a filter for lists that keeps the events of one name, so that TypeScript knows their data. */
export function isNamed<N extends EventName>(name: N) {
  return <E extends Named<EventName>>(event: E): event is E & Named<N> => event.name === name
}
