import { createHmac, timingSafeEqual } from 'node:crypto'
import { config } from './config'

/** Proof that a text was written by this academy for one purpose: HMAC-SHA256 with `SESSION_SECRET`, base64url, 43 characters. */
export function hmacOf(purpose: string, text: string): string {
  return createHmac('sha256', config.sessionSecret).update(`${purpose}:${text}`).digest('base64url')
}

/** Whether `given` is the signature of the text for this purpose; takes as long for a wrong one. */
export function isHmacOf(purpose: string, text: string, given: string): boolean {
  const right = Buffer.from(hmacOf(purpose, text))
  const claimed = Buffer.from(given)
  return right.length === claimed.length && timingSafeEqual(right, claimed)
}
