/** A cached read; `forget` drops one value, or all of them without a key. */
export type Cached<Key, Value> = ((key: Key) => Promise<Value>) & { forget: (key?: Key) => void }

/**
 * Caches the results of `read` for `milliseconds` (on the machine's clock, not the academy's). Concurrent calls share
 * one read, and failed reads are not cached. At `most` values, all are dropped. A single value has no key:
 * `cached<void, Model>`.
 *
 * Call `forget` after writing what is read here; this also drops the result of a read in progress.
 */
export function cached<Key, Value>(
  milliseconds: number,
  read: (key: Key) => Promise<Value>,
  most = 10_000,
): Cached<Key, Value> {
  const values = new Map<string, { value: Promise<Value>; readAt: number }>()
  const readThrough = (key: Key) => {
    const name = String(key)
    const known = values.get(name)
    const moment = performance.now()
    if (known && moment - known.readAt < milliseconds) return known.value
    // A mongoose query runs each time it is awaited, so its result is cached and not the query.
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
  return Object.assign(readThrough, { forget })
}

/**
 * How long, in milliseconds, a process may serve data that another process has changed, such as a role or a
 * publication. It sees its own changes at once.
 */
export const STALE_AFTER_MS = 2000
