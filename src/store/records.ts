import { decode } from './decode'
import { encodeStored } from './encode'
import type { Catalog, Collection } from './catalog'
import { refusal } from './errors'
import { entryKey, holderOf, keysOf, maxKey, type Index, type Keys } from './index'
import type { Cache } from './cache'
import { documentKey, inChunks, kinds, numbered, recordBytes, recordOf, under, type Storage } from './storage'
import type { Doc, Value } from './value'

/** A stored document: as bytes for those who pass it on, decoded for those who look into it. */
export interface Row {
  record: number
  bytes: Buffer
  decoded?: Doc
}

export interface Records {
  fetch(collection: Collection, record: number): Row | undefined
  /** These three run inside a write transaction; each checks everything before it changes anything. */
  insert(collection: Collection, doc: Doc): number
  replace(collection: Collection, row: Row, doc: Doc, bytes: Buffer): void
  remove(collection: Collection, row: Row): void
  build(collection: Collection, index: Index): void
}

export function docOf(row: Row): Doc {
  return (row.decoded ??= decode(row.bytes))
}

/** As `docOf`, without keeping it: a sort holds the bytes of all its rows, but not all of them decoded. */
export function peek(row: Row): Doc {
  return row.decoded ?? decode(row.bytes)
}

export function openRecords(storage: Storage, catalog: Catalog, cache: Cache): Records {
  function fetch(collection: Collection, record: number): Row | undefined {
    const known = cache.get(collection.id, record)
    if (known) return known
    const bytes = storage.get(documentKey(collection.id, record))
    if (!bytes) return undefined
    const row = { record, bytes: asBuffer(bytes), decoded: undefined }
    cache.set(collection.id, row)
    return row
  }

  function readDoc(collection: Collection): (record: number) => Doc | undefined {
    return record => {
      const row = fetch(collection, record)
      return row && docOf(row)
    }
  }

  function nextRecord(collection: Collection): number {
    if (collection.nextRecord === undefined) {
      const range = storage.range(...under(numbered(kinds.document, collection.id)), {
        reverse: true,
        limit: 1,
      })
      const [last] = [...range]
      collection.nextRecord = last ? recordOf(last.key, 5) + 1 : 1
    }
    return collection.nextRecord++
  }

  function checkUnique(collection: Collection, index: Index, keys: Buffer[], doc: Doc, own?: number): void {
    if (!index.unique) return
    for (const key of keys) {
      const holder = holderOf(storage, index, key, readDoc(collection))
      if (holder !== undefined && holder !== own) throw duplicate(collection, index, doc)
    }
  }

  function note(collection: Collection, index: Index, { keys, multikey }: Keys): void {
    const cut = keys.some(key => key.length > maxKey)
    if ((!cut || index.cut) && multikey.every((is, i) => !is || index.multikey[i])) return
    index.multikey = index.multikey.map((was, i) => was || multikey[i]!)
    index.cut ||= cut
    catalog.save(collection)
  }

  return {
    fetch,
    insert: (collection, doc) => {
      const bytes = encodeStored(doc)
      const all = collection.indexes.map(index => keysOf(index, doc))
      collection.indexes.forEach((index, i) => checkUnique(collection, index, all[i]!.keys, doc))
      const record = nextRecord(collection)
      const value = recordBytes(record)
      storage.put(documentKey(collection.id, record), bytes)
      collection.indexes.forEach((index, i) => {
        note(collection, index, all[i]!)
        for (const key of all[i]!.keys) storage.put(entryKey(index, key, record), value)
      })
      cache.set(collection.id, { record, bytes, decoded: doc })
      return record
    },
    replace: (collection, row, doc, bytes) => {
      const changes = collection.indexes.map(index => {
        const next = keysOf(index, doc)
        const before = keysOf(index, docOf(row)).keys
        const added = next.keys.filter(key => !before.some(other => other.equals(key)))
        const gone = before.filter(key => !next.keys.some(other => other.equals(key)))
        return { index, next, added, gone }
      })
      for (const { index, added } of changes) checkUnique(collection, index, added, doc, row.record)
      storage.put(documentKey(collection.id, row.record), bytes)
      const value = recordBytes(row.record)
      for (const { index, next, added, gone } of changes) {
        note(collection, index, next)
        for (const key of gone) storage.remove(entryKey(index, key, row.record))
        for (const key of added) storage.put(entryKey(index, key, row.record), value)
      }
      cache.set(collection.id, { record: row.record, bytes, decoded: doc })
    },
    remove: (collection, row) => {
      storage.remove(documentKey(collection.id, row.record))
      for (const index of collection.indexes)
        for (const key of keysOf(index, docOf(row)).keys) storage.remove(entryKey(index, key, row.record))
      cache.delete(collection.id, row.record)
    },
    build: (collection, index) => {
      for (const { key, value } of inChunks(storage, ...under(numbered(kinds.document, collection.id)))) {
        const record = recordOf(key, 5)
        const doc = decode(asBuffer(value))
        const found = keysOf(index, doc)
        checkUnique(collection, index, found.keys, doc, record)
        note(collection, index, found)
        for (const each of found.keys) storage.put(entryKey(index, each, record), recordBytes(record))
      }
    },
  }
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** As MongoDB words it, with `keyPattern` and `keyValue`, which drivers and mongoose read. */
function duplicate(collection: Collection, index: Index, doc: Doc): Error {
  const keyPattern: Doc = new Map(index.fields.map(({ path, direction }) => [path, direction as Value]))
  const keyValue: Doc = new Map(index.fields.map(({ path }) => [path, shown(doc, path)]))
  const words = [...keyValue].map(([path, value]) => `${path}: ${inWords(value)}`).join(', ')
  return refusal(
    11000,
    `E11000 duplicate key error collection: ${collection.database}.${collection.name} index: ${index.name} dup key: { ${words} }`,
    { keyPattern, keyValue },
  )
}

function shown(doc: Doc, path: string): Value {
  let here: Value | undefined = doc
  for (const part of path.split('.')) here = here instanceof Map ? here.get(part) : undefined
  return here ?? null
}

function inWords(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value === null || typeof value !== 'object') return String(value)
  if (value instanceof Map)
    return `{ ${[...value].map(([name, item]) => `${name}: ${inWords(item)}`).join(', ')} }`
  if (Array.isArray(value)) return `[ ${value.map(inWords).join(', ')} ]`
  if (value instanceof Date) return `new Date(${value.getTime()})`
  return value._bsontype === 'ObjectId' ? `ObjectId('${value.toHexString()}')` : String(value)
}
