import type { Cache } from './cache'
import type { Catalog, Collection } from './catalog'
import { encodeForStorage } from './encode'
import { isServerError, serverError } from './errors'
import type { IdPages } from './id-pages'
import { asBuffer, decodeRow, type Row } from './row'
import {
  entryKeys,
  findDuplicate,
  indexKeysOf,
  maxKeyBytes,
  type Index,
  type IndexKeys,
} from './secondary-index'
import { makeStamps, stampDocument } from './stamps'
import { documentKey, encodeRecordId, keyPrefix, keyspace, prefixRange, readRecordId } from './keyspace'
import type { Storage } from './storage'
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
  remove(collection: Collection, row: Row): true
  /**
   * Returns the entries of a document in an index.
   *
   * @throws 171 for parallel arrays
   */
  entriesOf(index: Index, recordId: number, doc: Doc): Entries
  /**
   * Puts entries into an index inside a write transaction.
   *
   * @throws 11000 when another document has one of the keys of a unique index
   */
  putEntries(collection: Collection, index: Index, entries: Entries): void
}

/** The entries of a document in an index. */
export interface Entries extends IndexKeys {
  recordId: number
  /** Their keys as they are stored. */
  stored: Buffer[]
}

/**
 * Opens the documents.
 *
 * @param cache holds the ones that were read or written recently
 * @param pages forget the entries that are written
 * @param stamps count what is written
 */
