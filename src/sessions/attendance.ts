import type { Types } from 'mongoose'
import { record } from '../events/record'
import { takeTime } from '../people/attention-clock'
import { later, minutes, now } from '../platform/clock'
import { conflict } from '../platform/errors'
import { sessionData } from './book-seat'
import { bookingId, SessionBookings, type SessionBooking } from './booking'
import { joinMinutes, lengthOf, overrunMinutes, type LiveSession } from './live-session'

type Presence = NonNullable<SessionBooking['presence']>

/** In a room, people can check in from so many minutes before the start until the end. */
const checkInMinutes = 30
/** Seconds that a heartbeat can claim beyond the elapsed time, because clocks and networks aren't exact. */
const tolerance = 2
/** Seconds are reported once the reader shows that they are there, after 5 minutes at most. */
const maxSeconds = 300

/** What is known of someone who wasn't seen. */
export const absent: Presence = {
  joinedAt: null,
  pageSeconds: 0,
  lastHeartbeatAt: null,
  meetingSeconds: 0,
  checkedInAt: null,
  checkedInBy: null,
}

type Times = Pick<LiveSession, 'startsAt' | 'endsAt'>

/** Returns from when on people get into a session, and until when. */
export function roomTimesOf({ startsAt, endsAt }: Times): { opensAt: Date; closesAt: Date } {
  return { opensAt: later(startsAt, -minutes(joinMinutes)), closesAt: later(endsAt, minutes(overrunMinutes)) }
}

/** Whether the room of a session isn't open yet, is open, or was. */
export function roomPhaseOf(session: Times, moment: Date = now()): 'ahead' | 'open' | 'over' {
  const { opensAt, closesAt } = roomTimesOf(session)
  if (moment < opensAt) return 'ahead'
  return moment < closesAt ? 'open' : 'over'
}

/** Whether people can check in to a session in a room. */
export function isCheckInOpen(session: Pick<LiveSession, 'state' | 'kind' | 'startsAt' | 'endsAt'>): boolean {
  const moment = now()
  const opensAt = later(session.startsAt, -minutes(checkInMinutes))
  const isOpen = opensAt <= moment && moment < session.endsAt
  return session.state === 'published' && session.kind === 'room' && isOpen
}

/**
 * Notes that a person goes into an online session, once: their time counts from then on.
 *
 * @returns false for who has no seat, and while the room isn't open.
 */
export async function joinSession(session: LiveSession, person: Types.ObjectId): Promise<boolean> {
  const isOpen = session.state === 'published' && session.kind === 'online' && roomPhaseOf(session) === 'open'
  return isOpen && setPresence(session, person, 'joinedAt', { joinedAt: now() })
}

/**
 * Adds seconds in which the page of the room was before someone who has joined. By the rules of learning
 * (`learning/watch-lesson.ts`): no more than have passed since they joined, the last report, or the start, none after
 * the end, as with what a meeting service says, and of a person's time only what nothing else got, so that tabs side by
 * side earn no more than one.
 *
 * @returns the seconds that count.
 * @throws 409 for who hasn't joined, or has no seat.
 */
export async function addPageSeconds(
  session: LiveSession,
  person: Types.ObjectId,
  seconds: number,
): Promise<number> {
  const _id = bookingId(session._id, person)
  const booking = await SessionBookings.load(_id)
  const joinedAt = booking?.presence?.joinedAt
  if (booking?.state !== 'booked' || !joinedAt) throw conflict('academy:errors.sessions.joinFirst')
  const moment = now()
  if (session.state !== 'published' || roomPhaseOf(session) !== 'open') return 0
  const { startsAt, endsAt } = session
  const last = booking.presence?.lastHeartbeatAt ?? joinedAt
  const since = Math.max(startsAt.getTime(), last.getTime(), moment.getTime() - 1000 * maxSeconds)
  const elapsed = (Math.min(moment.getTime(), endsAt.getTime()) - since) / 1000
  const claimed = elapsed > 0 ? Math.min(seconds, elapsed + tolerance) : 0
  const counted = await takeTime(person, 'learning', { seconds: claimed, since: new Date(since), tolerance })
  await SessionBookings.updateOne(
    { _id, state: 'booked', number: booking.number },
    { $inc: { 'presence.pageSeconds': counted }, $max: { 'presence.lastHeartbeatAt': moment } },
  )
  return counted
}

/**
 * Checks a person in to a session in a room, once. By code, from half an hour before the start until the end; the host
 * can do it afterwards as well.
 *
 * @returns false for who has no seat, and while nobody can check in.
 */
export async function checkIn(
  session: LiveSession,
  person: Types.ObjectId,
  by: 'host' | 'code',
): Promise<boolean> {
  const isLate = by === 'host' && session.endsAt <= now()
  const isRoom = session.state === 'published' && session.kind === 'room'
  if (!isRoom || !(isLate || isCheckInOpen(session))) return false
  const isIn = await setPresence(session, person, 'checkedInAt', { checkedInAt: now(), checkedInBy: by })
  if (isIn && roomPhaseOf(session) === 'over') {
    await settleAttendance(session, (await SessionBookings.findById(bookingId(session._id, person)))!)
  }
  return isIn
}

