import type { Types } from 'mongoose'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { later, now, seconds } from '../platform/clock'
import { HttpError } from '../platform/errors'
import { activeStates, bookingId, claimUntil, nextReminder, remindedBy, SessionBookings } from './booking'
import type { BookingCanceller, BookingState, SessionBooking } from './booking'
import { hasStarted, isUndoable, LiveSessions, type LiveSession } from './live-session'
import { SessionProposals } from './proposal'
import { SessionCalendars } from './session-calendar'
import {
  keepSeat,
  offerFreeSeats,
  releaseExpired,
  releaseSeat,
  SessionSeats,
  standingOf,
  takeSeat,
  takeSeatFromWaitlist,
  type Standing,
} from './seats'

/** How long a request may take before the worker finishes what it began. */
const graceful = seconds(10)

const isActive = (state: BookingState): boolean => (activeStates as readonly string[]).includes(state)

/** What an event says about a session. */
export function sessionData({ _id, title, topic, startsAt }: LiveSession) {
  return { session: String(_id), title, topics: [topic], startsAt: startsAt.toISOString() }
}

/**
 * Books a seat, or the last place in the wait-list. People who have either keep it, so that booking twice
 * changes nothing; once the session has begun, those who wait take a seat that is free.
 * The wish is written first and then settled, so that nothing is lost or left behind when the process dies in between.
 *
 * @param paying until when the seat is held for a payment; null for a free session.
 * @param order that has paid for the seat already; null without one.
 * @param timeZone of the reader, in which emails say times; null for the session's.
 * @returns the booking: `booked`, `paying` or `waiting`, or `refused` when too many wait.
 * @throws 409 for a session that can no longer be booked.
 */
export async function bookSeat(
  session: LiveSession,
  person: Types.ObjectId,
  {
    answers = {},
    paying = null,
    order = null,
    timeZone = null,
  }: {
    answers?: Record<string, string>
    paying?: Date | null
    order?: Types.ObjectId | null
    timeZone?: string | null
  } = {},
): Promise<SessionBooking> {
  const moment = now()
  if (session.state !== 'published' || session.endsAt <= moment) {
    throw new HttpError(409, 'academy:errors.sessions.closed')
  }
  const _id = bookingId(session._id, person)
  const known = await SessionBookings.findById(_id)
  // One that is being cancelled is cancelled first.
  const before = known && isActive(known.state) ? await reconcileBooking(known, session) : known
  if (before?.state === 'waiting' && hasStarted(session)) return takeFreeSeat(before, session, paying)
  if (before && isActive(before.state)) return before
  const fields = {
    ...{ state: 'requested' as const, isWanted: true, bookedAt: moment, until: paying, answers, timeZone },
    ...{
      cancelledBy: null,
      firstPlace: null,
      order,
      heldSince: paying && moment,
      minutes: null,
      outcome: null,
      presence: null,
      handRaisedAt: null,
      reminded: [],
      remindedOf: null,
    },
    ...{ dueAt: later(moment, graceful), attempts: 0, failedAt: null, lastError: null },
  }
  if (before) {
    await SessionBookings.updateOne(
      { _id, number: before.number, state: before.state },
      { $set: fields, $inc: { number: 1 } },
    )
  } else {
    await SessionBookings.insertOnce({ _id, session: session._id, person, number: 1, ...fields })
  }
  return reconcileBooking((await SessionBookings.findById(_id))!, session)
}

/** Takes a seat that is free after the start for someone who waits, whoever waits longer. */
async function takeFreeSeat(
  { _id, person, number }: SessionBooking,
  session: LiveSession,
  until: Date | null,
): Promise<SessionBooking> {
  const moment = now()
  const due = { heldSince: until && moment, dueAt: later(moment, graceful), attempts: 0, failedAt: null }
  await SessionBookings.updateOne({ _id, number, state: 'waiting' }, { $set: due })
  await takeSeatFromWaitlist(session._id, person, { kind: until ? 'paying' : 'booked', until })
  return reconcileBooking((await SessionBookings.findById(_id))!, session)
}

/**
 * Gives up a seat or a place in the wait-list; the seat is offered to the next. Cancelling twice changes nothing.
 *
 * @param by who takes it away, which decides about the money and what their email says.
 * @returns the booking afterwards; null for who has none.
 */