export function openRecords(
  storage: Storage,
  catalog: Catalog,
  cache: Cache,
  pages: IdPages,
  stamps = makeStamps(),
): Records {
  function fetch(collection: Collection, recordId: number): Row | undefined {
    const known = cache.get(collection.id, recordId)
    if (known) return known
    const bytes = storage.get(documentKey(collection.id, recordId))
    if (!bytes) return undefined
    const row = { recordId, bytes: asBuffer(bytes), decoded: undefined }
    cache.set(collection.id, row)
    return row
  }

  function putEntry(key: Buffer, value: Buffer): void {
    storage.put(key, value)
    pages.forget(key)
  }

  function removeEntry(key: Buffer): void {
    storage.remove(key)
    pages.forget(key)
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

  function checkUnique(
    collection: Collection,
    index: Index,
    keys: Buffer[],
    own: number | undefined,
    doc: () => Doc,
  ): void {
    if (!index.unique) return
    for (const key of keys) {
      const holder = findDuplicate(storage, index, key, own, readDoc(collection))
      if (holder !== undefined) throw duplicateKeyError(collection, index, doc())
    }
  }

  function widenFlags(collection: Collection, index: Index, { keys, multikey }: IndexKeys): void {
    const truncated = keys.some(key => key.length > maxKeyBytes)
    if ((!truncated || index.truncated) && multikey.every((is, i) => !is || index.multikey[i])) return
    index.multikey = index.multikey.map((was, i) => was || multikey[i]!)
    index.truncated ||= truncated
    catalog.save(collection)
  }

  function entriesOf(index: Index, recordId: number, doc: Doc): Entries {
    const found = indexKeysOf(index, doc)
    return { ...found, recordId, stored: entryKeys(index, found.keys, recordId) }
  }

  function putEntries(collection: Collection, index: Index, entries: Entries): void {
    if (index.unique)
      checkUnique(collection, index, entries.keys, entries.recordId, () =>
        decodeRow(fetch(collection, entries.recordId)!),
      )
    widenFlags(collection, index, entries)
    const value = encodeRecordId(entries.recordId)
    for (const key of entries.stored) putEntry(key, value)
  }

  /** Keeps the indexes that are being built in step with a document. One that cannot hold it will fail. */
  function maintain(
    collection: Collection,
    recordId: number,
    before: Doc | undefined,
    after: Doc | undefined,
  ) {
    for (const index of collection.building) {
      index.written.add(recordId)
      if (before)
        try {
          for (const key of entriesOf(index, recordId, before).stored) removeOwn(index, key, recordId)
        } catch (error) {
          if (!isServerError(error)) throw error
        }
      if (after)
        try {
          putEntries(collection, index, entriesOf(index, recordId, after))
        } catch (error) {
          if (!isServerError(error)) throw error
          index.failure = error
        }
    }
  }

  /** Removes an entry unless it belongs to another document, which it may in a unique index that will fail. */
  function removeOwn(index: Index, key: Buffer, recordId: number): void {
    const value = index.unique ? storage.get(key) : undefined
    if (!value || readRecordId(value) === recordId) removeEntry(key)
  }

  return {
    fetch,
    entriesOf,
    putEntries,
    insert: (collection, doc) => {
      const bytes = encodeForStorage(doc)
      const all = collection.indexes.map(index => indexKeysOf(index, doc))
      collection.indexes.forEach((index, i) =>
        checkUnique(collection, index, all[i]!.keys, undefined, () => doc),
      )
      const recordId = nextRecordId(collection)
      const value = encodeRecordId(recordId)
      storage.put(documentKey(collection.id, recordId), bytes)
      cache.set(collection.id, { recordId, bytes, decoded: doc })
      collection.indexes.forEach((index, i) => {
        widenFlags(collection, index, all[i]!)
        for (const entry of entryKeys(index, all[i]!.keys, recordId)) putEntry(entry, value)
      })
      maintain(collection, recordId, undefined, doc)
      stampDocument(stamps, collection, doc)
      collection.changes++
      return recordId
    },
    replace: (collection, row, doc, bytes) => {
      const old = decodeRow(row)
      const changes = collection.indexes
        .filter(index => mayDiffer(index, old, doc))
        .map(index => {
          const next = indexKeysOf(index, doc)
          return { index, next, ...differing(indexKeysOf(index, old).keys, next.keys) }
        })
      for (const { index, added } of changes) checkUnique(collection, index, added, row.recordId, () => doc)
      storage.put(documentKey(collection.id, row.recordId), bytes)
      cache.set(collection.id, { recordId: row.recordId, bytes, decoded: doc })
      const value = encodeRecordId(row.recordId)
      for (const { index, next, removed, added, same } of changes) {
        widenFlags(collection, index, next)
        // Keys that differ only beyond what is stored have the same entry.
        const truncated = index.truncated ? entryKeys(index, same.filter(isTruncated), row.recordId) : []
        const put = entryKeys(index, added, row.recordId)
        const last = differing(entryKeys(index, removed, row.recordId), [...truncated, ...put]).removed
        for (const entry of last) removeEntry(entry)
        for (const entry of put) putEntry(entry, value)
      }
      maintain(collection, row.recordId, old, doc)
      stampDocument(stamps, collection, old)
      stampDocument(stamps, collection, doc)
      collection.changes++
    },
    remove: (collection, row) => {
      storage.remove(documentKey(collection.id, row.recordId))
      for (const index of collection.indexes)
        for (const entry of entryKeys(index, indexKeysOf(index, decodeRow(row)).keys, row.recordId))
          removeEntry(entry)
      maintain(collection, row.recordId, decodeRow(row), undefined)
      stampDocument(stamps, collection, decodeRow(row))
      cache.delete(collection.id, row.recordId)
      return true
    },
  }
}

/** Returns false when the fields of an index are the same in both documents, and not only equal. */
function mayDiffer(index: Index, before: Doc, after: Doc): boolean {
  return (
    index.fields.some(({ parts: [name] }) => before.get(name!) !== after.get(name!)) ||
    (index.partial !== undefined && index.partial.test(before) !== index.partial.test(after))
  )
}

const isTruncated = (key: Buffer) => key.length > maxKeyBytes

/**
 * Compares two lists of keys, neither of which has a key twice. Changing an element of an array leaves the keys before
 * and after its own the same, so only those between are compared as sets.
 */
function differing(
  before: Buffer[],
  after: Buffer[],
): { removed: Buffer[]; added: Buffer[]; same: Buffer[] } {
  let [start, end] = [0, 0]
  const shorter = Math.min(before.length, after.length)
  while (start < shorter && before[start]!.equals(after[start]!)) start++
  while (end < shorter - start && before.at(-1 - end)!.equals(after.at(-1 - end)!)) end++
  const same = [...after.slice(0, start), ...after.slice(after.length - end)]
  const [old, current] = [before, after].map(
    keys => new Map(keys.slice(start, keys.length - end).map(key => [key.toString('latin1'), key])),
  ) as [Map<string, Buffer>, Map<string, Buffer>]
  const removed = [...old].filter(([text]) => !current.has(text)).map(([, key]) => key)
  const added = [...current].filter(([text]) => !old.has(text)).map(([, key]) => key)
  for (const [text, key] of current) if (old.has(text)) same.push(key)
  return { removed, added, same }
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
