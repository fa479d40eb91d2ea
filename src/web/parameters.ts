import type { Request } from 'express'

/**
 * The query parameters of a URL as text, by name. A repeated one (`?q=a&q=b`) counts as missing; pages that allow
 * several values read `request.query` themselves.
 */
export function parametersOf(request: Pick<Request, 'query'>): Record<string, string | undefined> {
  const single = Object.entries(request.query).filter(([, value]) => typeof value === 'string')
  return Object.fromEntries(single) as Record<string, string>
}
