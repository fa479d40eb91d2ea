import type { Request } from 'express'
import { HttpError } from '../platform/errors'
import { setFlash } from '../web/flash'
import type { MemberHandler } from '../web/handler'
import { localPath } from '../web/local-path'
import { textsOf } from '../web/texts'

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

/**
 * Wraps an action on the lead in the URL: what comes too late leads back to the queue that it was taken in, which shows
 * the lead as it is now and says so. Outside the queue, it is a page of its own.
 */
export function inQueue(action: MemberHandler): MemberHandler {
  return async (request, response, user) => {
    try {
      await action(request, response, user)
    } catch (error) {
      const queue = queuePath(request)
      if (!queue || !(error instanceof HttpError && error.status === 409)) throw error
      setFlash(response, { kind: 'error', bold: textsOf(response).t(error.key, error.values) })
      response.redirect(303, withLead(queue, request.params.person))
    }
  }
}
