import type { Response } from 'express'
import { notFound } from '../platform/errors'
import { activeStates, bookingOf, type SessionBooking } from '../sessions/booking'
import { LiveSessions, type LiveSession } from '../sessions/live-session'
import { shownSession } from '../sessions/shown-sessions'
import type { Handler } from '../web/handler'

/** The session of a page, and what its reader has booked of it. */
export type SessionContext = { session: LiveSession; booking: SessionBooking | null }

/**
 * Loads the session in the URL.
 *
 * @throws 404 for one that the brand doesn't show to the visitor, unless they have a seat in it or wait for one: they
 * have to be able to give it up.
 */
export const loadSession: Handler = async (request, response, person) => {
  const { slug } = request.params
  const shown = await shownSession(response.locals.brand, slug, person)
  const session = shown ?? (person && (await LiveSessions.findOne({ slug })))
  if (!session) throw notFound()
  const booking = person && (await bookingOf(session._id, person._id))
  if (!shown && !(booking && isActiveBooking(booking) && session.state !== 'draft')) throw notFound()
  response.locals.sessionContext = { session, booking } satisfies SessionContext
}

/** Returns what `loadSession` found for this request. */
export function sessionContextOf(response: Response): SessionContext {
  return response.locals.sessionContext as SessionContext
}

/** Whether someone has a seat, or may still get one. */
export function isActiveBooking({ state, isWanted }: Pick<SessionBooking, 'state' | 'isWanted'>): boolean {
  return isWanted && (activeStates as readonly string[]).includes(state)
}
