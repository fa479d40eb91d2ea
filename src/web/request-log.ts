import { randomUUID } from 'node:crypto'
import { pinoHttp } from 'pino-http'
import { log } from '../platform/log'

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

/**
 * Returns the path of a URL. Links in emails carry their token in it, after `/links/`, `/unsubscribe/` or
 * `/lead-actions/`.
 */
export function loggedPath(url: string): string {
  return url.split('?')[0]!.replace(/\/(links|unsubscribe|lead-actions)\/[^/]+/, '/$1/[redacted]')
}
