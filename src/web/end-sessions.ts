import type { Types } from 'mongoose'
import { date, defineRecord, free, string } from '../platform/record'
import { invalidateSessions } from './session'

/** A session as connect-mongo stores it; used here only to end a person's sessions. All of them end after 14 days. */
const Sessions = defineRecord(
  'Session',
  'sessions',
  { _id: string(), session: free<{ passport?: { user: string } }>(), expires: date() },
  { indexes: [[{ 'session.passport.user': 1 }], [{ expires: 1 }, { expireAfterSeconds: 0 }]] },
)

/** More than the devices of one person; each sign-in with a password makes another session. */
const maxSessions = 30

/** Ends a person's oldest sessions, so that a script that signs in again and again doesn't fill the database. */
export async function limitSessions(person: Types.ObjectId): Promise<void> {
  const surplus = await Sessions.find({ 'session.passport.user': String(person) }, { _id: 1 })
    .sort({ expires: -1 })
    .skip(maxSessions)
  if (!surplus.length) return
  await Sessions.deleteMany({ _id: { $in: surplus.map(({ _id }) => _id) } })
  invalidateSessions()
}

/** Signs a person out on every device, except in the session with the id `except`. */
export async function endSessions(person: Types.ObjectId, except = ''): Promise<void> {
  await Sessions.deleteMany({ 'session.passport.user': String(person), _id: { $ne: except } })
  invalidateSessions()
}
