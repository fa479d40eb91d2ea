import { now } from '../platform/clock'
import { isHmacOf, hmacOf } from '../platform/hmac'

/**
 * Returns the current time, signed for one purpose and reader, to put into a page. What the page reports later can then
 * be checked against the server's clock.
 */
export function signedTimestamp(purpose: string): string {
  const time = now().getTime().toString(36)
  return `${time}.${hmacOf(`timestamp:${purpose}`, time)}`
}

/** Returns the seconds since a signed timestamp, or null when its signature is not valid for this purpose. */
export function secondsSince(timestamp: unknown, purpose: string): number | null {
  if (typeof timestamp !== 'string') return null
  const [time = '', signature = ''] = timestamp.split('.')
  if (!isHmacOf(`timestamp:${purpose}`, time, signature)) return null
  return Math.max(0, (now().getTime() - parseInt(time, 36)) / 1000)
}
