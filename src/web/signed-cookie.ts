import type { Request, Response } from 'express'
import { config } from '../platform/config'
import { hmacOf, isHmacOf } from '../platform/hmac'

const options = { httpOnly: true, sameSite: 'lax', secure: config.production, path: '/' } as const

/** A text that a browser keeps for us: nothing is stored here, and nobody can change it without our noticing. */
export type SignedCookie = {
  set: (response: Response, text: string) => void
  /** Returns the text that this browser was given; null without one, or with an invalid signature. */
  read: (request: Request) => string | null
  clear: (response: Response) => void
  /** True when the browser sends the cookie, valid or not. */
  isSent: (request: Request) => boolean
}

/**
 * Defines a signed cookie. In production it can only be set by this host (`__Host-`).
 *
 * @param maxAge in milliseconds; without it, the browser forgets the cookie when it is closed.
 */
export function signedCookie(purpose: string, maxAge?: number): SignedCookie {
  const name = config.production ? `__Host-${purpose}` : purpose
  const pattern = new RegExp(`(?:^|; )${name}=([\\w-]+)\\.([\\w-]+)`)
  const find = (request: Request) => pattern.exec(request.headers.cookie ?? '')
  return {
    set: (response, text) => {
      const value = Buffer.from(text).toString('base64url')
      response.cookie(name, `${value}.${hmacOf(purpose, value)}`, { ...options, maxAge })
    },
    read: request => {
      const [, value = '', signature = ''] = find(request) ?? []
      return isHmacOf(purpose, value, signature) ? Buffer.from(value, 'base64url').toString() : null
    },
    clear: response => void response.clearCookie(name, options),
    isSent: request => find(request) !== null,
  }
}
