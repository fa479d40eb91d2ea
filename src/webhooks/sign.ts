import { createHmac, randomBytes } from 'node:crypto'

/** The headers of Standard Webhooks 1.0.0, with symmetric signatures (`v1`). README.md describes the signature. */
export type SignedHeaders = {
  'webhook-id': string
  'webhook-timestamp': string
  'webhook-signature': string
}

/** Returns a new secret: `whsec_` and 32 random bytes in standard base64 (verifiers reject base64url). */
export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`
}

/**
 * Signs `body` for one attempt, with every secret given, so an endpoint can switch to a new one at any time.
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
    'webhook-signature': secrets.map(secret => signature(secret, `${id}.${sentAt}.${body}`)).join(' '),
  }
}

/** Returns a `v1` signature: HMAC-SHA256 in base64, with the bytes that follow the prefix of the secret in base64. */
function signature(secret: string, content: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`
}
