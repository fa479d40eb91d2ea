import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { conflict } from '../platform/errors'
import {
  boolean,
  date,
  defineRecord,
  list,
  nested,
  nullable,
  number,
  objectId,
  oneOf,
  withDefault,
  type RecordOf,
} from '../platform/record'
import { sessionCaps } from './live-session'

/** How a seat is held: for good, for who was next in the wait-list until they claim it, or while someone pays. */
const holdKinds = ['booked', 'offered', 'paying'] as const

/**
 * THE SEATS OF ONE SESSION, in one document: who has one, and who waits, in order. Each change is one conditional
 * update, so that of any number of people at once nobody gets a seat that isn't there, and nobody overtakes the
 * wait-list. Bookings (booking.ts) follow what it says.
 */
export const SessionSeats = defineRecord('SessionSeats', 'session_seats', {
  /** The session's id. */
  _id: objectId(),
  capacity: number(),
  /** How many are held, whichever way. */
  taken: withDefault(number(), 0),
  /** How many wait. */
  waitingCount: withDefault(number(), 0),
  holders: list(nested({ person: objectId(), kind: oneOf(holdKinds), until: nullable(date()) })),
  waiting: list(objectId()),
  /** Whether seats can be taken: the session is published, and neither cancelled nor over. */
  isOpen: withDefault(boolean(), true),
})
export type SessionSeats = RecordOf<typeof SessionSeats>
type SeatHold = SessionSeats['holders'][number]
type NewHold = Pick<SeatHold, 'kind' | 'until'>

/** What the seats say about one person: their hold, their place in the wait-list from 1, or neither. */
export type Standing = { hold: SeatHold | null; place: number | null }

const maxAttempts = 12

/** Creates the seats of a session, once. */
export async function createSeats(session: Types.ObjectId, capacity: number): Promise<void> {
  await SessionSeats.insertOnce({ _id: session, capacity })
}

/** Returns what the seats say about a person. */
export function standingOf(
  seats: Pick<SessionSeats, 'holders' | 'waiting'>,
  person: Types.ObjectId,
): Standing {
  const index = seats.waiting.findIndex(each => each.equals(person))
  return {
    hold: seats.holders.find(each => each.person.equals(person)) ?? null,
    place: index < 0 ? null : index + 1,
  }
}

/**
 * Gives a person a seat, or else the last place in the wait-list. People who have either keep it.
 *
 * @param overtakes takes a free seat although others wait for one.
 * @returns the seats afterwards; null when they aren't open, or too many wait.
 * @throws 409 when others keep changing them first.
 */
export async function takeSeat(
  session: Types.ObjectId,
  person: Types.ObjectId,
  hold: NewHold,
  { overtakes = false } = {},
): Promise<SessionSeats | null> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const seats = await SessionSeats.findById(session)
    if (!seats?.isOpen) return null
    const { hold: own, place } = standingOf(seats, person)
    if (own || place) return seats
    const isFree = seats.taken < seats.capacity && (overtakes || !seats.waiting.length)
    if (!isFree && seats.waiting.length >= sessionCaps.waiting) return null
    const absent = { 'holders.person': { $ne: person }, waiting: { $ne: person } }
    const open = { _id: session, isOpen: true, capacity: seats.capacity, ...absent }
    const changed = isFree
      ? await SessionSeats.findOneAndUpdate(
          { ...open, taken: { $lt: seats.capacity }, ...(!overtakes && { waitingCount: 0 }) },
          { $push: { holders: { person, ...hold } }, $inc: { taken: 1 } },
          { returnDocument: 'after' },
        )
      : await SessionSeats.findOneAndUpdate(
          {
            ...open,
            $or: [{ taken: { $gte: seats.capacity } }, ...(overtakes ? [] : [{ waitingCount: { $gt: 0 } }])],
          },
          { $push: { waiting: person }, $inc: { waitingCount: 1 } },
          { returnDocument: 'after' },
        )
    if (changed) return changed
  }
  throw conflict('academy:errors.sessions.busy')
}

/** Gives a free seat to someone who waits, wherever their place is; without a free one, changes nothing. */
export async function takeSeatFromWaitlist(
  session: Types.ObjectId,
  person: Types.ObjectId,
  hold: NewHold,
): Promise<void> {
  const seats = await SessionSeats.findById(session, { capacity: 1 })
  if (!seats) return
  const { capacity } = seats
  await SessionSeats.updateOne(
    { _id: session, isOpen: true, capacity, taken: { $lt: capacity }, waiting: person },
    {
      $pull: { waiting: person },
      $push: { holders: { person, ...hold } },
      $inc: { taken: 1, waitingCount: -1 },
    },
  )
}

