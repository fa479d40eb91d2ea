import type { RequestHandler } from 'express'
import passport from 'passport'
import type { Person as PersonRecord } from '../people/person'
import { People } from '../people/person'

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type
    interface User extends PersonRecord {}
  }
}

passport.serializeUser((person, done) => done(null, String(person._id)))
passport.deserializeUser((id: string, done) => {
  People.findOne({ _id: id, suspendedAt: null })
    .lean<PersonRecord>()
    .then(person => done(null, person ?? false), done)
})

/** Reads who is signed in from the session: `request.user` is the person's record, or undefined for a stranger. */
export const readPerson: RequestHandler = passport.session()
