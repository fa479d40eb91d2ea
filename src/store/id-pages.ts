import { readRecordId } from './keyspace'
import type { Storage } from './storage'

/** The record ids of the entries of an index whose keys are from `start` to `end` (exclusive), in their order. */
interface Page {
  start: Buffer
  end: Buffer
  ids: number[]
  /** Whether it was read since pages were last dropped. */
  isUsed: boolean
}

/** Some ids of a range, in the order that was asked for, and whether they had to be read from the file. */
interface Ids {
  ids: number[]
  isRead: boolean
}

/**
 * What was read of indexes lately, without keys and documents: lists of record ids, which take a hundredth of the time
 * that reading the entries takes. A write drops only the page that its entry is on.
 */
export interface IdPages {
  /**
   * Yields the record ids of an index's entries from `start` to `end` (exclusive), some at a time. Others may change
   * the index between two of them.
   */
  read(start: Buffer, end: Buffer, reverse?: boolean): Generator<Ids>
  /** Says that an entry has been added or removed. */
  forget(key: Buffer): void
  clear(): void
  readonly sizes: PageSizes
}

interface PageSizes {
  /** The most ids of a page. */
  most: number
  /** Fewer aren't kept: they are read as fast as they are looked up. */
  fewest: number
  /** The most ids of all pages, of 8 bytes each. */
  together: number
  /** A scan that finds enough in so many documents is not narrowed. */
  documents: number
}
const usualSizes: PageSizes = { most: 512, fewest: 64, together: 4_000_000, documents: 12 }

export function makeIdPages(storage: Storage, sizes = usualSizes): IdPages {
  /** By index, in the order of their keys, without overlaps. */
  const byIndex = new Map<number, Page[]>()
  let kept = 0

  function keep(pages: Page[], at: number, page: Page): void {
    if (page.ids.length < sizes.fewest) return
    pages.splice(at, 0, page)
    kept += page.ids.length
    if (kept > sizes.together) dropUnused()
  }

  function dropUnused(): void {
    const before = kept
    kept = 0
    for (const pages of byIndex.values()) {
      const used = pages.filter(({ isUsed }) => isUsed)
      pages.splice(0, pages.length, ...used)
      for (const page of used) {
        page.isUsed = false
        kept += page.ids.length
      }
    }
    if (kept > before / 2) clear()
  }

  function clear(): void {
    for (const pages of byIndex.values()) pages.length = 0
    kept = 0
  }

  function pagesOf(key: Buffer): Page[] {
    const index = key.readUInt32BE(1)
    let pages = byIndex.get(index)
    if (!pages) byIndex.set(index, (pages = []))
    return pages
  }

  /** Reads the next page of a range, which ends early when it is full. */
  function readPage(start: Buffer, end: Buffer, reverse: boolean): Page {
    const ids: number[] = []
    let last: Buffer | undefined
    for (const { key, value } of storage.range(start, end, { reverse, limit: sizes.most })) {
      ids.push(readRecordId(value))
      last = key
    }
    if (reverse) ids.reverse()
    const isFull = ids.length === sizes.most && last !== undefined
    return {
      start: copyOf(reverse && isFull ? last! : start),
      end: copyOf(!reverse && isFull ? after(last!) : end),
      ids,
      isUsed: true,
    }
  }

  function* forwards(start: Buffer, end: Buffer): Generator<Ids> {
    for (let at = start; Buffer.compare(at, end) < 0;) {
      const pages = pagesOf(at)
      const n = countBefore(pages, at, 1)
      const page = pages[n - 1]
      const isWithin = page !== undefined && Buffer.compare(page.end, at) > 0
      if (isWithin && page.start.equals(at) && Buffer.compare(page.end, end) <= 0) {
        page.isUsed = true
        at = page.end
        yield { ids: page.ids, isRead: false }
        continue
      }
      const read = readPage(at, earlier(end, isWithin ? page.end : pages[n]?.start), false)
      if (!isWithin) keep(pages, n, read)
      at = read.end
      yield { ids: read.ids, isRead: true }
    }
  }

  function* backwards(start: Buffer, end: Buffer): Generator<Ids> {
    for (let at = end; Buffer.compare(start, at) < 0;) {
      const pages = pagesOf(start)
      const n = countBefore(pages, at, 0)
      const page = pages[n - 1]
      const isWithin = page !== undefined && Buffer.compare(page.end, at) >= 0
      if (isWithin && page.end.equals(at) && Buffer.compare(page.start, start) >= 0) {
        page.isUsed = true
        at = page.start
        yield { ids: page.ids.toReversed(), isRead: false }
        continue
      }
      const read = readPage(later(start, isWithin ? page.start : page?.end), at, true)
      if (!isWithin) keep(pages, n, read)
      at = read.start
      yield { ids: read.ids.toReversed(), isRead: true }
    }
  }

  return {
    read: (start, end, reverse = false) => (reverse ? backwards(start, end) : forwards(start, end)),
    forget: key => {
      const pages = byIndex.get(key.readUInt32BE(1))
      if (!pages?.length) return
      const n = countBefore(pages, key, 1) - 1
      if (n < 0 || Buffer.compare(pages[n]!.end, key) <= 0) return
      kept -= pages[n]!.ids.length
      pages.splice(n, 1)
    },
    clear,
    sizes,
  }
}

/** Returns how many pages start before a key, or with 1 at it. */
function countBefore(pages: Page[], key: Buffer, orAt: 0 | 1): number {
  let [low, high] = [0, pages.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (Buffer.compare(pages[middle]!.start, key) < orAt) low = middle + 1
    else high = middle
  }
  return low
}

const earlier = (a: Buffer, b: Buffer | undefined) => (b && Buffer.compare(b, a) < 0 ? b : a)
const later = (a: Buffer, b: Buffer | undefined) => (b && Buffer.compare(b, a) > 0 ? b : a)

/** Returns a copy that shares no memory: a small Buffer keeps the pool that it was taken from. */
const copyOf = (key: Buffer) => Buffer.from(new Uint8Array(key).buffer)
/** Returns the first key after this one. */
const after = (key: Buffer) => Buffer.concat([key, Buffer.from([0])])