export async function cancelBooking(
  session: LiveSession,
  person: Types.ObjectId,
  by: BookingCanceller = 'person',
): Promise<SessionBooking | null> {
  const _id = bookingId(session._id, person)
  const due = { dueAt: later(now(), graceful), attempts: 0, failedAt: null }
  await SessionBookings.updateOne(
    { _id, isWanted: true, state: { $in: [...activeStates] } },
    { $set: { isWanted: false, cancelledBy: by, ...due } },
  )
  const booking = await SessionBookings.findById(_id)
  return booking && reconcileBooking(booking, session)
}

/**
 * Claims the seat that came free for the next in the wait-list.
 *
 * @throws 409 when the offer has expired.
 */
export async function claimSeat(session: LiveSession, person: Types.ObjectId): Promise<SessionBooking> {
  return keepHeldSeat(session, person, 'offered')
}

/**
 * Makes a seat that is held the person's own.
 *
 * @throws 409 when it is no longer held.
 */
export async function keepHeldSeat(
  session: LiveSession,
  person: Types.ObjectId,
  kind: 'offered' | 'paying',
): Promise<SessionBooking> {
  const booking = await SessionBookings.findById(bookingId(session._id, person))
  if (!booking?.isWanted) throw new HttpError(409, 'academy:errors.sessions.expired')
  if (!(await keepSeat(session._id, person, kind))) {
    await reconcileBooking(booking, session)
    throw new HttpError(409, 'academy:errors.sessions.expired')
  }
  return reconcileBooking(booking, session)
}

/**
 * Makes a booking, its events and the offers to others agree with the seats. May be repeated and interrupted anywhere.
 *
 * @returns the booking afterwards.
 */
export async function reconcileBooking(
  booking: SessionBooking,
  session: LiveSession,
): Promise<SessionBooking> {
  const { _id, person, number, state } = booking
  if (!isActive(state)) return booking
  const isOver = session.state === 'cancelled' && !isUndoable(session)
  const isGone = !booking.isWanted || isOver
  const { hold, place } = await (isGone ? giveSeatBack : settleSeat)(booking, session)
  const gone = isGone ? 'cancelled' : state === 'requested' ? 'refused' : 'lapsed'
  const next: BookingState = hold ? hold.kind : place ? 'waiting' : gone
  await announce({ ...booking, state: next }, session)
  const until = hold?.until ?? null
  const moment = now()
  // Whoever gets the seat now is told the time with it.
  const told = next === 'booked' && state !== 'booked' ? remindedBy(session.startsAt, moment) : {}
  const reminder =
    next === 'booked' ? nextReminder({ ...booking, ...told }, session.startsAt, moment)?.dueAt : undefined
  // An offer stays due until the person was told, which the worker does.
  const offeredAt = state === 'offered' ? booking.dueAt : moment
  const dueAt = next === 'offered' ? offeredAt : (reminder ?? until)
  const firstPlace = booking.firstPlace ?? place
  const changed = { state: next, until, dueAt, firstPlace, ...told }
  const same = { _id, number, state, isWanted: booking.isWanted }
  const fresh = next === state ? {} : { attempts: 0, failedAt: null }
  const { matchedCount } = await SessionBookings.updateOne(same, { $set: { ...changed, ...fresh } })
  const written = await SessionBookings.findById(_id)
  if (matchedCount || !written) return written ?? { ...booking, ...changed }
  // They cancelled or were offered a seat meanwhile. A seat that was taken for who has cancelled is given back.
  if (isActive(written.state)) return reconcileBooking(written, session)
  await releaseSeat(session._id, person)
  // Read after that: they may have booked again, and lost the new seat with it.
  const latest = await SessionBookings.findById(_id)
  return latest ? reconcileBooking(latest, session) : written
}

const noStanding: Standing = { hold: null, place: null }

async function giveSeatBack(
  { person }: Pick<SessionBooking, 'person'>,
  session: LiveSession,
): Promise<Standing> {
  await releaseSeat(session._id, person)
  await offerSeats(session)
  return noStanding
}

/**
 * Takes the seat of a booking that has none yet, and ends an offer that has expired; one that its person wasn't told
 * of, because nothing ran meanwhile, begins anew. A cancellation from before they booked again may end late and take
 * the new seat or place away: they get another one.
 *
 * @returns what the seats say about its person then.
 */
