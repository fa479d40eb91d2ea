import { now } from '../platform/clock'
import { isHmacOf, hmacOf } from '../platform/hmac'

/** When a page was made, signed for one purpose and reader, so that what it sends back can be measured against the clock. */
export function signedTimestamp(purpose: string): string {
  const moment = now().getTime().toString(36)
  return `${moment}.${hmacOf(`stamp:${purpose}`, moment)}`
}

/** Seconds since the stamp was made; null for one that is not ours, or not for this purpose. */
export function secondsSince(text: unknown, purpose: string): number | null {
  if (typeof text !== 'string') return null
  const [moment = '', given = ''] = text.split('.')
  if (!isHmacOf(`stamp:${purpose}`, moment, given)) return null
  return Math.max(0, (now().getTime() - parseInt(moment, 36)) / 1000)
}
