import { completeUnlessDue, doubling, work, type Consumer } from '../platform/queue'
import { minutes, now } from '../platform/clock'
import { SessionBookings, nextReminder, type ReminderHours, type SessionBooking } from './booking'
import { reconcileBooking } from './book-seat'
import { LiveSessions, type LiveSession } from './live-session'

/** What people are told about their bookings. Each may run twice and tells them once. */
export type BookingNotices = {
  offer: (booking: SessionBooking, session: LiveSession) => Promise<void>
  remind: (booking: SessionBooking, session: LiveSession, hours: ReminderHours) => Promise<void>
}

/**
 * Does what is due about a booking: finishes one that was interrupted, writes to the next in the wait-list, ends an
 * offer that has expired, and reminds. 20 attempts take 14 hours.
 */
export function advanceBookings(notices: BookingNotices): Consumer {
  return work(
    SessionBookings,
    { lease: minutes(1), backoff: doubling(minutes(1), minutes(60)), maxAttempts: 20, atOnce: 4 },
    async booking => {
      const session = await LiveSessions.load(booking.session)
      if (!session) return
      const settled = await reconcileBooking(booking, session)
      // A seat may be offered to them, or they cancel, at any moment.
      return completeUnlessDue(SessionBookings, settled, await advanced(settled, session, notices))
    },
  )
}

async function advanced(
  settled: SessionBooking,
  session: LiveSession,
  notices: BookingNotices,
): Promise<Partial<SessionBooking>> {
  if (settled.state === 'offered') {
    await notices.offer(settled, session)
    return { dueAt: settled.until }
  }
  if (settled.state === 'paying') return { dueAt: settled.until }
  if (settled.state !== 'booked' || session.state !== 'published') return {}
  const moment = now()
  const reminder = nextReminder(settled, session.startsAt, moment)
  if (!reminder) return {}
  if (reminder.dueAt > moment) return { dueAt: reminder.dueAt }
  await notices.remind(settled, session, reminder.hours)
  const isSameStart = settled.remindedOf?.getTime() === session.startsAt.getTime()
  const reminded = [...(isSameStart ? settled.reminded : []), reminder.hours]
  const sent = { reminded, remindedOf: session.startsAt }
  return { ...sent, dueAt: nextReminder({ ...settled, ...sent }, session.startsAt, moment)?.dueAt ?? null }
}