async function settleSeat(booking: SessionBooking, session: LiveSession): Promise<Standing> {
  const { person, state } = booking
  const hold = newHold(booking, session)
  const overtakes = hasStarted(session)
  const take = async () =>
    hold !== null && (await takeSeat(session._id, person, hold, { overtakes })) !== null
  if (state === 'requested') await take()
  else await releaseExpired(session._id, person, isToldOfOffer(booking) ? null : offerUntil(session))
  for (;;) {
    await offerSeats(session)
    const seats = await SessionSeats.findById(session._id)
    const standing = seats ? standingOf(seats, person) : noStanding
    if (standing.hold || standing.place || !(await take())) return standing
  }
}

/** How a booking takes a seat that is free; null for one that has had its time. */
function newHold({ state, until }: SessionBooking, session: LiveSession) {
  if (state === 'requested') return { kind: until ? ('paying' as const) : ('booked' as const), until }
  if (state === 'booked') return { kind: 'booked' as const, until: null }
  // From the wait-list, a seat is always claimed or paid for, never simply given.
  const offeredUntil = state === 'waiting' ? offerUntil(session) : null
  return offeredUntil && { kind: 'offered' as const, until: offeredUntil }
}

/** Whether the email of an offer is on its way: the booking is due at its end from then on. */
function isToldOfOffer({ state, dueAt, until }: SessionBooking): boolean {
  return state === 'offered' ? !dueAt || !until || dueAt >= until : state !== 'waiting'
}

/** Returns until when a seat that is offered now is kept; null once the session has begun. */
function offerUntil(session: LiveSession): Date | null {
  const moment = now()
  const until = claimUntil(session, moment)
  return until > moment ? until : null
}

/** Offers free seats to the wait-list, and marks their bookings, which is what sends the emails. */
export async function offerSeats(session: LiveSession): Promise<void> {
  const until = offerUntil(session)
  const seats = until ? await offerFreeSeats(session._id, until) : await SessionSeats.findById(session._id)
  for (const offer of seats?.holders.filter(({ kind }) => kind === 'offered') ?? []) {
    // Due at once: the worker writes to them, and waits for the end of the offer.
    await SessionBookings.updateOne(
      { _id: bookingId(session._id, offer.person), isWanted: true, state: { $in: ['requested', 'waiting'] } },
      { $set: { state: 'offered', until: offer.until, dueAt: now(), attempts: 0, failedAt: null } },
    )
  }
}

/** Records what became of a booking, once for each time that someone books. */
async function announce(booking: SessionBooking, session: LiveSession): Promise<void> {
  const { person, number, state, cancelledBy } = booking
  const about = { person, course: session.course, idempotencyKey: [session._id, number] }
  const data = sessionData(session)
  if (state === 'booked') await record({ name: 'session.booked', ...about, data })
  else if (state === 'waiting') await record({ name: 'session.waitlisted', ...about, data })
  else if (state === 'cancelled' || state === 'lapsed') {
    const isOwn = session.state !== 'cancelled' && (cancelledBy ?? 'person') === 'person'
    const why = state === 'lapsed' ? ('expired' as const) : isOwn ? ('person' as const) : ('academy' as const)
    await record({ name: 'session.booking_cancelled', ...about, data: { ...data, by: why } })
  }
}

/** Settles every booking of a session, such as after a cancellation or a change of its seats, some at a time. */
export async function reconcileBookings(session: LiveSession): Promise<void> {
  let after = ''
  for (;;) {
    const bookings = await SessionBookings.find({
      session: session._id,
      _id: { $gt: after },
      state: { $in: [...activeStates] },
    })
      .sort({ _id: 1 })
      .limit(200)
    for (const booking of bookings) await reconcileBooking(booking, session)
    if (bookings.length < 200) return
    after = bookings.at(-1)!._id
  }
}

/**
 * Reaction to `person.erased`: deletes what they have booked and proposed, and the address of their calendar; their
 * seats are offered to the next.
 */
export async function deleteBookingsOfErased({ person }: Pick<Event, 'person'>): Promise<void> {
  await SessionCalendars.deleteOne({ _id: person })
  await SessionProposals.deleteMany({ person })
  const bookings = await SessionBookings.find({ person }, { session: 1 })
  for (const { _id, session: id } of bookings) {
    await releaseSeat(id, person)
    const session = await LiveSessions.findById(id)
    if (session?.state === 'published') await offerSeats(session)
    await SessionBookings.deleteOne({ _id })
  }
}
