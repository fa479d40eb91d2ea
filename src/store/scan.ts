import type { KeyRange } from './bounds'
import type { IndexScan } from './candidates'
import type { Collection } from './catalog'
import type { Predicate } from './filter'
import type { IdPages } from './id-pages'
import { makeIdSet } from './id-set'
import { memoryOf, openAccount } from './memory'
import { effortOf, openNarrowing } from './narrowing'
import { countKeys, type AccessPath, type Plan } from './plan'
import type { Records } from './records'
import { asBuffer, decodeRow, decodeUncached, type Row } from './row'
import { compareBy, sortKeys, type SortField } from './sort'
import { keyPrefix, keyspace, prefixRange, readRecordId } from './keyspace'
import { chunksOf, rangeInChunks, type Storage } from './storage'
import type { Doc, Value } from './value'
import { makeYieldTimer, sortYielding, withYieldPoints, yieldPoint, type Yielding } from './yielding'

/** What a scan reads from. */
export interface Source {
  storage: Storage
  records: Records
  pages: IdPages
}

/** How much a scan has read. */
export interface Examined {
  keys: number
  documents: number
  /** How long that takes, in documents that are fetched by an entry of an index. */
  effort: number
}

export const nothingExamined = (): Examined => ({ keys: 0, documents: 0, effort: 0 })

/** Yields the documents that match a plan's filter, in the order of its access path. */
export function* scan(
  source: Source,
  collection: Collection | undefined,
  plan: Pick<Plan, 'access' | 'test' | 'matchesAll'>,
  examined: Examined = nothingExamined(),
): Yielding<Row> {
  if (!collection) return
  const due = makeYieldTimer(1)
  for (const row of rows(source, collection, plan.access, examined)) {
    if (row !== yieldPoint && (plan.matchesAll || plan.test(decodeRow(row)))) yield row
    if (due()) yield yieldPoint
  }
}

function* rows(
  source: Source,
  collection: Collection,
  access: AccessPath,
  examined: Examined,
): Generator<Row | typeof yieldPoint> {
  if (access.stage === 'COLLSCAN')
    for (const row of allRows(source, collection)) {
      examined.documents++
      yield row
    }
  else if (access.stage === 'IXSCAN')
    yield* indexedRows(source, collection, [access], access.repeats, examined)
  else if (access.stage === 'OR') yield* indexedRows(source, collection, access.scans, true, examined)
}

/** A scan in order is not given up any more once it has found this many bytes. */
const maxHeldBytes = 16 * 1024 * 1024

/**
 * Yields the documents of a plan in the requested order, at least the first `limit`. If the plan says so, it first
 * tries an index in that order, and gives it up when that has taken as long as all documents of the other one would.
 *
 * @throws 292 when the documents to sort exceed 100 MB
 */
export function* rowsInOrder(
  source: Source,
  collection: Collection | undefined,
  plan: Plan,
  sort: SortField[],
  limit: number,
  examined: Examined = nothingExamined(),
): Yielding<Row> {
  if (plan.first && collection) {
    const { access } = plan.first
    const selective = plan.access as IndexScan
    let { maxKeys } = plan.first
    const held: Row[] = []
    let heldBytes = 0
    let isDecided = false
    let isGivenUp = false
    for (const row of scan(source, collection, { ...plan, access }, examined)) {
      if (isDecided) yield row
      else if (row !== yieldPoint) {
        held.push(row as Row)
        heldBytes += (row as Row).bytes.length
        isDecided = held.length >= limit || heldBytes > maxHeldBytes
        if (isDecided) yield* held.splice(0)
      } else {
        yield yieldPoint
        if (examined.effort < maxKeys) continue
        const keys = countKeys(source.storage, { scan: selective }, maxKeys * 4)
        isGivenUp = keys <= examined.effort
        if (isGivenUp) break
        maxKeys = keys
      }
    }
    if (!isGivenUp) return yield* held
  }
  const found = scan(source, collection, plan, examined)
  yield* plan.sorted ? found : sortDocuments(found, sort, decodeUncached, limit, holdBytes)
}

/** A sort holds the BSON of its documents, and not what was decoded of them. */
function holdBytes({ recordId, bytes }: Row): { item: Row; bytes: number } {
  return { item: { recordId, bytes, decoded: undefined }, bytes: bytes.length + 200 }
}

/** Keys that are counted at a time, which takes about a millisecond. */
const countedAtOnce = 5000

/** Counts the documents of an exact plan, not many more than `most`; it reads as few of them as it can. */
export function* countRows(
  source: Source,
  collection: Collection | undefined,
  plan: Pick<Plan, 'access' | 'test'>,
  most: number,
): Generator<typeof yieldPoint, number, undefined> {
  const { access } = plan
  if (!collection || (access.stage !== 'IXSCAN' && access.stage !== 'COLLSCAN')) return 0
  if (access.stage === 'IXSCAN' && (access.repeats || access.narrowedBy.length > 0))
    return yield* countIds(source, collection, access, plan.test, most)
  const [start, end] = prefixRange(keyPrefix(keyspace.document, collection.id))
  const ranges = access.stage === 'IXSCAN' ? access.ranges : [{ start, end }]
  let count = 0
  const due = makeYieldTimer()
  for (const range of ranges) {
    let from = range.start
    while (count < most) {
      const portion = Math.min(countedAtOnce, most - count)
      const next = source.storage.keyAt(from, range.end, portion)
      count += next ? portion : source.storage.count(from, range.end)
      if (next || due()) yield yieldPoint
      if (!next) break
      from = next
    }
  }
  return count
}

