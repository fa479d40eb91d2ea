import type { Request, Response } from 'express'
import { signedCookie } from './signed-cookie'

/** A translated message that the next page shows once: a bold clause, the rest of the sentence, and a link. */
export type Flash = {
  kind: 'done' | 'warning' | 'error'
  bold: string
  text?: string
  link?: { href: string; text: string }
  /** A button that undoes what was done. */
  undo?: { action: string; text: string }
}

const cookie = signedCookie('flash', 300_000)
/**
 * Bytes of JSON. Browsers store at least 4,096 bytes per cookie, including its name and attributes (RFC 6265, section
 * 6.1), and base64 takes a third more.
 */
const maxLength = 2850

/**
 * Shows a message on the next page. It travels in a signed cookie, so that neither the form nor the page after it
 * writes to the session. A message that is too long for a cookie keeps only its bold clause.
 */
export function setFlash(response: Response, flash: Flash): void {
  const full = JSON.stringify(flash)
  const isShort = Buffer.byteLength(full) <= maxLength
  cookie.set(response, isShort ? full : JSON.stringify({ kind: flash.kind, bold: flash.bold.slice(0, 500) }))
}

/** Shows a message on the page that answers this request. */
export function showFlash(response: Response, flash: Flash): void {
  response.locals.shownFlash = flash
}

/** Returns the message for this page and clears it; null without one or with an invalid signature. */
export function takeFlash(request: Request, response: Response): Flash | null {
  if (!cookie.isSent(request)) return null
  cookie.clear(response)
  const text = cookie.read(request)
  return text === null ? null : (JSON.parse(text) as Flash)
}

/** Returns true when a message is waiting for the reader. */
export function hasFlash(request: Request): boolean {
  return cookie.isSent(request)
}
