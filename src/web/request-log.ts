import { randomUUID } from 'node:crypto'
import { pinoHttp } from 'pino-http'
import { log } from '../platform/log'

/** One line per answered request, with an id that the answer and an error page carry too. Addresses' query strings may hold tokens: left out. */
export const logRequests = pinoHttp({
  logger: log,
  genReqId: (_request, response) => {
    const id = randomUUID()
    response.setHeader('x-request-id', id)
    return id
  },
  customLogLevel: (_request, response, error) => (error || response.statusCode >= 500 ? 'error' : 'info'),
  serializers: {
    req: request => ({ id: request.id, method: request.method, path: withoutSecrets(request.url) }),
    res: response => ({ status: response.statusCode }),
  },
})

/** Links in letters carry their token in the path's last part after `/links/`, `/unsubscribe/` or `/lead-actions/`. */
function withoutSecrets(url: string): string {
  return url.split('?')[0]!.replace(/\/(links|unsubscribe|lead-actions)\/[^/]+/, '/$1/(withheld)')
}
