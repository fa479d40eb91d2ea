import { csrfSync } from 'csrf-sync'
import { config } from '../platform/config'
import { HttpError } from '../platform/errors'
import type { Handler } from './handler'

const { generateToken, isRequestValid } = csrfSync({
  getTokenFromRequest: request =>
    (request.body as Record<string, string> | undefined)?._csrf ?? request.get('x-csrf-token'),
})

export { generateToken as csrfToken }

/** Refuses a change sent from another site with 403: checks the origin and the session's token. */
export const requireToken: Handler = request => {
  const site = request.get('sec-fetch-site')
  const origin = request.get('origin')
  const isForeign =
    (site !== undefined && site !== 'same-origin' && site !== 'none') ||
    (origin !== undefined && origin !== 'null' && !isSameOrigin(origin, request.get('host')))
  if (isForeign || !isRequestValid(request)) throw new HttpError(403, 'web:errors.formExpired')
}

function isSameOrigin(origin: string, host: string | undefined): boolean {
  try {
    return new URL(origin).host === host || origin === new URL(config.baseUrl).origin
  } catch {
    return false
  }
}
