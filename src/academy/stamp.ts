import { createHmac, timingSafeEqual } from 'node:crypto'
import { config } from '../config'
import { now } from '../clock'

/** When a page was made, signed for one purpose and reader, so that what it sends back can be measured against the clock. */
export function stamp(purpose: string): string {
  const moment = now().getTime().toString(36)
  return `${moment}.${seal(moment, purpose)}`
}

/** Seconds since the stamp was made; null for one that is not ours, or not for this purpose. */
export function secondsSince(text: unknown, purpose: string): number | null {
  if (typeof text !== 'string') return null
  const [moment = '', given = ''] = text.split('.')
  const wanted = seal(moment, purpose)
  if (given.length !== wanted.length || !timingSafeEqual(Buffer.from(given), Buffer.from(wanted))) return null
  return Math.max(0, (now().getTime() - parseInt(moment, 36)) / 1000)
}

function seal(moment: string, purpose: string): string {
  return createHmac('sha256', config.sessionSecret)
    .update(`stamp:${purpose}:${moment}`)
    .digest('base64url')
    .slice(0, 22)
}
