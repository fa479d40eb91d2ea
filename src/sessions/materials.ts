import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { record } from '../events/record'
import { now } from '../platform/clock'
import { conflict } from '../platform/errors'
import { sessionData } from './book-seat'
import { SessionBookings, type SessionBooking } from './booking'
import { LiveSessions, type LiveSession } from './live-session'
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

/** Records that someone with a seat opened what they got after a session; the first time. */
export async function noteOpened(
  session: LiveSession,
  { _id, person, outcome, materialsOpenedAt }: SessionBooking,
  kind: LiveSession['materials'][number]['kind'],
): Promise<void> {
  if (materialsOpenedAt) return
  await record({
    name: 'session.materials_opened',
    ...{ person, course: session.course, idempotencyKey: [session._id] },
    data: { ...sessionData(session), kind, attended: outcome === 'attended' },
  })
  await SessionBookings.updateOne({ _id }, { $set: { materialsOpenedAt: now() } })
}
