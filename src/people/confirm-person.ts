import { now } from '../platform/clock'
import { record } from '../events/record'
import { People, type Person } from './person'

/** Remembers that a person has used a link that was sent to their address. Doing it again changes nothing. */
export async function confirmPerson(person: Person): Promise<Person> {
  if (person.confirmedAt) return person
  const confirmedAt = now()
  await record({ name: 'person.confirmed', person: person._id, idempotencyKey: [], data: {} })
  await People.updateOne({ _id: person._id, confirmedAt: null, erasedAt: null }, { $set: { confirmedAt } })
  return { ...person, confirmedAt }
}
