import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** Standard Webhooks 1.0.0, symmetric signatures (`v1`): what a receiver needs to know that a message is ours, whole and fresh. */
export type SignedHeaders = {
  'webhook-id': string
  'webhook-timestamp': string
  'webhook-signature': string
}

const prefix = 'whsec_'
const tolerance = 300

/** A new secret: `whsec_` and 32 random bytes in standard base64 (not base64url, at which verifiers throw). */
export function newSecret(): string {
  return prefix + randomBytes(32).toString('base64')
}

/**
 * The headers of one try to send `body` byte for byte. Each live secret signs, so that a receiver may change to a new one
 * when it likes. `sentAt` is in seconds since 1970 by the machine's clock, not by `now()`: a receiver elsewhere compares
 * it with its own and refuses what is older than 300 s.
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

/** Why a message is not believed; null when it is: whole, from somebody who knows one of the secrets, at most 300 s old. */
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
  const right = secrets.map(secret => `v1,${signature(id, Number(sentAt), body, secret)}`)
  return given.some(each => right.some(other => equal(each, other))) ? null : 'signature'
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
