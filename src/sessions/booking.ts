import type { Types } from 'mongoose'
import { days, hours, later } from '../platform/clock'
import { defineQueue } from '../platform/queue'
import {
  boolean,
  date,
  list,
  mapOf,
  nested,
  nullable,
  number,
  objectId,
  oneOf,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'
import { retained } from '../platform/retained'
import type { LiveSession } from './live-session'

const bookingStates = [
  /** Written before the seats are asked, so that nothing is lost in between. */
  'requested',
  'booked',
  /** The seat is held while they pay. */
  'paying',
  'waiting',
  /** A seat came free, and is theirs if they claim it in time. */
  'offered',
  /** They or the host cancelled it. */
  'cancelled',
  /** They did not claim or pay for the seat in time. */
  'lapsed',
  /** No seat, and too many wait. */
  'refused',
  /** They didn't want to wait for a seat, and get the recording afterwards. */
  'recording',
] as const
export type BookingState = (typeof bookingStates)[number]

/** Who cancels a booking: its person, the academy, or the bank that took the money back. */
const cancellers = ['person', 'academy', 'payment'] as const
export type BookingCanceller = (typeof cancellers)[number]

/** The states in which someone has a seat or may get one. */
export const activeStates = ['requested', 'booked', 'paying', 'waiting', 'offered'] as const

/** When people are reminded, in hours before the start, the first one first. */
const reminderHours = [24, 1] as const
export type ReminderHours = (typeof reminderHours)[number]

/**
 * One person's booking of one session: it follows what the seats say (seats.ts), and is due when something has to be
 * done about it: settled after an interruption, reminded, or ended when an offer expires (advance-bookings.ts).
 */
export const SessionBookings = defineQueue(
  'SessionBooking',
  'session_bookings',
  {
    /** `session:person`: nobody books twice. */
    _id: string(),
    session: objectId(),
    person: objectId(),
    state: oneOf(bookingStates),
    /** Whether they want a seat; false from the moment they cancel. */
    isWanted: withDefault(boolean(), true),
    /** Who has cancelled it; `payment`: what was paid went back. Null before. */
    cancelledBy: nullable(oneOf(cancellers)),
    /** How often they have booked it, from 1: booking again after a cancellation is another event. */
    number: number(),
    bookedAt: date(),
    /** Until when an offer or a payment holds the seat. */
    until: nullable(date()),
    /** Their first place in the wait-list; null for who had a seat at once. */
    firstPlace: nullable(number()),
    /** IANA time zone of their browser when they booked, in which emails say times; null for the session's own. */
    timeZone: nullable(string()),
    /** Answers to the session's questions, by their ids. */
    answers: mapOf(string()),
    /** The reminders of the present time that were sent. */
    reminded: list(number()),
    /** The start that those reminders are about; another start is reminded of again. */
    remindedOf: nullable(date()),
    /** The order that pays for the seat. */
    order: nullable(objectId()),
    /** Since when the seat is held for a payment. */
    heldSince: nullable(date()),
    /** How long they were there, by each way to know it: what is most counts. See attendance.ts. */
    presence: nullable(
      nested({
        joinedAt: nullable(date()),
        /** Seconds in which the page of the room was visible. */
        pageSeconds: withDefault(number(), 0),
        lastHeartbeatAt: nullable(date()),
        /** Seconds by the meeting service, or a file of it. */
        meetingSeconds: withDefault(number(), 0),
        /** When they were checked in, in a room, and how. */
        checkedInAt: nullable(date()),
        checkedInBy: nullable(oneOf(['host', 'code'])),
      }),
    ),
    /** When they asked, during the session, to talk to sales. */
    handRaisedAt: nullable(date()),
    /** Minutes that count, once attendance was counted; null before. */
    minutes: nullable(number()),
    /** Null until attendance was counted. */
    outcome: nullable(oneOf(['attended', 'missed'])),
    /** When they opened a recording or slides first. */
    materialsOpenedAt: nullable(date()),
  },
  {
    queue: 'session-bookings',
    indexes: [
      [{ session: 1, state: 1, bookedAt: 1 }],
      [{ session: 1, _id: 1 }],
      [{ person: 1, bookedAt: -1 }],
      [{ order: 1 }, { partialFilterExpression: { order: { $type: 'objectId' } } }],
    ],
  },
)
export type SessionBooking = RecordOf<typeof SessionBookings>

export const bookingId = (session: Types.ObjectId, person: Types.ObjectId): string => `${session}:${person}`

/** The most bookings that lists read. */
const maxBookings = 500

/** Returns a person's bookings, the latest one first. */
export const bookingsOf: (person: Types.ObjectId) => Promise<SessionBooking[]> = retained(
  (person, dependOn) => {
    dependOn(SessionBookings, 'person', person)
    return SessionBookings.find({ person }).sort({ bookedAt: -1 }).limit(maxBookings).exec()
  },
  { max: 200 },
)

/** Returns a person's booking of a session; null without one. */
export function bookingOf(session: Types.ObjectId, person: Types.ObjectId): Promise<SessionBooking | null> {
  return readBooking(bookingId(session, person))
}

const readBooking: (id: string) => Promise<SessionBooking | null> = retained(
  (id, dependOn) => {
    dependOn(SessionBookings, '_id', id)
    return SessionBookings.findById(id).exec()
  },
  { max: 500 },
)

/**
 * Returns until when a seat that came free is kept for the next in the wait-list: the session's hours, one hour on the
 * last day, and never longer than until its start.
 */
export function claimUntil(
  { startsAt, claimHours }: Pick<LiveSession, 'startsAt' | 'claimHours'>,
  moment: Date,
): Date {
  const left = startsAt.getTime() - moment.getTime()
  const window = left > days(1) ? hours(claimHours) : hours(1)
  return later(moment, Math.max(0, Math.min(window, left)))
}

/**
 * Returns the next reminder of a booking and when it is due; null when none is left. One whose time passed while a
 * later one is due is skipped, and so is every one after the start.
 */
export function nextReminder(
  booking: Pick<SessionBooking, 'reminded' | 'remindedOf' | 'bookedAt'>,
  startsAt: Date,
  moment: Date,
): { hours: ReminderHours; dueAt: Date } | null {
  if (moment >= startsAt) return null
  const isSameStart = booking.remindedOf?.getTime() === startsAt.getTime()
  const sent = isSameStart ? booking.reminded : []
  const open = reminderHours
    .filter(each => !sent.some(done => done <= each))
    .map(each => ({ hours: each, dueAt: later(startsAt, -hours(each)) }))
    // People who book later than that know it.
    .filter(({ dueAt }) => dueAt > booking.bookedAt)
  const due = open.filter(({ dueAt }) => dueAt <= moment)
  return due.at(-1) ?? open[0] ?? null
}

/** Returns what is written to a booking whose person is told the start now: they need no reminder of before. */
export function remindedBy(startsAt: Date, moment: Date): Pick<SessionBooking, 'reminded' | 'remindedOf'> {
  const passed = reminderHours.filter(each => later(startsAt, -hours(each)) <= moment)
  return { reminded: passed, remindedOf: startsAt }
}
