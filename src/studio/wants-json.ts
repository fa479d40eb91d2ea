import type { Request } from 'express'

/** Whether a request comes from a script of the studio, which reads JSON. */
export function wantsJson(request: Request): boolean {
  return request.accepts(['html', 'json']) === 'json'
}
