import type { Types } from 'mongoose'
import { Events, type Event } from '../events/event'
import { eventId } from '../events/record'
import { hours, later, now } from '../platform/clock'
import { HttpError } from '../platform/errors'
import { paidSeat } from '../orders/access'
import { Orders, type Order } from '../orders/order'
import { givesAccess } from '../orders/payment'
import { bookSeat, cancelBooking, keepHeldSeat } from '../sessions/book-seat'
import { bookingId, SessionBookings, type SessionBooking } from '../sessions/booking'
import { LiveSessions, type LiveSession } from '../sessions/live-session'
import { isRefunded } from '../sessions/pay-seat'
import { endPayment } from './open-payment'
import { refundPayment } from './stripe'

/** How long a seat stays held for a payment that was just made, until the worker has noted it. */
const noteWithin = hours(1)

/**
 * Reaction to a change of an order: people who have paid get their seat, and people who have their money back give it
 * up. Reads the current state of the orders, not the event, so the result is right in whatever order events arrive. A
 * payment that came too late for the seat, and finds no other, is sent back.
 */
export async function updateSeat({
  person,
  data,
}: Event<'order.paid' | 'order.refunded' | 'order.disputed' | 'order.reinstated'>): Promise<void> {
  const order = await Orders.findById(data.order)
  const session = order?.liveSession && (await LiveSessions.findById(order.liveSession))
  if (!order || !session) return
  const booking = await SessionBookings.findById(bookingId(session._id, person))
  const paid = await paidSeat(person, session._id)
  if (!paid) {
    if (booking?.order?.equals(order._id)) await cancelBooking(session, person, 'payment')
    return
  }
  if (!(await hasSeat(session, person, paid))) await refund(paid)
}

/** Gives a person who has paid their seat, or one that is free. Returns false when there is none. */
async function hasSeat(session: LiveSession, person: Types.ObjectId, { _id }: Order): Promise<boolean> {
  const before = await SessionBookings.findById(bookingId(session._id, person))
  // A seat that was theirs and given up since: what becomes of the money is decided with that. One that a dispute took
  // away comes back with the money, while there is something to come to.
  const isBack = before?.cancelledBy === 'payment' && session.state === 'published' && session.endsAt > now()
  if (before?.state === 'cancelled' && !isBack) return wasBooked(before)
  const kept = await orNull(keepHeldSeat(session, person, 'paying'))
  if (kept?.state === 'booked') return true
  const booked = await orNull(
    bookSeat(session, person, {
      ...{ answers: before?.answers ?? {}, timeZone: before?.timeZone ?? null },
      order: _id,
    }),
  )
  if (booked?.state === 'booked') return true
  // Nobody who has their money back waits for a seat that they would have to pay again.
  await cancelBooking(session, person, 'academy')
  return false
}

/** Whether a booking had a seat, however it ended. */
function wasBooked({ session, person, number }: SessionBooking): Promise<boolean> {
  return Events.exists({
    _id: eventId({ name: 'session.booked', person, idempotencyKey: [session, number] }),
  })
}

/** Returns null for what a person may no longer do. */
async function orNull<T>(done: Promise<T>): Promise<T | null> {
  return done.catch((error: unknown) => {
    if (error instanceof HttpError && error.status === 409) return null
    throw error
  })
}

/**
 * Reaction to `session.booking_cancelled`: sends the money back of a session that doesn't take place, and of a seat
 * that was given up in time. A payment page that is still open closes.
 */
export async function refundSeat({ person, data, at }: Event<'session.booking_cancelled'>): Promise<void> {
  const session = await LiveSessions.findById(data.session)
  if (!session || data.by === 'expired') return
  const booking = await SessionBookings.findById(bookingId(session._id, person))
  // Booked again since.
  if (booking?.isWanted && booking.state !== 'cancelled') return
  const unpaid = booking?.order && (await Orders.findById(booking.order))
  if (unpaid) await endPayment(unpaid)
  const order = await paidSeat(person, session._id)
  if (!order) return
  if (data.by === 'academy' || isRefunded(session, at)) await refund(order)
}

async function refund(order: Order): Promise<void> {
  await refundPayment(order).catch((error: { code?: string }) => {
    // It was sent back before, and Stripe's report is on its way.
    if (error.code !== 'charge_already_refunded') throw error
  })
}

/** Ends the payment of a seat whose time is over; see `BookingEffects`. */
export async function endSeatPayment(booking: SessionBooking, session: LiveSession): Promise<Date | null> {
  const order = booking.order && (await Orders.findById(booking.order))
  if (!order) return null
  const state = await endPayment(order)
  if (givesAccess(state)) return later(now(), noteWithin)
  if (state !== 'pending') return null
  return [session.startsAt, session.endsAt].find(each => each > now()) ?? null
}
