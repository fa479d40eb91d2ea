import type { Row } from './records'

/** Decoded documents that were used lately, within a bound of bytes. */
export interface Cache {
  get(collection: number, record: number): Row | undefined
  set(collection: number, row: Row): void
  delete(collection: number, record: number): void
  clear(): void
}

/** A decoded document takes about this many times its bytes. */
const weight = 4

/** Two generations: what was not used while one filled up goes with the older one. */
export function makeCache(bytes: number): Cache {
  let young = new Map<number, Row>()
  let old = new Map<number, Row>()
  let size = 0

  function set(key: number, row: Row): void {
    young.set(key, row)
    size += 200 + row.bytes.length * weight
    if (size < bytes / 2) return
    old = young
    young = new Map()
    size = 0
  }

  return {
    get: (collection, record) => {
      const key = keyOf(collection, record)
      const row = young.get(key)
      if (row) return row
      const older = old.get(key)
      if (older) set(key, older)
      return older
    },
    set: (collection, row) => {
      old.delete(keyOf(collection, row.record))
      set(keyOf(collection, row.record), row)
    },
    delete: (collection, record) => {
      young.delete(keyOf(collection, record))
      old.delete(keyOf(collection, record))
    },
    clear: () => {
      young.clear()
      old.clear()
      size = 0
    },
  }
}

function keyOf(collection: number, record: number): number {
  return collection * 2 ** 34 + record
}