/** Counts what all indexes of a scan find. Until it is known what the others find, documents are tested. */
function* countIds(
  { pages, records }: Source,
  collection: Collection,
  { ranges, repeats, narrowedBy }: IndexScan,
  test: Predicate,
  most: number,
): Generator<typeof yieldPoint, number, undefined> {
  const account = openAccount('A count')
  const due = makeYieldTimer(1)
  try {
    const seen = repeats ? makeIdSet(account) : undefined
    const narrowing = openNarrowing(pages, narrowedBy)
    let [count, documents] = [0, 0]
    for (const { start, end } of ranges)
      for (const page of pages.read(start, end)) {
        let ids = narrowing.of(page.ids)
        for (let n = 0; n < ids.length; n++) {
          if (seen && !seen.add(ids[n]!)) continue
          if (!narrowing.isComplete()) {
            const row = records.fetch(collection, ids[n]!)
            if (narrowing.advance(++documents)) [ids, n] = [narrowing.of(ids.slice(n + 1)), -1]
            if (due()) yield yieldPoint
            if (!row || !test(decodeRow(row))) continue
          }
          if (++count >= most) return count
        }
        if (narrowing.isNone()) return count
        if (due()) yield yieldPoint
      }
    return count
  } finally {
    account.release()
  }
}

/** Yields every document of a collection, in the order they were inserted. */
export function* allRows({ storage }: Source, collection: Collection): Generator<Row> {
  const [first, end] = prefixRange(keyPrefix(keyspace.document, collection.id))
  for (const { key, value } of rangeInChunks(storage, first, end))
    yield { recordId: readRecordId(key, 5), bytes: asBuffer(value), decoded: undefined }
}

/**
 * Yields the documents that scans of indexes find, less those that other indexes rule out.
 *
 * @param distinct whether a document may be found several times, and is yielded once
 * @throws 292 when the ids of what was found take 100 MB
 */
function* indexedRows(
  source: Source,
  collection: Collection,
  scans: IndexScan[],
  distinct: boolean,
  examined: Examined,
): Generator<Row | typeof yieldPoint> {
  const account = openAccount('A scan')
  const seen = makeIdSet(account)
  try {
    for (const { ranges, reverse, narrowedBy } of scans) {
      const narrowing = openNarrowing(source.pages, narrowedBy)
      for (const range of reverse ? [...ranges].reverse() : ranges)
        for (const page of idsIn(source, range, reverse, narrowedBy.length > 0)) {
          let ids = narrowing.of(page.ids)
          examined.effort += page.ids.length * (page.isRead ? effortOf.entry : effortOf.id)
          examined.keys += page.ids.length - ids.length
          for (let n = 0; n < ids.length; n++) {
            const recordId = ids[n]!
            examined.keys++
            if (distinct && !seen.add(recordId)) {
              yield yieldPoint
              continue
            }
            const row = source.records.fetch(collection, recordId)
            examined.documents++
            examined.effort++
            if (row) yield row
            else yield yieldPoint
            if (narrowing.advance(examined.documents)) [ids, n] = [narrowing.of(ids.slice(n + 1)), -1]
          }
          if (narrowing.isNone()) return
          yield yieldPoint
        }
    }
  } finally {
    account.release()
  }
}

/** Reads the ids of a range in few when each document is fetched, and in pages when most of them may not be. */
function* idsIn(
  { storage, pages }: Source,
  { start, end }: KeyRange,
  reverse: boolean,
  inPages: boolean,
): Generator<{ ids: number[]; isRead: boolean }> {
  if (inPages) return yield* pages.read(start, end, reverse)
  for (const chunk of chunksOf(storage, start, end, reverse))
    yield { ids: chunk.map(({ value }) => readRecordId(value)), isRead: true }
}

/** With a limit, items that are too many are dropped whenever they take this much. */
const maxSpareBytes = 32 * 1024 * 1024

/**
 * Sorts items by the fields of their documents. With a limit, it holds at most twice that many items plus 1,000, or
 * 32 MB more than the items it returns.
 *
 * @param hold returns what is held of an item until it is sorted, and how many bytes it takes
 * @throws 292 when the items exceed 100 MB
 */
export function* sortDocuments<T>(
  source: Yielding<T>,
  fields: SortField[],
  docFor: (item: T) => Doc,
  limit: number,
  hold: (item: T) => { item: T; bytes: number },
): Yielding<T> {
  interface Keyed {
    keys: Array<Value | undefined>
    item: T
    bytes: number
  }
  const compare = compareBy(fields)
  const order = (a: Keyed, b: Keyed) => compare(a.keys, b.keys)
  const account = openAccount('Sort')
  try {
    let kept: Keyed[] = []
    let spareBytes = 0
    for (const each of source) {
      if (each === yieldPoint) {
        yield yieldPoint
        continue
      }
      const keys = sortKeys(docFor(each as T), fields)
      const { item, bytes: held } = hold(each as T)
      const bytes = held + memoryOf(keys.map(key => key ?? null))
      kept.push({ keys, item, bytes })
      account.add(bytes)
      spareBytes += bytes
      if (kept.length < 2 * limit + 1000 && (kept.length <= limit || spareBytes < maxSpareBytes)) continue
      kept = (yield* sortYielding(kept, order)).slice(0, limit)
      account.release()
      for (const { bytes: own } of kept) account.add(own)
      spareBytes = 0
    }
    const all = yield* sortYielding(kept, order)
    for (const each of withYieldPoints(all.slice(0, limit)))
      yield each === yieldPoint ? yieldPoint : each.item
  } finally {
    account.release()
  }
}
