import type { Types } from 'mongoose'
import { date, defineRecord, free, string } from '../platform/record'
import { invalidateSessions } from './session'

declare module 'express-session' {
  interface SessionData {
    /** Hash of the sign-up link that this browser requested. */
    signUpLink?: string
    /** The address that the latest email was sent to, shown once on "Check your inbox". */
    emailedTo?: string
  }
}

/** A session as connect-mongo stores it; used here only to end a person's sessions. */
const Sessions = defineRecord(
  'Session',
  'sessions',
  { _id: string(), session: free<{ passport?: { user: string } }>(), expires: date() },
  { indexes: [[{ 'session.passport.user': 1 }], [{ expires: 1 }, { expireAfterSeconds: 0 }]] },
)

/** Signs a person out on every device, except in the session with the id `except`. */
export async function endSessions(person: Types.ObjectId, except = ''): Promise<void> {
  await Sessions.deleteMany({ 'session.passport.user': String(person), _id: { $ne: except } })
  invalidateSessions()
}
