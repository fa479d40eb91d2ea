import type { Request, RequestHandler, Response } from 'express'
import passport from 'passport'
import { Strategy as PasswordStrategy } from 'passport-local'
import { normaliseEmail } from '../people/email-address'
import { verifyPassword } from '../people/password'
import type { Person as PersonRecord } from '../people/person'
import { People, readPerson } from '../people/person'
import { csrfToken } from '../web/csrf'
import { limitSessions } from '../web/end-sessions'
import { invitationCookie } from '../web/invitation-cookie'
import { clearSessionCookie } from '../web/session'
import { rememberDevice } from './known-device'

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
  new PasswordStrategy({ usernameField: 'email' }, (email, password, done) => {
    checkPassword(email, password).then(person => done(null, person ?? false), done)
  }),
)

/** Reads the signed-in person from the session into `request.user`, which is undefined for an anonymous visitor. */
export const readSignedIn: RequestHandler = passport.session()

/**
 * Checks the email and password of a form.
 *
 * @returns the person, or null; an address without an account takes the same time
 */
export function personByPassword(request: Request, response: Response): Promise<PersonRecord | null> {
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
 * Signs a person in under a new session id, so that a session id that someone else already knew is useless (session
 * fixation), and remembers this browser. An invitation that was opened in it is theirs, and not that of whoever signs
 * in here next. The new session gets its CSRF token immediately, because a stored session does
 * not change later.
 */
export async function signIn(request: Request, response: Response, person: PersonRecord): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    request.logIn(person, (error: unknown) => (error ? reject(error) : resolve()))
  })
  csrfToken(request, response)
  rememberDevice(request, response, person.email)
  if (invitationCookie.isSent(request)) invitationCookie.clear(response)
  await limitSessions(person._id)
}

/**
 * Ends the session, in the database too, and has the browser forget the pages that it has seen. The cookies for the
 * theme and for the known browser stay.
 */
export async function signOut(request: Request, response: Response): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    request.session.destroy((error: unknown) => (error ? reject(error) : resolve()))
  })
  clearSessionCookie(response)
  response.set('clear-site-data', '"cache", "storage"')
}

async function checkPassword(email: string, password: string): Promise<PersonRecord | null> {
  const person = await People.findOne({
    email: normaliseEmail(email),
    suspendedAt: null,
  })
  return (await verifyPassword(password, person?.passwordHash)) ? person : null
}
