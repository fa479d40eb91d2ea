import type { LiveSession } from '../sessions/live-session'
import { isSessionFull, seatCountsOf } from '../sessions/shown-sessions'
import type { Texts } from '../web/texts'
import { isBookedAtOnce } from './follow-next'

/** Returns what a visitor signs up for who is about to book a session: HTML, because the session is a link. */
export async function ledeToSession(session: LiveSession, texts: Texts, zone: string): Promise<string> {
  const { html, dayIn, timeIn, zoneName } = texts
  const { startsAt, slug, title } = session
  const seats = (await seatCountsOf([session])).get(String(session._id))
  const isFull = seats !== undefined && isSessionFull(seats, session)
  const text = !isBookedAtOnce(session) ? 'toBooking' : isFull ? 'toWaitlist' : 'toSeat'
  const when = `${dayIn(startsAt, zone)}, ${timeIn(startsAt, zone)} (${zoneName(zone, startsAt)})`
  return html(`account:signUp.${text}`, { href: `/sessions/${slug}`, title, when })
}