/** Takes a person's seat or place in the wait-list away; without either, changes nothing. */
export async function releaseSeat(session: Types.ObjectId, person: Types.ObjectId): Promise<void> {
  await SessionSeats.updateOne(
    { _id: session, 'holders.person': person },
    { $pull: { holders: { person } }, $inc: { taken: -1 } },
  )
  await SessionSeats.updateOne(
    { _id: session, waiting: person },
    { $pull: { waiting: person }, $inc: { waitingCount: -1 } },
  )
}

/**
 * Makes a held seat the person's own: an offer that is claimed in time, or a seat that was paid. One that is theirs
 * already stays.
 *
 * @returns false when they hold none, or the offer has expired.
 */
export async function keepSeat(
  session: Types.ObjectId,
  person: Types.ObjectId,
  kind: 'offered' | 'paying',
): Promise<boolean> {
  const valid = kind === 'offered' ? { until: { $gt: now() } } : {}
  const { matchedCount } = await SessionSeats.updateOne(
    { _id: session, isOpen: true, holders: { $elemMatch: { person, kind, ...valid } } },
    { $set: { 'holders.$.kind': 'booked', 'holders.$.until': null } },
  )
  if (matchedCount) return true
  return SessionSeats.exists({ _id: session, holders: { $elemMatch: { person, kind: 'booked' } } })
}

/**
 * Takes a seat away that was offered until now or earlier.
 *
 * @param renewUntil makes the offer longer instead; null for one whose time is over.
 */
export async function releaseExpired(
  session: Types.ObjectId,
  person: Types.ObjectId,
  renewUntil: Date | null,
): Promise<void> {
  const expired = { person, kind: 'offered' as const, until: { $lte: now() } }
  await SessionSeats.updateOne(
    { _id: session, holders: { $elemMatch: expired } },
    renewUntil
      ? { $set: { 'holders.$.until': renewUntil } }
      : { $pull: { holders: { person } }, $inc: { taken: -1 } },
  )
}

/**
 * Holds a seat while its owner pays: one that is held for that already, or was offered and hasn't expired.
 *
 * @returns whether it is held.
 */
export async function holdSeat(
  session: Types.ObjectId,
  person: Types.ObjectId,
  until: Date,
): Promise<boolean> {
  const theirs = [
    { $elemMatch: { person, kind: 'paying' as const } },
    { $elemMatch: { person, kind: 'offered' as const, until: { $gt: now() } } },
  ]
  for (const holders of theirs) {
    const { matchedCount } = await SessionSeats.updateOne(
      { _id: session, isOpen: true, holders },
      { $set: { 'holders.$.kind': 'paying', 'holders.$.until': until } },
    )
    if (matchedCount) return true
  }
  return false
}

/**
 * Offers the seats that are free to those who wait, the first one first.
 *
 * @param until when the offers expire.
 * @returns the seats afterwards, with the offers of now and before.
 */
export async function offerFreeSeats(session: Types.ObjectId, until: Date): Promise<SessionSeats | null> {
  for (;;) {
    const seats = await SessionSeats.findById(session)
    const next = seats?.waiting[0]
    if (!seats?.isOpen || !next || seats.taken >= seats.capacity) return seats
    await SessionSeats.updateOne(
      {
        _id: session,
        isOpen: true,
        'waiting.0': next,
        capacity: seats.capacity,
        taken: { $lt: seats.capacity },
      },
      {
        $pull: { waiting: next },
        $push: { holders: { person: next, kind: 'offered', until } },
        $inc: { taken: 1, waitingCount: -1 },
      },
    )
  }
}

/** Keeps every offer at least until a moment. */
export async function extendOffers(session: Types.ObjectId, until: Date): Promise<void> {
  const seats = await SessionSeats.findById(session, { holders: 1 })
  for (const { person, kind } of seats?.holders ?? []) {
    if (kind !== 'offered') continue
    await SessionSeats.updateOne(
      { _id: session, holders: { $elemMatch: { person, kind, until: { $lt: until } } } },
      { $set: { 'holders.$.until': until } },
    )
  }
}

/** Changes the number of seats. Returns false when more are taken. */
export async function changeCapacity(session: Types.ObjectId, capacity: number): Promise<boolean> {
  const { matchedCount } = await SessionSeats.updateOne(
    { _id: session, taken: { $lte: capacity } },
    { $set: { capacity } },
  )
  return matchedCount > 0
}

/** Ends or resumes the taking of seats. */
export async function setSeatsOpen(session: Types.ObjectId, isOpen: boolean): Promise<void> {
  await SessionSeats.updateOne({ _id: session }, { $set: { isOpen } })
}
