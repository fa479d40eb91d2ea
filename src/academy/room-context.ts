import type { Response } from 'express'
import type { Person } from '../people/person'
import { forbidden, HttpError } from '../platform/errors'
import { roomPhaseOf } from '../sessions/attendance'
import type { SessionBooking } from '../sessions/booking'
import type { LiveSession } from '../sessions/live-session'
import { sessionPermissions } from '../sessions/session-role'
import { sessionContextOf } from './session-context'
import { sessionPath } from './session-row'

/** The page of a session, of its room, and of checking in to it. */
export function pathsOf(session: Pick<LiveSession, 'slug'>) {
  const page = sessionPath(session)
  return { page, room: `${page}/room`, checkIn: `${page}/check-in` }
}

/** Whether a person is a host of a session, or runs every one. */
export const runsSession = (person: Person, session: LiveSession) =>
  sessionPermissions(person, session).has('run')

/** Returns the reader's booking if it is a seat; null otherwise. */
export function seatIn(response: Response): SessionBooking | null {
  const { booking } = sessionContextOf(response)
  return booking?.state === 'booked' ? booking : null
}

/** Returns the session for who has a seat in it. Throws 403 for everyone else, and 409 while the room isn't open. */
export function openRoom(response: Response): LiveSession {
  const { session } = sessionContextOf(response)
  if (!seatIn(response)) throw forbidden()
  if (session.state !== 'published' || roomPhaseOf(session) !== 'open') {
    throw new HttpError(409, 'academy:errors.sessions.roomClosed')
  }
  return session
}
