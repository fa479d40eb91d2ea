import type { Request, Response } from 'express'
import { config } from '../platform/config'
import { isHmacOf, hmacOf } from '../platform/hmac'

/** What the next page says once, already translated: a bold clause, what follows from it, and where to go. */
export type Flash = {
  kind: 'done' | 'warning' | 'error'
  bold: string
  text?: string
  link?: { href: string; text: string }
}

const name = config.production ? '__Host-flash' : 'flash'
const cookie = { httpOnly: true, sameSite: 'lax', secure: config.production, path: '/' } as const
/** Browsers keep at least 4,096 bytes a cookie, its name and attributes with it (RFC 6265). */
const longest = 3800

/**
 * Has the next page say something. It waits in a signed cookie of the reader's: a form that is answered costs the database no write of
 * the session, and the page after it none either. What is too long for a cookie keeps its bold clause.
 */
export function setFlash(response: Response, flash: Flash): void {
  const whole = encode(flash)
  const text = whole.length <= longest ? whole : encode({ kind: flash.kind, bold: flash.bold.slice(0, 500) })
  response.cookie(name, `${text}.${hmacOf('flash', text)}`, { ...cookie, maxAge: 300_000 })
}

/** What this page is to say, and no later one; null when there is nothing or somebody else wrote it. */
export function takeFlash(request: Request, response: Response): Flash | null {
  const [, text = '', given = ''] = pattern.exec(request.headers.cookie ?? '') ?? []
  if (!text) return null
  response.clearCookie(name, cookie)
  if (!isHmacOf('flash', text, given)) return null
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as Flash
}

/** Whether the reader is to be told something. */
export function hasFlash(request: Request): boolean {
  return pattern.test(request.headers.cookie ?? '')
}

const pattern = new RegExp(`(?:^|; )${name}=([\\w-]+)\\.([\\w-]+)`)

const encode = (flash: Flash) => Buffer.from(JSON.stringify(flash)).toString('base64url')
