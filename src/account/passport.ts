import type { Request, RequestHandler } from 'express'
import passport from 'passport'
import { Strategy as ByPassword } from 'passport-local'
import { normaliseEmail } from '../people/email-address'
import { verifyPassword } from '../people/password'
import type { Person as PersonRecord } from '../people/person'
import { People, readPerson } from '../people/person'
import { csrfToken } from '../web/csrf'

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type
    interface User extends PersonRecord {}
  }
}

passport.serializeUser((person, done) => done(null, String(person._id)))
passport.deserializeUser((id: string, done) => {
  readPerson(id).then(person => done(null, person && !person.suspendedAt ? person : false), done)
})

passport.use(
  new ByPassword({ usernameField: 'email' }, (email, password, done) => {
    checkPassword(email, password).then(person => done(null, person ?? false), done)
  }),
)

/** Reads who is signed in from the session: `request.user` is the person's record, or undefined for a stranger. */
export const readSignedIn: RequestHandler = passport.session()

/** Who has typed their e-mail and password, or null; takes the same time for an address without an account. */
export function personByPassword(
  ...[request, response]: Parameters<RequestHandler>
): Promise<PersonRecord | null> {
  return new Promise((resolve, reject) => {
    const authenticate = passport.authenticate(
      'local',
      { session: false },
      (error: unknown, person: PersonRecord | false) => (error ? reject(error) : resolve(person || null)),
    ) as RequestHandler
    void authenticate(request, response, reject)
  })
}

/**
 * Signs somebody in, under a new session id, so that a session known to others beforehand is worth nothing. With its token for forms from
 * the beginning: what is in a session does not change later.
 */
export async function signIn(request: Request, person: PersonRecord): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    request.logIn(person, (error: unknown) => (error ? reject(error) : resolve()))
  })
  csrfToken(request)
}

/** Ends the session, also in the database. */
export function signOut(request: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    request.session.destroy((error: unknown) => (error ? reject(error) : resolve()))
  })
}

async function checkPassword(email: string, password: string): Promise<PersonRecord | null> {
  const person = await People.findOne({
    email: normaliseEmail(email),
    suspendedAt: null,
  }).lean<PersonRecord>()
  return (await verifyPassword(password, person?.passwordHash)) ? person : null
}