/**
 * Takes a check-in back.
 *
 * @throws 409 once attendance was counted, which is in the ledger.
 */
export async function undoCheckIn(session: LiveSession, person: Types.ObjectId): Promise<void> {
  const { matchedCount } = await SessionBookings.updateOne(
    { _id: bookingId(session._id, person), outcome: null, 'presence.checkedInAt': { $ne: null } },
    { $set: { 'presence.checkedInAt': null, 'presence.checkedInBy': null } },
  )
  const isCounted = await SessionBookings.exists({
    _id: bookingId(session._id, person),
    outcome: { $ne: null },
  })
  if (!matchedCount && isCounted) throw conflict('studio:liveSession.errors.counted')
}

/** Writes fields of a booked person's presence unless one of them is there. Returns whether it is there afterwards. */
async function setPresence(
  session: LiveSession,
  person: Types.ObjectId,
  once: 'joinedAt' | 'checkedInAt',
  fields: Partial<Presence>,
): Promise<boolean> {
  const own = { _id: bookingId(session._id, person), state: 'booked' as const }
  await SessionBookings.updateOne({ ...own, presence: null }, { $set: { presence: absent } })
  const set = Object.fromEntries(Object.entries(fields).map(([name, value]) => [`presence.${name}`, value]))
  await SessionBookings.updateOne(
    { ...own, presence: { $ne: null }, [`presence.${once}`]: null },
    { $set: set },
  )
  return SessionBookings.exists({ ...own, [`presence.${once}`]: { $ne: null } })
}

/** How long someone was in a session, and how that is known: see `attendanceOf`. */
export type Attendance = {
  minutes: number
  how: 'page' | 'meeting' | 'host' | 'code'
  isAttended: boolean
}

/**
 * Returns how long someone was in a session: the most of what the page of the room, the meeting service and a check-in
 * say, and never their sum. Someone who was checked in was there all the time. It is at most the session's length.
 */
export function attendanceOf(
  session: Pick<LiveSession, 'startsAt' | 'endsAt' | 'attendedFrom'>,
  presence: Presence | null,
): Attendance {
  const length = lengthOf(session)
  const { pageSeconds, meetingSeconds, checkedInAt, checkedInBy } = presence ?? absent
  if (checkedInAt) return { minutes: length, how: checkedInBy ?? 'host', isAttended: true }
  const seconds = Math.min(Math.max(pageSeconds, meetingSeconds), length * 60)
  return {
    minutes: Math.round(seconds / 60),
    how: meetingSeconds >= pageSeconds ? 'meeting' : 'page',
    isAttended: seconds > 0 && seconds >= session.attendedFrom * length * 60,
  }
}

/**
 * Counts who of those with a seat attended a session that is over, and who missed it, some at a time. May be repeated
 * and interrupted anywhere; what becomes known later raises minutes, and a missed session becomes an attended one.
 */
export async function countAttendance(session: LiveSession): Promise<void> {
  let after = ''
  for (;;) {
    const bookings = await SessionBookings.find({
      session: session._id,
      _id: { $gt: after },
      state: 'booked',
    })
      .sort({ _id: 1 })
      .limit(200)
    for (const booking of bookings) await settleAttendance(session, booking)
    if (bookings.length < 200) return
    after = bookings.at(-1)!._id
  }
}

/** Records whether one person attended, and their minutes. What was attended is never missed afterwards. */
async function settleAttendance(session: LiveSession, booking: SessionBooking): Promise<void> {
  const { _id, person, number, state } = booking
  if (state !== 'booked') return
  const attendance = attendanceOf(session, booking.presence)
  const isAttended = attendance.isAttended || booking.outcome === 'attended'
  const counted = Math.max(attendance.minutes, booking.minutes ?? 0)
  const outcome = isAttended ? ('attended' as const) : ('missed' as const)
  if (booking.outcome === outcome && booking.minutes === counted) return
  const about = { person, course: session.course, idempotencyKey: [session._id, number] }
  const data = sessionData(session)
  if (isAttended) {
    const facts = { minutes: counted, length: lengthOf(session), how: attendance.how }
    await record({ name: 'session.attended', ...about, data: { ...data, ...facts } })
  } else await record({ name: 'session.missed', ...about, data })
  // Another process may know more by now, and what it has written stays.
  await SessionBookings.updateOne(
    { _id, number, ...(isAttended ? {} : { outcome: { $ne: 'attended' } }) },
    { $set: { outcome }, $max: { minutes: counted } },
  )
}

/** Notes, once, that someone with a seat asked during the session to talk to sales: its hosts see it. */
export async function raiseHand(session: LiveSession, person: Types.ObjectId): Promise<void> {
  await SessionBookings.updateOne(
    { _id: bookingId(session._id, person), state: 'booked', handRaisedAt: null },
    { $set: { handRaisedAt: now() } },
  )
}
