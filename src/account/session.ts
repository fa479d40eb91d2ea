import { model, Schema, type Types } from 'mongoose'
import { forgetSessions } from '../web/session'

declare module 'express-session' {
  interface SessionData {
    /** Hash of the link that this browser asked for when it wanted to join. */
    applied?: string
    /** The address that was last asked to be written to, shown on "Look into your mail". */
    wroteTo?: string
  }
}

/** A session as connect-mongo keeps it; here only to end those of a person. */
type StoredSession = { _id: string; session: { passport?: { user: string } } }

const schema = new Schema<StoredSession>(
  { _id: { type: String, required: true }, session: Schema.Types.Mixed },
  { versionKey: false },
)
schema.index({ 'session.passport.user': 1 })

const Sessions = model<StoredSession>('Session', schema, 'sessions')

/** Signs somebody out on every device, but not in the session `except`. */
export async function endSessions(person: Types.ObjectId, except = ''): Promise<void> {
  await Sessions.deleteMany({ 'session.passport.user': String(person), _id: { $ne: except } })
  forgetSessions()
}
