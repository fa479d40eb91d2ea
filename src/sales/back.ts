import type { Request } from 'express'
import { localPath } from '../web/local-path'

/**
 * Returns where a teammate came from: the queue with the lead that comes next, as the form or the link carries it in
 * `back`. Null for anywhere else.
 */
export function queuePath(request: Pick<Request, 'body' | 'query'>): string | null {
  const path = localPath((request.body as { back?: unknown } | undefined)?.back ?? request.query.back)
  return path && /^\/sales\/queue(\?|$)/.test(path) ? path : null
}

/** Returns the same queue with another lead open. */
export function withLead(queue: string, lead: unknown): string {
  const { pathname, searchParams } = new URL(queue, 'http://here.invalid')
  searchParams.set('lead', String(lead))
  return `${pathname}?${searchParams}`
}

/** Returns the path that undoes a response, which leads back to the queue with this lead open. */
export function undoPath(action: string, queue: string | null, lead: unknown): string {
  if (!queue) return action
  const back = `back=${encodeURIComponent(withLead(queue, lead))}`
  return action + (action.includes('?') ? '&' : '?') + back
}
