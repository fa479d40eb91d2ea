import type { QueryFilter } from 'mongoose'
import { Events, type Event } from './event'
import { eventSeal, hasItsSeal } from './seal-event'

/**
 * Empties words in the data of events, such as a name, and seals these events again, each in one write: nothing else
 * of an event ever changes. One that was changed without the application stays unsealed. May run twice.
 *
 * @param filter has to find events by an index.
 */
export async function blankWords(filter: QueryFilter<Event>, word: 'text' | 'name'): Promise<void> {
  const events = (await Events.find({
    ...filter,
    [`data.${word}`]: { $exists: true, $ne: '' },
  } as never)) as Event[]
  await Events.updateEach(
    events.map(event => {
      const data = { ...event.data, [word]: '' } as Event['data']
      const seal = hasItsSeal(event) ? { seal: eventSeal({ ...event, data }) } : {}
      return { filter: { _id: event._id }, change: { $set: { [`data.${word}`]: '', ...seal } } as never }
    }),
  )
}
