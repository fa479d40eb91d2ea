import type { Row } from './row'

/** Recently used documents in their decoded form, limited by an estimate of the memory they take. */
export interface Cache {
  get(collection: number, recordId: number): Row | undefined
  set(collection: number, row: Row): void
  delete(collection: number, recordId: number): void
  clear(): void
}

/** A decoded document takes about this many times the size of its BSON. */
const decodedSizeFactor = 4

/**
 * Creates a cache of at most about `bytes` bytes. It has two generations: when the young one is full it becomes the old
 * one, and whatever has not been read since then is dropped with the previous old one.
 */
export function makeCache(bytes: number): Cache {
  let young = new Map<number, Row>()
  let old = new Map<number, Row>()
  let size = 0

  function set(key: number, row: Row): void {
    young.set(key, row)
    size += 200 + row.bytes.length * decodedSizeFactor
    if (size < bytes / 2) return
    old = young
    young = new Map()
    size = 0
  }

  return {
    get: (collection, recordId) => {
      const key = cacheKey(collection, recordId)
      const row = young.get(key)
      if (row) return row
      const older = old.get(key)
      if (older) set(key, older)
      return older
    },
    set: (collection, row) => {
      old.delete(cacheKey(collection, row.recordId))
      set(cacheKey(collection, row.recordId), row)
    },
    delete: (collection, recordId) => {
      young.delete(cacheKey(collection, recordId))
      old.delete(cacheKey(collection, recordId))
    },
    clear: () => {
      young.clear()
      old.clear()
      size = 0
    },
  }
}

function cacheKey(collection: number, recordId: number): number {
  return collection * 2 ** 34 + recordId
}
