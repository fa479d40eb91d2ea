/**
 * A value that may be a little old: read again once it is older than `milliseconds` (of the machine, not the academy's clock), and
 * once for all who ask meanwhile. A failed reading is not kept.
 */
export function kept<Key, Value>(
  milliseconds: number,
  read: (key: Key) => Promise<Value>,
): (key: Key) => Promise<Value> {
  const values = new Map<string, { value: Promise<Value>; readAt: number }>()
  return key => {
    const name = String(key)
    const known = values.get(name)
    const moment = performance.now()
    if (known && moment - known.readAt < milliseconds) return known.value
    // A query of mongoose runs each time somebody waits for it: its answer is kept, not the query.
    const value = Promise.resolve(read(key))
    const entry = { value, readAt: moment }
    values.set(name, entry)
    value.catch(() => {
      if (values.get(name) === entry) values.delete(name)
    })
    return value
  }
}
