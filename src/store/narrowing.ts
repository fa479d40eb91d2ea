import type { IndexScan } from './candidates'
import type { IdPages } from './id-pages'

/** What reading takes, as a share of fetching a document: of an entry in the file, and of an id in memory. */
export const effortOf = { entry: 0.1, id: 0.0005 }
/** The greatest record id for which narrowing pays: what is found takes a bit for each id up to it, so 4 MB. */
const greatestId = 2 ** 25

/** The documents that may match, as other indexes than the one of a scan say. */
export interface Narrowing {
  /** Whether all of them are known. Until then, any document may match. */
  isComplete(): boolean
  /** Whether it is known that no document matches. */
  isNone(): boolean
  /** Returns those of some documents that may match. */
  of(ids: number[]): number[]
  /**
   * Reads more of the other indexes, as long as that has taken less than the documents that the scan has fetched. So it
   * takes at most twice as long as without them, and as little as one index for all conditions if they are in memory.
   *
   * @returns true when all are known now, and were not before
   */
  advance(documents: number): boolean
}

export function openNarrowing(pages: IdPages, scans: IndexScan[]): Narrowing {
  /** A bit for each id that all scans have found so far. */
  let found: Uint8Array | undefined
  let effort = 0
  let isComplete = scans.length === 0
  let isGivenUp = false
  /** How many ids the latest scan has found, with repetitions. */
  let size = 0
  const reading = readAll()

  function* readAll(): Generator<void, void, undefined> {
    for (const { ranges } of scans) {
      let both: Uint8Array = new Uint8Array(found?.length ?? 1024)
      size = 0
      for (const { start, end } of ranges)
        for (const { ids, isRead } of pages.read(start, end)) {
          for (const id of ids) {
            if (found && !has(found, id)) continue
            size++
            if (id >= both.length * 8) both = enlarged(both, id)
            both[id >> 3]! |= 1 << (id & 7)
          }
          effort += ids.length * (isRead ? effortOf.entry : effortOf.id)
          yield
        }
      found = both
    }
  }

  function enlarged(bits: Uint8Array, id: number): Uint8Array {
    isGivenUp ||= id > greatestId
    const larger = new Uint8Array(isGivenUp ? 0 : Math.max(bits.length * 2, (id >> 3) + 1))
    larger.set(bits.subarray(0, larger.length))
    return larger
  }

  return {
    isComplete: () => isComplete,
    isNone: () => isComplete && found !== undefined && size === 0,
    of: ids => (isComplete && found ? within(found, ids) : ids),
    advance: documents => {
      if (isComplete) return false
      while (!isComplete && !isGivenUp && documents >= pages.sizes.documents && effort <= documents)
        isComplete = reading.next().done === true
      return isComplete
    },
  }
}

function within(bits: Uint8Array, ids: number[]): number[] {
  const both: number[] = []
  for (const id of ids) if (has(bits, id)) both.push(id)
  return both
}

const has = (bits: Uint8Array, id: number) => (bits[id >> 3]! & (1 << (id & 7))) !== 0
