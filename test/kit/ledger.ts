import { Events, type Event } from '../../src/events/event'
import type { Person } from '../../src/people/person'
import * as worker from '../../src/worker'
import { watched } from './scans'

/** The names of all that has happened to somebody, oldest first, once everything due has been done. */
export async function happened(person: Pick<Person, '_id'>): Promise<string[]> {
  await runAllDue()
  const events = await Events.find({ person: person._id }).sort({ at: 1, _id: 1 }).lean<Event[]>()
  return events.map(event => event.name)
}

/** Does all that is due now. */
export function runAllDue(): Promise<number> {
  return watched(worker.runAllDue)
}
