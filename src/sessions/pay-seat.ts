import type { Types } from 'mongoose'
import { hours, later, minutes, now } from '../platform/clock'
import { HttpError } from '../platform/errors'
import { bookingId, SessionBookings } from './booking'
import type { LiveSession } from './live-session'
import { holdSeat } from './seats'

/** How long a seat is held for someone who is on their way to the payment page. */
const holdMinutes = 20
/** How long a payment page stays open; Stripe's minimum is 30 minutes. */
const pageMinutes = 31
/** A payment that was made at the last moment is known a little later. */
const graceMinutes = 4
/** Nobody holds a seat longer than this by opening the payment page again and again. */
const longest = hours(2)

/** Returns until when a seat is held for someone who books now; null for a free session. */
export function paymentDue({ price }: Pick<LiveSession, 'price'>): Date | null {
  return price && later(now(), minutes(holdMinutes))
}

/**
 * Holds a person's seat until the payment page that is opened now has closed.
 *
 * @returns when the page closes.
 * @throws 409 when the seat is no longer held, or was held for two hours.
 */
export async function holdForPayment(session: LiveSession, person: Types.ObjectId): Promise<Date> {
  const moment = now()
  const booking = await SessionBookings.findById(bookingId(session._id, person))
  const since = (booking?.state === 'paying' && booking.heldSince) || moment
  const closes = later(moment, minutes(pageMinutes))
  const until = later(closes, minutes(graceMinutes))
  const isHeld =
    booking?.isWanted && until <= later(since, longest) && (await holdSeat(session._id, person, until))
  if (!isHeld) throw new HttpError(409, 'academy:errors.sessions.expired')
  await SessionBookings.updateOne(
    { _id: booking._id, number: booking.number, isWanted: true },
    { $set: { state: 'paying', until, heldSince: since, dueAt: until } },
  )
  return closes
}

/** Notes the order that pays for a seat. */
export async function noteOrder(
  session: Pick<LiveSession, '_id'>,
  person: Types.ObjectId,
  order: Types.ObjectId,
): Promise<void> {
  await SessionBookings.updateOne({ _id: bookingId(session._id, person) }, { $set: { order } })
}

/** Whether a seat that was paid and given up at a moment is refunded. */
export function isRefunded(
  { startsAt, refundHours }: Pick<LiveSession, 'startsAt' | 'refundHours'>,
  givenUpAt: Date,
): boolean {
  return refundHours !== null && givenUpAt <= later(startsAt, -hours(refundHours))
}
