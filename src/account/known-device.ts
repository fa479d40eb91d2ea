import { randomBytes } from 'node:crypto'
import type { Request, Response } from 'express'
import { config } from '../platform/config'
import { hmacOf, isHmacOf } from '../platform/hmac'
import { hashOfEmail } from '../people/email-address'

const name = config.production ? '__Host-device' : 'device'
const cookie = { httpOnly: true, sameSite: 'lax', secure: config.production, path: '/' } as const
const halfAYear = 182 * 24 * 3_600_000
const pattern = new RegExp(`(?:^|; )${name}=([\\w-]{22})\\.([\\w-]{43})(?:;|$)`)

/**
 * Remembers that this browser has signed in to an account, in a signed cookie that survives signing out. Its attempts
 * are counted apart from those of strangers, who therefore can't lock its owner out (OWASP, "Device cookies").
 */
export function rememberDevice(request: Request, response: Response, email: string): void {
  const id = deviceOf(request, email) ?? randomBytes(16).toString('base64url')
  response.cookie(name, `${id}.${signatureOf(id, email)}`, { ...cookie, maxAge: halfAYear })
}

/** Returns the id of this browser when it has signed in to the account of this address before, or null. */
export function deviceOf(request: Request, email: string): string | null {
  const [, id = '', signature = ''] = pattern.exec(request.headers.cookie ?? '') ?? []
  return id && isHmacOf('device', textOf(id, email), signature) ? id : null
}

const signatureOf = (id: string, email: string) => hmacOf('device', textOf(id, email))
const textOf = (id: string, email: string) => `${id}:${hashOfEmail(email)}`
