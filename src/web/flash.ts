import type { Request, Response } from 'express'
import { config } from '../platform/config'
import { isHmacOf, hmacOf } from '../platform/hmac'

/** A translated message that the next page shows once: a bold clause, the rest of the sentence, and a link. */
export type Flash = {
  kind: 'done' | 'warning' | 'error'
  bold: string
  text?: string
  link?: { href: string; text: string }
  /** A button that undoes what was done. */
  undo?: { action: string; text: string }
}

const name = config.production ? '__Host-flash' : 'flash'
const cookie = { httpOnly: true, sameSite: 'lax', secure: config.production, path: '/' } as const
/** Browsers store at least 4,096 bytes per cookie, including its name and attributes (RFC 6265, section 6.1). */
const maxLength = 3800

/**
 * Shows a message on the next page. It travels in a signed cookie, so that neither the form nor the page after it
 * writes to the session. A message that is too long for a cookie keeps only its bold clause.
 */
export function setFlash(response: Response, flash: Flash): void {
  const full = encode(flash)
  const text = full.length <= maxLength ? full : encode({ kind: flash.kind, bold: flash.bold.slice(0, 500) })
  response.cookie(name, `${text}.${hmacOf('flash', text)}`, { ...cookie, maxAge: 300_000 })
}

/** Returns the message for this page and clears it; null without one or with an invalid signature. */
export function takeFlash(request: Request, response: Response): Flash | null {
  const [, text = '', signature = ''] = pattern.exec(request.headers.cookie ?? '') ?? []
  if (!text) return null
  response.clearCookie(name, cookie)
  if (!isHmacOf('flash', text, signature)) return null
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as Flash
}

/** Returns true when a message is waiting for the reader. */
export function hasFlash(request: Request): boolean {
  return pattern.test(request.headers.cookie ?? '')
}

const pattern = new RegExp(`(?:^|; )${name}=([\\w-]+)\\.([\\w-]+)`)

const encode = (flash: Flash) => Buffer.from(JSON.stringify(flash)).toString('base64url')
