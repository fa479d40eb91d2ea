import type { Collection } from './catalog'
import { makePacer, paced, pause, sortPaced, type Paced } from './pause'
import { refusal } from './errors'
import { asBuffer, docOf, type Records, type Row } from './records'
import type { Access, IndexScan, Plan } from './plan'
import { compareBy, sortKeys, type SortField } from './sort'
import { inChunks, kinds, numbered, recordOf, under, type Storage } from './storage'
import type { Doc, Value } from './value'

export interface Source {
  storage: Storage
  records: Records
}

/** https://www.mongodb.com/docs/manual/reference/limits/#mongodb-limit-Sort-Operations */
const sortLimit = 100 * 1024 * 1024

/** The documents of a plan that pass its filter, in its order or that of storage. */
export function* scan(source: Source, collection: Collection | undefined, plan: Plan): Paced<Row> {
  if (!collection) return
  const due = makePacer()
  for (const row of rows(source, collection, plan.access)) {
    if (row !== pause && (plan.matchesAll || plan.test(docOf(row)))) yield row
    if (due()) yield pause
  }
}

function* rows(source: Source, collection: Collection, access: Access): Generator<Row | typeof pause> {
  if (access.stage === 'COLLSCAN') yield* allRows(source, collection)
  else if (access.stage === 'IXSCAN') yield* indexedRows(source, collection, access, new Set())
  else if (access.stage === 'OR') {
    const seen = new Set<number>()
    for (const each of access.scans) yield* indexedRows(source, collection, each, seen, true)
  }
}

export function* allRows({ storage }: Source, collection: Collection): Generator<Row> {
  const [first, end] = under(numbered(kinds.document, collection.id))
  for (const { key, value } of inChunks(storage, first, end))
    yield { record: recordOf(key, 5), bytes: asBuffer(value), decoded: undefined }
}

function* indexedRows(
  source: Source,
  collection: Collection,
  access: IndexScan,
  seen: Set<number>,
  dedupe = false,
): Generator<Row | typeof pause> {
  const { index, reverse } = access
  const distinct = dedupe || index.multikey.some(Boolean)
  const ranges = reverse ? [...access.ranges].reverse() : access.ranges
  for (const [start, end] of ranges)
    for (const { value } of inChunks(source.storage, start, end, reverse)) {
      const record = recordOf(value)
      if (distinct) {
        if (seen.has(record)) continue
        seen.add(record)
      }
      const row = source.records.fetch(collection, record)
      if (row) yield row
      else yield pause
    }
}

/** Sorts rows, keeping only the first `limit` where that is known. */
export function* sorted<T>(
  source: Paced<T>,
  fields: SortField[],
  docFor: (item: T) => Doc,
  limit = Infinity,
  sizeOf: (item: T) => number = () => 0,
): Paced<T> {
  interface Keyed {
    keys: Array<Value | undefined>
    item: T
  }
  const compare = compareBy(fields)
  const order = (a: Keyed, b: Keyed) => compare(a.keys, b.keys)
  let kept: Keyed[] = []
  let size = 0
  for (const item of source) {
    if (item === pause) {
      yield pause
      continue
    }
    const doc = docFor(item as T)
    kept.push({ keys: sortKeys(doc, fields), item: item as T })
    size += sizeOf(item as T)
    if (size > sortLimit && limit === Infinity)
      throw refusal(
        292,
        'Sort exceeded memory limit of 104857600 bytes, but did not opt in to external sorting.',
      )
    if (kept.length >= 2 * limit + 1000) {
      kept = (yield* sortPaced(kept, order)).slice(0, limit)
      size = 0
    }
  }
  const all = yield* sortPaced(kept, order)
  for (const each of paced(all.slice(0, limit))) yield each === pause ? pause : each.item
}
