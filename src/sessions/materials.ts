import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { record } from '../events/record'
import { now } from '../platform/clock'
import { conflict, HttpError } from '../platform/errors'
import { sessionData } from './book-seat'
import { bookingId, SessionBookings, type SessionBooking } from './booking'
import { LiveSessions, sessionCaps, type LiveSession } from './live-session'
import { publishedSessions } from './shown-sessions'

/**
 * Saves what people get after a session, and the words to those who came and who didn't. Nothing is sent.
 *
 * @throws 409 when someone else has saved the session since.
 */
export async function saveMaterials(
  { _id, slug }: LiveSession,
  fields: Pick<LiveSession, 'materials' | 'messages'>,
  { base, by }: { base: number; by: Types.ObjectId },
): Promise<void> {
  const { matchedCount } = await LiveSessions.updateOne(
    { _id, changes: base },
    { $set: fields, $inc: { changes: 1 } },
  )
  if (!matchedCount) throw conflict('studio:sessions.errors.changed')
  publishedSessions.forget()
  await audit({ actor: by, action: 'session.materials_changed', subject: slug })
}

type Material = LiveSession['materials'][number]

/**
 * Adds materials to those of a session, after what others have saved meanwhile.
 *
 * @throws 422 for more than a session can have.
 */
export async function addMaterials(
  { _id, slug }: Pick<LiveSession, '_id' | 'slug'>,
  added: Material[],
  by: Types.ObjectId,
): Promise<void> {
  for (;;) {
    const session = (await LiveSessions.findById(_id))!
    const materials = [...session.materials, ...added]
    if (materials.length > sessionCaps.materials) {
      throw new HttpError(422, 'studio:sessions.errors.tooMany', { maximum: sessionCaps.materials })
    }
    const { matchedCount } = await LiveSessions.updateOne(
      { _id, changes: session.changes },
      { $set: { materials }, $inc: { changes: 1 } },
    )
    if (matchedCount) break
  }
  publishedSessions.forget()
  await audit({ actor: by, action: 'session.materials_changed', subject: slug })
}

/** Who gets what there is after a free session, although they had no seat. */
const withoutSeat = ['waiting', 'recording'] as const

/** Returns the filter of the bookings whose people get the words to those who came, or to those who didn't. */
export function materialsFor(
  { _id: session, price }: Pick<LiveSession, '_id' | 'price'>,
  outcome: 'attended' | 'missed',
) {
  if (outcome === 'attended') return { session, outcome }
  const without = price ? [] : [{ outcome: null, state: { $in: [...withoutSeat] } }]
  return { session, $or: [{ outcome }, ...without] }
}

/** Whether someone gets more after a session than is public. */
export function hasMaterials(
  { price }: Pick<LiveSession, 'price'>,
  booking: Pick<SessionBooking, 'state'> | null,
): booking is SessionBooking {
  if (!booking) return false
  return booking.state === 'booked' || (!price && (withoutSeat as readonly string[]).includes(booking.state))
}

/**
 * Notes that someone who has no seat wants the recording of a free session. People with a seat, or waiting
 * for one, get it anyway.
 *
 * @throws 409 for a session that isn't recorded, or is over.
 */
export async function askForRecording(session: LiveSession, person: Types.ObjectId): Promise<void> {
  const isOffered = session.state === 'published' && session.isRecorded && !session.price
  if (!isOffered || session.endsAt <= now()) throw conflict('academy:errors.sessions.closed')
  const _id = bookingId(session._id, person)
  const wish = { state: 'recording' as const, isWanted: false, bookedAt: now(), dueAt: null }
  const isNew = await SessionBookings.insertOnce({ _id, session: session._id, person, number: 1, ...wish })
  if (isNew) return
  await SessionBookings.updateOne({ _id, state: { $in: ['cancelled', 'lapsed', 'refused'] } }, { $set: wish })
}

/** Records that someone with a seat opened what they got after a session; the first time. */
export async function noteOpened(
  session: LiveSession,
  { _id, person, outcome, materialsOpenedAt }: SessionBooking,
  kind: Material['kind'],
): Promise<void> {
  if (materialsOpenedAt) return
  await record({
    name: 'session.materials_opened',
    ...{ person, course: session.course, idempotencyKey: [session._id] },
    data: { ...sessionData(session), kind, attended: outcome === 'attended' },
  })
  await SessionBookings.updateOne({ _id }, { $set: { materialsOpenedAt: now() } })
}
