import { randomUUID } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { log } from '../platform/log'
import { decodedPath, withoutSecrets } from '../platform/secret-routes'

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    interface Request {
      /** What its line in the log, its response and an error page have in common. */
      id: string
    }
  }
}

/**
 * Logs one line per request, with an id that the response and the error page carry too. Query strings are left out,
 * since they may contain tokens.
 */
export const logRequests: RequestHandler = (request, response, next) => {
  const startedAt = performance.now()
  const { url } = request
  request.id = randomUUID()
  response.setHeader('x-request-id', request.id)
  // After the last byte, and also when the caller has gone before.
  response.once('close', () => logRequest({ id: request.id, request, url, response, startedAt }))
  next()
}

type Handled = { id: string; request: Request; url: string; response: Response; startedAt: number }

/** Logs a request when it is over. */
export function logRequest({ id, request, url, response, startedAt }: Handled): void {
  const { statusCode: status, writableFinished: isSent } = response
  const level = status >= 500 ? 'error' : 'info'
  if (!log.isLevelEnabled(level)) return
  const responseTime = Math.round(performance.now() - startedAt)
  const req = { id, method: request.method, path: loggedPath(url) }
  log[level]({ req, res: { status }, responseTime }, isSent ? 'request completed' : 'request aborted')
}

/**
 * Returns the path of a URL as it may be logged: decoded, without its query string, without the token of a secret
 * route, and without any other segment that looks like one, such as the rest of a link that was cut or mistyped.
 */
export function loggedPath(url: string): string {
  const path = withoutSecrets(decodedPath(url.split(/[?#]/)[0]!))
  return path.replace(/[^/\\]+/g, segment => (looksRandom(segment) ? '…' : segment))
}

/** True for 32 characters of base64url or hex, as all tokens of the academy have, unless they are words and numbers. */
function looksRandom(segment: string): boolean {
  return /[\w-]{32}/.test(segment) && !segment.split(/[-_.]/).every(part => /^(?:[a-z]*|\d+)$/.test(part))
}
