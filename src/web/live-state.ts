import { createHash } from 'node:crypto'
import type { Request, Response } from 'express'
import { pageOf, renderView } from './views'

/** What a page of a live session asks for again and again (`public/js/room.js`). */
type LiveState = {
  /** The HTML inside of its parts, by their ids. */
  parts: Record<string, string>
  /** What a screen reader says when it changes; empty for nothing. */
  announce: string
}

/**
 * Sends the state of a page with its tag, or 204 when it is the one that the page has, whose tag is in `?tag=`. Private
 * answers have no ETag.
 */
export function sendState(request: Request, response: Response, state: LiveState): void {
  const tag = createHash('sha256').update(JSON.stringify(state)).digest('base64url').slice(0, 22)
  if (request.query.tag === tag) response.status(204).end()
  else response.json({ ...state, tag })
}

/** Returns the HTML of a part of a page, without a layout. */
export function partOf(response: Response, view: string, values: object): string {
  return renderView(view, pageOf(response, { ...values, layout: null })).trim()
}
