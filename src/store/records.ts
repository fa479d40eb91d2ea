import type { Cache } from './cache'
import type { Catalog, Collection } from './catalog'
import { decode } from './decode'
import { encodeForStorage } from './encode'
import { serverError } from './errors'
import { asBuffer, decodeRow, Row } from './row'
import {
  entryKeys,
  findDuplicate,
  indexKeysOf,
  maxKeyBytes,
  type Index,
  type IndexKeys,
} from './secondary-index'
import {
  documentKey,
  encodeRecordId,
  keyPrefix,
  keyspace,
  prefixRange,
  rangeInChunks,
  readRecordId,
  type Storage,
} from './storage'
import type { Doc, Value } from './value'

/** The documents of all collections, with their index entries. */
export interface Records {
  fetch(collection: Collection, recordId: number): Row | undefined
  /**
   * These three run inside a write transaction. They check everything before they change anything.
   *
   * @throws 11000 for a duplicate key, 10334 for a document over 16 MB, 171 for parallel arrays in an index
   */
  insert(collection: Collection, doc: Doc): number
  replace(collection: Collection, row: Row, doc: Doc, bytes: Buffer): void
  remove(collection: Collection, row: Row): void
  buildIndex(collection: Collection, index: Index): void
}

/** Opens the documents. `cache` holds the ones that were read or written recently. */
export function openRecords(storage: Storage, catalog: Catalog, cache: Cache): Records {
  function fetch(collection: Collection, recordId: number): Row | undefined {
    const known = cache.get(collection.id, recordId)
    if (known) return known
    const bytes = storage.get(documentKey(collection.id, recordId))
    if (!bytes) return undefined
    const row = { recordId, bytes: asBuffer(bytes), decoded: undefined }
    cache.set(collection.id, row)
    return row
  }

  function readDoc(collection: Collection): (recordId: number) => Doc | undefined {
    return recordId => {
      const row = fetch(collection, recordId)
      return row && decodeRow(row)
    }
  }

  function nextRecordId(collection: Collection): number {
    if (collection.nextRecordId === undefined) {
      const range = storage.range(...prefixRange(keyPrefix(keyspace.document, collection.id)), {
        reverse: true,
        limit: 1,
      })
      const [last] = [...range]
      collection.nextRecordId = last ? readRecordId(last.key, 5) + 1 : 1
    }
    return collection.nextRecordId++
  }

  function checkUnique(collection: Collection, index: Index, keys: Buffer[], doc: Doc, own?: number): void {
    if (!index.unique) return
    for (const key of keys) {
      const holder = findDuplicate(storage, index, key, readDoc(collection))
      if (holder !== undefined && holder !== own) throw duplicateKeyError(collection, index, doc)
    }
  }

  function widenFlags(collection: Collection, index: Index, { keys, multikey }: IndexKeys): void {
    const truncated = keys.some(key => key.length > maxKeyBytes)
    if ((!truncated || index.truncated) && multikey.every((is, i) => !is || index.multikey[i])) return
    index.multikey = index.multikey.map((was, i) => was || multikey[i]!)
    index.truncated ||= truncated
    catalog.save(collection)
  }

  return {
    fetch,
    insert: (collection, doc) => {
      const bytes = encodeForStorage(doc)
      const all = collection.indexes.map(index => indexKeysOf(index, doc))
      collection.indexes.forEach((index, i) => checkUnique(collection, index, all[i]!.keys, doc))
      const recordId = nextRecordId(collection)
      const value = encodeRecordId(recordId)
      storage.put(documentKey(collection.id, recordId), bytes)
      collection.indexes.forEach((index, i) => {
        widenFlags(collection, index, all[i]!)
        for (const entry of entryKeys(index, all[i]!.keys, recordId)) storage.put(entry, value)
      })
      cache.set(collection.id, { recordId, bytes, decoded: doc })
      return recordId
    },
    replace: (collection, row, doc, bytes) => {
      const changes = collection.indexes.map(index => {
        const next = indexKeysOf(index, doc)
        const before = indexKeysOf(index, decodeRow(row)).keys
        return { index, next, before, added: without(next.keys, before) }
      })
      for (const { index, added } of changes) checkUnique(collection, index, added, doc, row.recordId)
      storage.put(documentKey(collection.id, row.recordId), bytes)
      const value = encodeRecordId(row.recordId)
      for (const { index, next, before } of changes) {
        widenFlags(collection, index, next)
        const [old, current] = [before, next.keys].map(keys => entryKeys(index, keys, row.recordId)) as [
          Buffer[],
          Buffer[],
        ]
        for (const entry of without(old, current)) storage.remove(entry)
        for (const entry of without(current, old)) storage.put(entry, value)
      }
      cache.set(collection.id, { recordId: row.recordId, bytes, decoded: doc })
    },
    remove: (collection, row) => {
      storage.remove(documentKey(collection.id, row.recordId))
      for (const index of collection.indexes)
        for (const entry of entryKeys(index, indexKeysOf(index, decodeRow(row)).keys, row.recordId))
          storage.remove(entry)
      cache.delete(collection.id, row.recordId)
    },
    buildIndex: (collection, index) => {
      for (const { key, value } of rangeInChunks(
        storage,
        ...prefixRange(keyPrefix(keyspace.document, collection.id)),
      )) {
        const recordId = readRecordId(key, 5)
        const doc = decode(asBuffer(value))
        const found = indexKeysOf(index, doc)
        checkUnique(collection, index, found.keys, doc, recordId)
        widenFlags(collection, index, found)
        for (const entry of entryKeys(index, found.keys, recordId))
          storage.put(entry, encodeRecordId(recordId))
      }
    },
  }
}

/** Returns the keys that are not among `others`. */
function without(keys: Buffer[], others: Buffer[]): Buffer[] {
  const known = new Set(others.map(key => key.toString('latin1')))
  return keys.filter(key => !known.has(key.toString('latin1')))
}

/**
 * Creates the duplicate key error in MongoDB's words, with the `keyPattern` and `keyValue` that drivers and mongoose
 * read.
 */
function duplicateKeyError(collection: Collection, index: Index, doc: Doc): Error {
  const keyPattern: Doc = new Map(index.fields.map(({ path, direction }) => [path, direction as Value]))
  const keyValue: Doc = new Map(index.fields.map(({ path }) => [path, valueAt(doc, path)]))
  const words = [...keyValue].map(([path, value]) => `${path}: ${formatKeyValue(value)}`).join(', ')
  return serverError(
    11000,
    `E11000 duplicate key error collection: ${collection.database}.${collection.name} index: ${index.name} ` +
      `dup key: { ${words} }`,
    { keyPattern, keyValue },
  )
}

function valueAt(doc: Doc, path: string): Value {
  let here: Value | undefined = doc
  for (const part of path.split('.')) here = here instanceof Map ? here.get(part) : undefined
  return here ?? null
}

function formatKeyValue(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value === null || typeof value !== 'object') return String(value)
  if (value instanceof Map)
    return `{ ${[...value].map(([name, item]) => `${name}: ${formatKeyValue(item)}`).join(', ')} }`
  if (Array.isArray(value)) return `[ ${value.map(formatKeyValue).join(', ')} ]`
  if (value instanceof Date) return `new Date(${value.getTime()})`
  return value._bsontype === 'ObjectId' ? `ObjectId('${value.toHexString()}')` : String(value)
}
