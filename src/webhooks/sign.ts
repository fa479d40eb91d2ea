import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** The headers of Standard Webhooks 1.0.0, with symmetric signatures (`v1`). README.md describes the signature. */
export type SignedHeaders = {
  'webhook-id': string
  'webhook-timestamp': string
  'webhook-signature': string
}

const prefix = 'whsec_'
/** The largest difference between the clocks, in seconds. */
const tolerance = 300

/** Returns a new secret: `whsec_` and 32 random bytes in standard base64 (verifiers reject base64url). */
export function newSecret(): string {
  return prefix + randomBytes(32).toString('base64')
}

/**
 * Signs `body` for one attempt, with every secret given, so an endpoint can switch to a new one when it likes.
 *
 * @param sentAt seconds since 1970 by the machine's clock rather than `now()`, since the endpoint compares it with
 * its own clock and rejects a difference of more than 300 s.
 */
export function sign(
  id: string,
  body: string,
  secrets: string[],
  sentAt = Math.floor(Date.now() / 1000),
): SignedHeaders {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(sentAt),
    'webhook-signature': secrets.map(secret => `v1,${signature(id, sentAt, body, secret)}`).join(' '),
  }
}

/**
 * Verifies that a message is unchanged, signed with one of the secrets and within 300 s of the machine's clock.
 *
 * @returns what is wrong with it, or null.
 */
export function verificationError(
  headers: Record<string, string | string[] | undefined>,
  body: string,
  secrets: string[],
): 'headers' | 'timestamp' | 'signature' | null {
  const id = headers['webhook-id']
  const sentAt = headers['webhook-timestamp']
  const signatures = headers['webhook-signature']
  if (typeof id !== 'string' || typeof sentAt !== 'string' || typeof signatures !== 'string') return 'headers'
  if (!id || id.length > 200 || !/^\d{1,12}$/.test(sentAt)) return 'headers'
  if (Math.abs(Date.now() / 1000 - Number(sentAt)) > tolerance) return 'timestamp'
  const given = signatures.split(' ').filter(each => each.startsWith('v1,'))
  const expected = secrets.map(secret => `v1,${signature(id, Number(sentAt), body, secret)}`)
  return given.some(each => expected.some(other => equal(each, other))) ? null : 'signature'
}

function signature(id: string, sentAt: number, body: string, secret: string): string {
  return createHmac('sha256', keyOf(secret)).update(`${id}.${sentAt}.${body}`).digest('base64')
}

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.startsWith(prefix) ? secret.slice(prefix.length) : secret, 'base64')
}

function equal(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
