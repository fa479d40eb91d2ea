import type { Account } from './memory'

/** Ids share a chunk with those that differ in the last 16 bits only. */
const chunkSize = 2 ** 16
/** A chunk of more ids is a bitmap, of 8 KB. A set takes about as much for so many. */
const mostInSet = 200
const [bitmapBytes, bytesInSet] = [chunkSize / 8, 40]

/** A set of record ids. Ids that are close together take a bit each, and others about 40 bytes. */
export interface IdSet {
  readonly size: number
  has(id: number): boolean
  /**
   * Returns false when the id was there already.
   *
   * @throws 292 when the account has no room for it
   */
  add(id: number): boolean
}

/** Creates an empty set, which takes its memory from `account`. */
export function makeIdSet(account?: Account): IdSet {
  const chunks = new Map<number, Set<number> | Uint8Array>()
  let size = 0

  function isIn(chunk: Set<number> | Uint8Array | undefined, low: number): boolean {
    if (chunk instanceof Uint8Array) return (chunk[low >> 3]! & (1 << (low & 7))) !== 0
    return chunk !== undefined && chunk.has(low)
  }

  function set(bitmap: Uint8Array, low: number): void {
    bitmap[low >> 3]! |= 1 << (low & 7)
  }

  function toBitmap(ids: Set<number>): Uint8Array {
    const bitmap = new Uint8Array(bitmapBytes)
    for (const low of ids) set(bitmap, low)
    return bitmap
  }

  return {
    get size() {
      return size
    },
    has: id => isIn(chunks.get(Math.floor(id / chunkSize)), id % chunkSize),
    add: id => {
      const [high, low] = [Math.floor(id / chunkSize), id % chunkSize]
      let chunk = chunks.get(high)
      if (isIn(chunk, low)) return false
      if (!chunk) {
        chunk = new Set()
        chunks.set(high, chunk)
        account?.add(100)
      }
      size++
      if (chunk instanceof Uint8Array) set(chunk, low)
      else {
        chunk.add(low)
        if (chunk.size > mostInSet) chunks.set(high, toBitmap(chunk))
        else account?.add(bytesInSet)
      }
      return true
    },
  }
}
