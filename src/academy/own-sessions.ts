import type { Person } from '../people/person'
import { now } from '../platform/clock'
import { bookingsOf, type SessionBooking } from '../sessions/booking'
import { LiveSessions, phaseOf, type LiveSession } from '../sessions/live-session'
import type { Texts } from '../web/texts'
import { isActiveBooking } from './session-context'
import { sessionPath, sessionRow } from './session-row'

/** How many sessions that are over are listed. */
const maxPast = 4

/**
 * Returns what a learner has booked: what comes with its buttons, and the last of what is over with its materials; null
 * when they have booked nothing.
 */
export async function ownSessions(texts: Texts, { _id }: Pick<Person, '_id'>, zone: string) {
  const { t, zoneName, dateOnlyIn } = texts
  const bookings = await bookingsOf(_id)
  if (!bookings.length) return null
  const sessions = await LiveSessions.find({ _id: { $in: bookings.map(({ session }) => session) } })
  const byId = new Map(bookings.map(booking => [String(booking.session), booking]))
  const bookingFor = ({ _id: id }: LiveSession): SessionBooking => byId.get(String(id))!
  const moment = now()
  const sorted = sessions.toSorted((a, b) => Number(a.startsAt) - Number(b.startsAt))
  const ahead = sorted.filter(each => each.endsAt > moment && isActiveBooking(bookingFor(each)))
  const past = sorted
    .filter(
      each => each.endsAt <= moment && each.state === 'published' && bookingFor(each).state === 'booked',
    )
    .reverse()
    .slice(0, maxPast)
  if (!ahead.length && !past.length) return null
  return {
    zone,
    zoneText: t('academy:sessions.zone', { zone: zoneName(zone) }),
    calendar: '/learning/calendar',
    ahead: ahead.map(session => {
      const booking = bookingFor(session)
      const path = sessionPath(session)
      const isOpen = booking.state === 'booked' && phaseOf(session) !== 'ahead'
      const room = session.kind === 'online' ? 'sessions.box.join' : 'liveSession.checkIn.room'
      return {
        ...sessionRow(texts, session, { zone, booking }),
        room:
          isOpen && session.state === 'published'
            ? { href: `${path}/room`, text: t(`academy:${room}`) }
            : null,
        cancel: session.state === 'published' ? `${path}/booking/cancellation` : null,
        cancelText: t(`academy:sessions.box.${booking.state === 'waiting' ? 'leave' : 'cancel'}`),
        cancelLabel: t('academy:sessions.cancelOf', { title: session.title }),
      }
    }),
    past: past.map(session => ({
      href: sessionPath(session),
      title: session.title,
      day: dateOnlyIn(session.startsAt, zone),
      outcome: bookingFor(session).outcome === 'attended' ? t('academy:sessions.attended') : '',
      materials: session.materials.slice(0, 3).map(({ id, title }) => ({
        href: `${sessionPath(session)}/materials/${id}`,
        text: title,
      })),
    })),
  }
}
