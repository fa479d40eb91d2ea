import { randomUUID } from 'node:crypto'
import type { Request } from 'express'
import { pinoHttp } from 'pino-http'
import { log } from '../platform/log'
import { decodedPath, withoutSecrets } from '../platform/secret-routes'

/**
 * Logs one line per request, with an id that the response and the error page carry too. Query strings are left out,
 * since they may contain tokens.
 */
export const logRequests = pinoHttp({
  logger: log,
  genReqId: (_request, response) => {
    const id = randomUUID()
    response.setHeader('x-request-id', id)
    return id
  },
  customLogLevel: (_request, response, error) => (error || response.statusCode >= 500 ? 'error' : 'info'),
  serializers: {
    req: request => ({ id: request.id, method: request.method, path: loggedPath(request.url) }),
    res: response => ({ status: response.statusCode }),
  },
})

/** Logs a request that was answered from memory, as `logRequests` does. */
export function logFromMemory(id: string, request: Request, status: number, startedAt: number): void {
  if (!log.isLevelEnabled('info')) return
  const responseTime = Math.round(performance.now() - startedAt)
  const req = { id, method: request.method, path: loggedPath(request.url) }
  log.info({ req, res: { status }, responseTime }, 'request completed')
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
