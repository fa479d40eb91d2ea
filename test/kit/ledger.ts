import { Events } from '../../src/events/event'
import type { Person } from '../../src/people/person'
import * as worker from '../../src/worker'
import { recordQueries } from './collection-scans'

/** Runs everything that is due and returns the names of the person's events, oldest first. */
export async function happened(person: Pick<Person, '_id'>): Promise<string[]> {
  await runAllDue()
  const events = await Events.find({ person: person._id }).sort({ at: 1, _id: 1 })
  return events.map(event => event.name)
}

/** Runs everything that is due: reactions, emails, webhook deliveries and scheduled jobs. */
export function runAllDue(): Promise<number> {
  return recordQueries(worker.runAllDue)
}
