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

/** Sends the state of a page, or 304 when it is the one that the page has. */
export function sendState(request: Request, response: Response, state: LiveState): void {
  const body = JSON.stringify(state)
  const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  response.set('etag', tag)
  if (request.get('if-none-match') === tag) response.status(304).end()
  else response.type('json').send(body)
}

/** Returns the HTML of a part of a page, without a layout. */
export function partOf(response: Response, view: string, values: object): string {
  return renderView(view, pageOf(response, { ...values, layout: null })).trim()
}
