/** A reading that is kept for a while; `forget` drops one value, or without a key all of them. */
export type Cached<Key, Value> = ((key: Key) => Promise<Value>) & { forget: (key?: Key) => void }

/**
 * A value that may be a little old: read again once it is older than `milliseconds` (of the machine, not the academy's clock), and
 * once for all who ask meanwhile. A failed reading is not kept. At most `most` values are, then all are forgotten. What there is only one
 * of has no key: `kept<void, Model>`.
 *
 * Whoever changes what is read here says `forget` after the write: a reading that was under way is not kept either.
 */
export function cached<Key, Value>(
  milliseconds: number,
  read: (key: Key) => Promise<Value>,
  most = 10_000,
): Cached<Key, Value> {
  const values = new Map<string, { value: Promise<Value>; readAt: number }>()
  const readOrKept = (key: Key) => {
    const name = String(key)
    const known = values.get(name)
    const moment = performance.now()
    if (known && moment - known.readAt < milliseconds) return known.value
    // A query of mongoose runs each time somebody waits for it: its answer is kept, not the query.
    const value = Promise.resolve(read(key))
    const entry = { value, readAt: moment }
    if (values.size >= most) values.clear()
    values.set(name, entry)
    value.catch(() => {
      if (values.get(name) === entry) values.delete(name)
    })
    return value
  }
  const forget = (key?: Key) => (key === undefined ? values.clear() : void values.delete(String(key)))
  return Object.assign(readOrKept, { forget })
}

/**
 * For how many milliseconds a process may believe what another process has changed meanwhile, such as a role or a publication. What
 * it changes itself it sees at once.
 */
export const STALE_AFTER_MS = 2000
