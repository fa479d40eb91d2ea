import { createHmac, hkdfSync } from 'node:crypto'
import { config } from './config'

type SealKey = { key: Buffer; id: string }

const known = new WeakMap<Buffer, SealKey>()

/** Returns the key of seals that follows from a setting, and its id. */
function keyFrom(secret: Buffer): SealKey {
  const before = known.get(secret)
  if (before) return before
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'seal of a record', 32))
  const made = { key, id: createHmac('sha256', key).update('id').digest('base64url').slice(0, 6) }
  known.set(secret, made)
  return made
}

/**
 * Returns a seal of a record's values, which only someone with `ENCRYPTION_KEY` can make: the id of the key, a dot, and
 * the first 132 bits of an HMAC-SHA256. The order of keys makes no difference, and neither does what is missing, null
 * or empty, because databases store these alike.
 */
export function sealOf(kind: string, values: Record<string, unknown>): string {
  const { key, id } = keyFrom(config.encryptionKey)
  return `${id}.${macOf(key, kind, values)}`
}

/** Returns true for a seal of these values, with the present key or an earlier one. */
export function isSealOf(kind: string, values: Record<string, unknown>, seal: string | undefined): boolean {
  const [id, mac] = (seal ?? '').split('.')
  const keys = [config.encryptionKey, ...config.earlierEncryptionKeys].map(keyFrom)
  const used = keys.find(each => each.id === id)
  return used !== undefined && macOf(used.key, kind, values) === mac
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
