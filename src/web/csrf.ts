import { randomBytes } from 'node:crypto'
import { csrfSync } from 'csrf-sync'
import type { Request, Response } from 'express'
import { HttpError } from '../platform/errors'
import { hmacOf, isHmacOf } from '../platform/hmac'
import type { Handler } from './handler'
import { signedCookie } from './signed-cookie'

const sentToken = (request: Request) =>
  (request.body as Record<string, string> | undefined)?._csrf ?? request.get('x-csrf-token')

const { generateToken, getTokenFromState, isRequestValid } = csrfSync({ getTokenFromRequest: sentToken })

/** A random value for a visitor who isn't signed in, until they close the browser. */
const visitorCookie = signedCookie('csrf')

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    interface Locals {
      /** The value of the visitor's cookie, once a form on the page needs it. */
      csrfVisitor?: string
    }
  }
}

/**
 * Returns the token for the forms of a page. Signed-in people have it in their session. Everyone else has none:
 * their token is the HMAC of a cookie (OWASP, "Signed Double-Submit Cookie"), so that opening a form stores nothing.
 */
export function csrfToken(request: Request, response: Response): string {
  if (hasSession(request)) return generateToken(request)
  const { locals } = response
  if (!locals.csrfVisitor) {
    const known = visitorCookie.read(request)
    locals.csrfVisitor = known ?? randomBytes(16).toString('base64url')
    if (!known) visitorCookie.set(response, locals.csrfVisitor)
  }
  return hmacOf('csrf-token', locals.csrfVisitor)
}

/** Refuses a change sent from another site with 403: checks the origin and the token. */
export const requireToken: Handler = (request, response, person) => {
  requireSameSite(request, response, person)
  if (!hasToken(request)) throw formExpired()
}

/** Refuses with 403, before the body is read, what no token in it could make valid. */
export const requireSameSite: Handler = (request, response) => {
  const site = request.get('sec-fetch-site')
  const origin = request.get('origin')
  const isForeign =
    (site !== undefined && site !== 'same-origin' && site !== 'none') ||
    (origin !== undefined && origin !== 'null' && !isSameOrigin(origin, request.get('host'), response))
  if (isForeign || !mayHaveToken(request)) throw formExpired()
}

/** Whether this browser was given a token. */
function mayHaveToken(request: Request): boolean {
  return hasSession(request) ? Boolean(getTokenFromState(request)) : visitorCookie.read(request) !== null
}

function hasToken(request: Request): boolean {
  if (hasSession(request)) return isRequestValid(request)
  const [visitor, token] = [visitorCookie.read(request), sentToken(request)]
  return visitor !== null && typeof token === 'string' && isHmacOf('csrf-token', visitor, token)
}

function hasSession(request: Request): boolean {
  return request.user !== undefined || request.session.csrfToken !== undefined
}

const formExpired = () => new HttpError(403, 'web:errors.formExpired')

/** A proxy may hide the host that the browser sees, which is then the brand's own. */
function isSameOrigin(origin: string, host: string | undefined, { locals }: Response): boolean {
  try {
    return new URL(origin).host === host || origin === new URL(locals.brand.baseUrl).origin
  } catch {
    return false
  }
}
