import { completeUnlessDue, doubling, work, type Consumer } from '../platform/queue'
import { later, minutes, now } from '../platform/clock'
import { SessionBookings, nextReminder, type ReminderHours, type SessionBooking } from './booking'
import { reconcileBooking } from './book-seat'
import { isUndoable, LiveSessions, type LiveSession } from './live-session'
import { holdSeat, releaseSeat } from './seats'

/** How soon to look again whether people have been told about a change of the session. */
const toldWithin = minutes(1)

/**
 * What is done about bookings elsewhere. Each may run twice; people are told once.
 */
export type BookingEffects = {
  offer: (booking: SessionBooking, session: LiveSession) => Promise<void>
  remind: (booking: SessionBooking, session: LiveSession, hours: ReminderHours) => Promise<void>
  /**
   * Ends the payment of a seat whose time is over. Returns until when the seat is held on, because it was paid or the
   * money is on its way; null when it can no longer be paid.
   */
  endPayment: (booking: SessionBooking, session: LiveSession) => Promise<Date | null>
}

/**
 * Does what is due about a booking: finishes one that was interrupted, writes to the next in the wait-list, ends an
 * offer that has expired, and reminds. 20 attempts take 14 hours.
 */
export function advanceBookings(effects: BookingEffects): Consumer {
  return work(
    SessionBookings,
    { lease: minutes(1), backoff: doubling(minutes(1), minutes(60)), maxAttempts: 20, atOnce: 4 },
    async booking => {
      const session = await LiveSessions.load(booking.session)
      if (!session) return
      const settled = await reconcileBooking(booking, session)
      // A seat may be offered to them, or they cancel, at any moment.
      return completeUnlessDue(SessionBookings, settled, await advanced(settled, session, effects))
    },
  )
}

async function advanced(
  settled: SessionBooking,
  session: LiveSession,
  effects: BookingEffects,
): Promise<Partial<SessionBooking>> {
  // Whether it takes place is known then.
  if (isUndoable(session)) return { dueAt: session.undoUntil }
  if (settled.state === 'offered') {
    await effects.offer(settled, session)
    return { dueAt: settled.until }
  }
  if (settled.state === 'paying') return endHold(settled, session, effects)
  if (settled.state !== 'booked' || session.state !== 'published') return {}
  const moment = now()
  const reminder = nextReminder(settled, session.startsAt, moment)
  if (!reminder) return {}
  // The time may change again, so nobody is reminded of one that they haven't been told.
  if (session.sequence !== session.notifiedSequence) return { dueAt: later(moment, toldWithin) }
  if (reminder.dueAt > moment) return { dueAt: reminder.dueAt }
  await effects.remind(settled, session, reminder.hours)
  const isSameStart = settled.remindedOf?.getTime() === session.startsAt.getTime()
  const reminded = [...(isSameStart ? settled.reminded : []), reminder.hours]
  const sent = { reminded, remindedOf: session.startsAt }
  return { ...sent, dueAt: nextReminder({ ...settled, ...sent }, session.startsAt, moment)?.dueAt ?? null }
}

/** Ends the hold of a seat that wasn't paid in time, unless Stripe says otherwise. */
async function endHold(
  booking: SessionBooking,
  session: LiveSession,
  { endPayment }: BookingEffects,
): Promise<Partial<SessionBooking>> {
  if (booking.until && booking.until > now()) return { dueAt: booking.until }
  const until = await endPayment(booking, session)
  if (until && (await holdSeat(session._id, booking.person, until))) return { until, dueAt: until }
  await releaseSeat(session._id, booking.person)
  const { dueAt } = await reconcileBooking(booking, session)
  return { dueAt }
}
