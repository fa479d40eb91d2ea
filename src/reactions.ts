import type { Event, EventName } from './events/event'
import type { Reaction } from './events/react'

/** THE FUNNEL ON ONE PAGE: what follows from what happens. Every reaction may run twice or be cut off half-way. */
export const reactions: { [N in EventName]: Reaction<N>[] } = {} as never

export type AnyEvent = Event
