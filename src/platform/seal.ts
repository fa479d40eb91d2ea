import { createHmac, hkdfSync } from 'node:crypto'
import { memoized } from './cached'
import { config } from './config'

/** The keys of seals, by their id: the one of `ENCRYPTION_KEY` first, then those from before, which only check. */
const sealKeys = memoized(
  (_purpose: 'seal') =>
    [config.encryptionKey, ...config.earlierEncryptionKeys].map(secret => {
      const key = Buffer.from(hkdfSync('sha256', secret, '', 'seal of a record', 32))
      return { key, id: createHmac('sha256', key).update('id').digest('base64url').slice(0, 6) }
    }),
  { max: 1 },
)

/**
 * Returns a seal of a record's values, which only someone with `ENCRYPTION_KEY` can make: the id of the key, a dot, and
 * the first 132 bits of an HMAC-SHA256. The order of keys makes no difference, and neither does what is missing, null
 * or empty, because databases store these alike.
 */
export function sealOf(kind: string, values: Record<string, unknown>): string {
  const [{ key, id }] = sealKeys('seal') as [{ key: Buffer; id: string }]
  return `${id}.${macOf(key, kind, values)}`
}

/** Returns true for a seal of these values, with the present key or an earlier one. */
export function isSealOf(kind: string, values: Record<string, unknown>, seal: string | undefined): boolean {
  const [id, mac] = (seal ?? '').split('.')
  const known = sealKeys('seal').find(each => each.id === id)
  return known !== undefined && macOf(known.key, kind, values) === mac
}

function macOf(key: Buffer, kind: string, values: Record<string, unknown>): string {
  const text = `${kind}:${JSON.stringify(values, inOrder)}`
  return createHmac('sha256', key).update(text).digest('base64url').slice(0, 22)
}

function inOrder(_name: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value ?? undefined
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.length ? Object.fromEntries(entries) : undefined
}
