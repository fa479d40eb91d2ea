import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { conflict } from '../platform/errors'
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
