import { LRUCache } from 'lru-cache'

/**
 * How many milliseconds a process may keep using what it has read, such as a role or a publication, after another
 * process has changed it. A process sees its own changes immediately.
 */
export const STALE_AFTER_MS = 2000

/**
 * A cached read. `forget` drops one value, or all of them without a key. `known` returns a value that has been read and
 * may still be used, without waiting; undefined otherwise.
 */
export type Cached<Key, Value> = ((key: Key) => Promise<Value>) & {
  forget: (key?: Key) => void
  known: (key: Key) => Value | undefined
}

const readings = new Set<() => void>()

/** Calls `clear` when the database is disconnected. For what a module knows of one database as long as it lives. */
export function clearWithDatabase(clear: () => void): void {
  readings.add(clear)
}

/** Drops what the process has read: another database that it connects to has its own. */
export function clearCaches(): void {
  for (const clear of readings) clear()
}

type Options<Key> = {
  /** The number of values to cache; the least recently used one is dropped first. */
  max?: number
  /** Returns the name that a value is cached under. */
  nameOf?: (key: Key) => string
}

/**
 * Caches what `read` returns for a number of milliseconds on the machine's clock, or for good with `Infinity`.
 * Concurrent calls share one read, and a read that fails isn't cached. A value without a key is `cached<void, Model>`.
 *
 * Call `forget` after a write that changes what is read; a read that is still running then isn't cached either.
 * `read` gets what was read last, and returns that object when nothing has changed, because pages compare objects.
 * Everything is dropped with the database, so this is for the modules of the app, not for what comes and goes.
 */
export function cached<Key, Value>(
  milliseconds: number,
  read: (key: Key, last?: Value) => PromiseLike<Value>,
  { max = 1000, nameOf = String }: Options<Key> = {},
): Cached<Key, Value> {
  const ttl = milliseconds === Infinity ? 0 : milliseconds
  const values = new LRUCache<string, Promise<Value>>({ max, ttl, ttlResolution: 0 })
  const settled = new WeakMap<Promise<Value>, Value>()
  const lasts = new LRUCache<string, { value: Value }>({ max })
  const readOrCached = (key: Key) => {
    const name = nameOf(key)
    const known = values.get(name)
    if (known) return known
    // A mongoose query runs again each time it is awaited, so its result is cached rather than the query.
    const value = Promise.resolve(read(key, lasts.get(name)?.value))
    values.set(name, value)
    value.then(
      result => {
        settled.set(value, result)
        lasts.set(name, { value: result })
      },
      () => values.peek(name) === value && values.delete(name),
    )
    return value
  }
  const forget = (key?: Key) => {
    if (key === undefined) values.clear()
    else values.delete(nameOf(key))
  }
  clearWithDatabase(() => {
    values.clear()
    lasts.clear()
  })
  const known = (key: Key) => {
    const value = values.get(nameOf(key))
    return value && settled.get(value)
  }
  return Object.assign(readOrCached, { forget, known })
}

/** The most that the keys of one `memoized` function add up to, with `sizeOf`. */
const maxSize = 16_000_000

/**
 * Caches the `max` most recently used results of a pure function, or fewer when their sizes exceed `maxSize`.
 *
 * @param options.sizeOf returns a key's size, for results that are as large as their key.
 */
export function memoized<Key, Value extends object | string | number | boolean>(
  compute: (key: Key) => Value,
  { max = 1000, nameOf = String, sizeOf }: Options<Key> & { sizeOf?: (key: Key) => number } = {},
): (key: Key) => Value {
  const values = new LRUCache<string, Value>({ max, ...(sizeOf && { maxSize }) })
  return key => {
    const name = nameOf(key)
    const known = values.get(name)
    if (known !== undefined) return known
    const value = compute(key)
    values.set(name, value, sizeOf && { size: sizeOf(key) + 1 })
    return value
  }
}

/**
 * Remembers what was made of an object that never changes, and of what else. It is made again when one of those is not
 * the same any more, and forgotten with the object.
 *
 * @returns a function of the object, a name for what is made of it, what else it is made of, and how.
 */
export function remembered<Value>() {
  const made = new WeakMap<object, Map<string, { from: readonly unknown[]; value: Value }>>()
  return (subject: object, name: string, from: readonly unknown[], make: () => Value): Value => {
    const ofSubject = made.get(subject) ?? new Map<string, { from: readonly unknown[]; value: Value }>()
    const known = ofSubject.get(name)
    if (known?.from.length === from.length && known.from.every((each, n) => each === from[n]))
      return known.value
    const value = make()
    made.set(subject, ofSubject.set(name, { from, value }))
    return value
  }
}
