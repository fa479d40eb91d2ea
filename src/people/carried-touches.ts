import { hours, later, now } from '../platform/clock'
import { hmacOf, isHmacOf } from '../platform/hmac'
import type { Touch, Touches } from './person'

/** A visitor who takes longer to sign up has no touches: none is better than someone else's. */
const validFor = hours(24)

/** The order of a touch's values in a token. */
const fields = ['landing', 'referrer', 'source', 'medium', 'campaign', 'term', 'content'] as const

type CompactTouch = [at: number, ...values: (string | null)[]]

/**
 * Returns a visitor's touches as a token for the links and forms of the pages that they open: base64url of JSON, a dot
 * and its HMAC, so nobody can forge one. It contains nothing about the visitor but how they got here.
 */
export function signTouches({ first, last }: Touches): string {
  const touches = first === last ? [compact(first)] : [compact(first), compact(last)]
  const text = Buffer.from(JSON.stringify(touches)).toString('base64url')
  return `${text}.${hmacOf('touches', text)}`
}

/** Returns the touches in a token; null when it isn't ours, or when the last touch is more than 24 hours old. */
export function readTouches(token: unknown): Touches | null {
  if (typeof token !== 'string' || token.length > 8000) return null
  const [text = '', signature = ''] = token.split('.')
  if (!isHmacOf('touches', text, signature)) return null
  const touches = (JSON.parse(Buffer.from(text, 'base64url').toString()) as CompactTouch[]).map(expand)
  const first = touches[0]!
  const last = touches[1] ?? first
  return last.at > later(now(), -validFor) ? { first, last } : null
}

function compact(touch: Touch): CompactTouch {
  return [touch.at.getTime(), ...fields.map(field => touch[field])]
}

function expand([at, landing, ...values]: CompactTouch): Touch {
  const [referrer = null, source = null, medium = null, campaign = null, term = null, content = null] = values
  return { at: new Date(at), landing: landing ?? '/', referrer, source, medium, campaign, term, content }
}
