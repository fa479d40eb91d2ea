import { model, Schema, type Types } from 'mongoose'
import { invalidateSessions } from '../web/session'

declare module 'express-session' {
  interface SessionData {
    /** Hash of the sign-up link that this browser requested. */
    signUpLink?: string
    /** The address that the last email was sent to, shown once on "Check your inbox". */
    emailedTo?: string
  }
}

/** A session as connect-mongo stores it; used here only to end a person's sessions. */
type StoredSession = { _id: string; session: { passport?: { user: string } } }

const schema = new Schema<StoredSession>(
  { _id: { type: String, required: true }, session: Schema.Types.Mixed },
  { versionKey: false },
)
schema.index({ 'session.passport.user': 1 })

const Sessions = model<StoredSession>('Session', schema, 'sessions')

/** Signs a person out on every device, except in the session with the id `except`. */
export async function endSessions(person: Types.ObjectId, except = ''): Promise<void> {
  await Sessions.deleteMany({ 'session.passport.user': String(person), _id: { $ne: except } })
  invalidateSessions()
}
