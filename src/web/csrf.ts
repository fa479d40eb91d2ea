import { csrfSync } from 'csrf-sync'
import type { RequestHandler } from 'express'
import { config } from '../platform/config'
import { HttpError } from '../platform/errors'

const { generateToken, isRequestValid } = csrfSync({
  getTokenFromRequest: request =>
    (request.body as Record<string, string> | undefined)?._csrf ?? request.get('x-csrf-token'),
})

export { generateToken as csrfToken }

/** Refuses a change that another site's page has sent: by where it says it comes from, and by the session's token. */
export const requireToken: RequestHandler = (request, _response, next) => {
  const site = request.get('sec-fetch-site')
  const origin = request.get('origin')
  const foreign =
    (site !== undefined && site !== 'same-origin' && site !== 'none') ||
    (origin !== undefined && origin !== 'null' && !sameOrigin(origin, request.get('host')))
  next(foreign || !isRequestValid(request) ? new HttpError(403, 'web:errors.formExpired') : undefined)
}

function sameOrigin(origin: string, host: string | undefined): boolean {
  try {
    return new URL(origin).host === host || origin === new URL(config.baseUrl).origin
  } catch {
    return false
  }
}
