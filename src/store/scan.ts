import type { IndexScan } from './candidates'
import type { Collection } from './catalog'
import { serverError } from './errors'
import type { AccessPath, Plan } from './plan'
import type { Records } from './records'
import { asBuffer, decodeRow, type Row } from './row'
import { compareBy, sortKeys, type SortField } from './sort'
import { keyPrefix, keyspace, prefixRange, rangeInChunks, readRecordId, type Storage } from './storage'
import type { Doc, Value } from './value'
import { makeYieldTimer, sortYielding, withYieldPoints, yieldPoint, type Yielding } from './yielding'

/** What a scan reads from. */
export interface Source {
  storage: Storage
  records: Records
}

/**
 * MongoDB manual, "MongoDB Limits and Thresholds", sort operations:
 * https://www.mongodb.com/docs/manual/reference/limits/#mongodb-limit-Sort-Operations
 */
const sortLimit = 100 * 1024 * 1024

/** Yields the documents that match a plan's filter, in the order of its access path. */
export function* scan(source: Source, collection: Collection | undefined, plan: Plan): Yielding<Row> {
  if (!collection) return
  const due = makeYieldTimer()
  for (const row of rows(source, collection, plan.access)) {
    if (row !== yieldPoint && (plan.matchesAll || plan.test(decodeRow(row)))) yield row
    if (due()) yield yieldPoint
  }
}

function* rows(
  source: Source,
  collection: Collection,
  access: AccessPath,
): Generator<Row | typeof yieldPoint> {
  if (access.stage === 'COLLSCAN') yield* allRows(source, collection)
  else if (access.stage === 'IXSCAN') yield* indexedRows(source, collection, access, new Set())
  else if (access.stage === 'OR') {
    const seen = new Set<number>()
    for (const each of access.scans) yield* indexedRows(source, collection, each, seen, true)
  }
}

/** Yields every document of a collection, in the order they were inserted. */
export function* allRows({ storage }: Source, collection: Collection): Generator<Row> {
  const [first, end] = prefixRange(keyPrefix(keyspace.document, collection.id))
  for (const { key, value } of rangeInChunks(storage, first, end))
    yield { recordId: readRecordId(key, 5), bytes: asBuffer(value), decoded: undefined }
}

function* indexedRows(
  source: Source,
  collection: Collection,
  access: IndexScan,
  seen: Set<number>,
  dedupe = false,
): Generator<Row | typeof yieldPoint> {
  const { index, reverse } = access
  const distinct = dedupe || index.multikey.some(Boolean)
  const ranges = reverse ? [...access.ranges].reverse() : access.ranges
  for (const { start, end } of ranges)
    for (const { value } of rangeInChunks(source.storage, start, end, reverse)) {
      const recordId = readRecordId(value)
      if (distinct) {
        if (seen.has(recordId)) continue
        seen.add(recordId)
      }
      const row = source.records.fetch(collection, recordId)
      if (row) yield row
      else yield yieldPoint
    }
}

/**
 * Sorts items by the fields of their documents. With a limit, it holds at most twice that many items plus
 * 1,000.
 *
 * @param sizeOf returns the size of an item in bytes
 * @throws 292 when there is no limit and the items exceed 100 MB
 */
export function* sortDocuments<T>(
  source: Yielding<T>,
  fields: SortField[],
  docFor: (item: T) => Doc,
  limit = Infinity,
  sizeOf: (item: T) => number = () => 0,
): Yielding<T> {
  interface Keyed {
    keys: Array<Value | undefined>
    item: T
  }
  const compare = compareBy(fields)
  const order = (a: Keyed, b: Keyed) => compare(a.keys, b.keys)
  let kept: Keyed[] = []
  let size = 0
  for (const item of source) {
    if (item === yieldPoint) {
      yield yieldPoint
      continue
    }
    const doc = docFor(item as T)
    kept.push({ keys: sortKeys(doc, fields), item: item as T })
    size += sizeOf(item as T)
    if (size > sortLimit && limit === Infinity)
      throw serverError(
        292,
        'Sort exceeded memory limit of 104857600 bytes, but did not opt in to external sorting.',
      )
    if (kept.length >= 2 * limit + 1000) {
      kept = (yield* sortYielding(kept, order)).slice(0, limit)
      size = 0
    }
  }
  const all = yield* sortYielding(kept, order)
  for (const each of withYieldPoints(all.slice(0, limit))) yield each === yieldPoint ? yieldPoint : each.item
}
