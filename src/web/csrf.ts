import { csrfSync } from 'csrf-sync'
import { config } from '../platform/config'
import { HttpError } from '../platform/errors'
import type { Handler } from './handler'

const { generateToken, getTokenFromState, isRequestValid } = csrfSync({
  getTokenFromRequest: request =>
    (request.body as Record<string, string> | undefined)?._csrf ?? request.get('x-csrf-token'),
})

export { generateToken as csrfToken }

/** Refuses a change sent from another site with 403: checks the origin and the session's token. */
export const requireToken: Handler = (request, response, person) => {
  requireSameSite(request, response, person)
  if (!isRequestValid(request)) throw formExpired()
}

/** Refuses with 403, before the body is read, what no token in it could make valid. */
export const requireSameSite: Handler = request => {
  const site = request.get('sec-fetch-site')
  const origin = request.get('origin')
  const isForeign =
    (site !== undefined && site !== 'same-origin' && site !== 'none') ||
    (origin !== undefined && origin !== 'null' && !isSameOrigin(origin, request.get('host')))
  if (isForeign || !getTokenFromState(request)) throw formExpired()
}

const formExpired = () => new HttpError(403, 'web:errors.formExpired')

function isSameOrigin(origin: string, host: string | undefined): boolean {
  try {
    return new URL(origin).host === host || origin === new URL(config.baseUrl).origin
  } catch {
    return false
  }
}
