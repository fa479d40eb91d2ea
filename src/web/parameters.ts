import type { Request } from 'express'

/**
 * The parameters of an address as text, by name. One that is repeated (`?q=a&q=b`) means nothing that a page asks for, so it
 * counts as not given; pages that allow several read `request.query` themselves.
 */
export function parametersOf(request: Request): Record<string, string | undefined> {
  const given = Object.entries(request.query).filter(([, value]) => typeof value === 'string')
  return Object.fromEntries(given) as Record<string, string>
}
