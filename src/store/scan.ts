import type { IndexScan } from './candidates'
import type { Collection } from './catalog'
import { makeIdSet } from './id-set'
import { memoryOf, openAccount } from './memory'
import { countKeys, type AccessPath, type Plan } from './plan'
import type { Records } from './records'
import { asBuffer, decodeRow, decodeUncached, type Row } from './row'
import { compareBy, sortKeys, type SortField } from './sort'
import { keyPrefix, keyspace, prefixRange, readRecordId } from './keyspace'
import { rangeInChunks, type Storage } from './storage'
import type { Doc, Value } from './value'
import { makeYieldTimer, sortYielding, withYieldPoints, yieldPoint, type Yielding } from './yielding'

/** What a scan reads from. */
export interface Source {
  storage: Storage
  records: Records
}

/** How much a scan has read. */
export interface Examined {
  keys: number
  documents: number
}

/** Yields the documents that match a plan's filter, in the order of its access path. */
export function* scan(
  source: Source,
  collection: Collection | undefined,
  plan: Pick<Plan, 'access' | 'test' | 'matchesAll'>,
  examined: Examined = { keys: 0, documents: 0 },
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
 * tries an index in that order, and gives it up when it has read more keys than the other one has.
 *
 * @throws 292 when the documents to sort exceed 100 MB
 */
export function* rowsInOrder(
  source: Source,
  collection: Collection | undefined,
  plan: Plan,
  sort: SortField[],
  limit: number,
  examined: Examined = { keys: 0, documents: 0 },
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
        if (examined.keys < maxKeys) continue
        const keys = countKeys(source.storage, { scan: selective }, maxKeys * 4)
        isGivenUp = keys <= examined.keys
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

/** Counts the documents of a plan that is exact, without reading them; not many more than `most`. */
export function* countRows(
  source: Source,
  collection: Collection | undefined,
  { access }: Plan,
  most: number,
): Generator<typeof yieldPoint, number, undefined> {
  if (!collection || (access.stage !== 'IXSCAN' && access.stage !== 'COLLSCAN')) return 0
  const [start, end] = prefixRange(keyPrefix(keyspace.document, collection.id))
  const ranges = access.stage === 'IXSCAN' ? access.ranges : [{ start, end }]
  let count = 0
  const due = makeYieldTimer()
  if (access.stage === 'IXSCAN' && access.repeats) {
    const account = openAccount('A count')
    try {
      const seen = makeIdSet(account)
      for (const range of ranges)
        for (const { value } of rangeInChunks(source.storage, range.start, range.end)) {
          seen.add(readRecordId(value))
          if (seen.size >= most) return seen.size
          if (due()) yield yieldPoint
        }
      return seen.size
    } finally {
      account.release()
    }
  }
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

/** Yields every document of a collection, in the order they were inserted. */
export function* allRows({ storage }: Source, collection: Collection): Generator<Row> {
  const [first, end] = prefixRange(keyPrefix(keyspace.document, collection.id))
  for (const { key, value } of rangeInChunks(storage, first, end))
    yield { recordId: readRecordId(key, 5), bytes: asBuffer(value), decoded: undefined }
}

/**
 * Yields the documents that scans of indexes find.
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
    for (const { ranges, reverse } of scans)
      for (const { start, end } of reverse ? [...ranges].reverse() : ranges)
        for (const { value } of rangeInChunks(source.storage, start, end, reverse)) {
          const recordId = readRecordId(value)
          examined.keys++
          if (distinct && !seen.add(recordId)) {
            yield yieldPoint
            continue
          }
          const row = source.records.fetch(collection, recordId)
          examined.documents++
          if (row) yield row
          else yield yieldPoint
        }
  } finally {
    account.release()
  }
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
