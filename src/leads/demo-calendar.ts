import { createHash } from 'node:crypto'
import { invitationFile } from '../mail/calendar'
import type { Person } from '../people/person'
import { now } from '../platform/clock'
import type { DemoBooking } from './demo-booking'
import type { DemoHours } from './demo-hours'

/**
 * Returns the invitation to a demo for both calendars, or its cancellation.
 *
 * @param host of the academy, which makes the id of the meeting unique.
 */
export function demoCalendar(
  { _id, startsAt, endsAt, bookedAt }: Pick<DemoBooking, '_id' | 'startsAt' | 'endsAt' | 'bookedAt'>,
  { summary, host, rep, person, hours }: DemoCalendar,
  method: 'REQUEST' | 'CANCEL',
): string {
  const id = createHash('sha256').update(`${_id}.${bookedAt.getTime()}`).digest('hex').slice(0, 32)
  return invitationFile(
    {
      ...{ startsAt, endsAt, summary },
      uid: `demo-${id}@${host}`,
      // A demo is moved by cancelling it and booking another one.
      sequence: method === 'CANCEL' ? 1 : 0,
      at: now(),
      description: '',
      place: hours?.place ?? '',
      organizer: rep,
    },
    person,
    method,
  )
}

type DemoCalendar = {
  summary: string
  host: string
  rep: Pick<Person, 'name' | 'email'>
  /** Null for a teammate whom they don't share with any more. */
  person: Pick<Person, 'name' | 'email'> | null
  /** When the teammate gives demos, and where. */
  hours: DemoHours | null
}
