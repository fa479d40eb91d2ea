import { createHmac, timingSafeEqual } from 'node:crypto'
import { config } from './config'

/** Returns the HMAC-SHA256 of a purpose and some text with `SESSION_SECRET`: 43 characters of base64url. */
export function hmacOf(purpose: string, text: string): string {
  return createHmac('sha256', config.sessionSecret).update(`${purpose}:${text}`).digest('base64url')
}

/** Returns true when `given` is the HMAC of the text for this purpose; compares in constant time. */
export function isHmacOf(purpose: string, text: string, given: string): boolean {
  const expected = Buffer.from(hmacOf(purpose, text))
  const actual = Buffer.from(given)
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}
