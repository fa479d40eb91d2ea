import { randomBytes } from 'node:crypto'
import { Binary } from 'bson'
import { decode } from './decode'
import { encode } from './encode'
import { serverError, type ServerError } from './errors'
import { makeIdSet, type IdSet } from './id-set'
import { makeIndex, type Index } from './secondary-index'
import type { Stepwise } from './stepwise'
import { keyPrefix, keyspace, prefixRange, settingKey } from './keyspace'
import { emptyValue, rangeInChunks, type Storage } from './storage'
import type { Doc, Value } from './value'

/** A collection and its indexes. `id` is the prefix of the keys of its documents and never changes. */
export interface Collection {
  id: number
  database: string
  name: string
  uuid: Binary
  indexes: Index[]
  /** Indexes that are being built. Writes maintain them, but no query uses them yet. */
  building: BuildingIndex[]
  /** How often documents were inserted or changed since the collection was read from the catalog. */
  changes: number
  /** The next record id. Undefined until the first insert has looked up the last one. */
  nextRecordId?: number
}

/** An index that is being built. */
export interface BuildingIndex extends Index {
  /** The documents that were written since the builder began to read what it puts into the index next. */
  written: IdSet
  /** Why a document that was written meanwhile cannot be in the index. */
  failure?: ServerError
}

/**
 * All collections and indexes. The catalog is small, so it is held in memory. Methods that change it must run
 * inside a write transaction.
 */
export interface Catalog {
  find(database: string, name: string): Collection | undefined
  all(): Iterable<Collection>
  create(database: string, name: string): Collection
  /** Adds an index that is not used until `finishIndex` is called. */
  addIndex(collection: Collection, spec: Doc): BuildingIndex
  finishIndex(collection: Collection, index: BuildingIndex): void
  removeIndex(collection: Collection, index: Index): void
  /** Removes the indexes that were being built when the process ended. */
  removeUnfinished(): void
  save(collection: Collection): void
  drop(collection: Collection): void
  reload(): void
}

const idIndexSpec = (): Doc =>
  new Map<string, Value>([
    ['v', 2],
    ['key', new Map([['_id', 1]])],
    ['name', '_id_'],
  ])

/** Reads the catalog from the storage. */
export function openCatalog(storage: Storage): Catalog {
  const collections = new Map<string, Collection>()
  let nextId = 1

  function reload(): void {
    collections.clear()
    for (const { key, value } of storage.range(...prefixRange(Buffer.from([keyspace.catalog])))) {
      const collection = readCatalogEntry(key.subarray(1).toString(), decode(value))
      collections.set(`${collection.database}.${collection.name}`, collection)
    }
    nextId = Number(storage.get(settingKey('nextId'))?.toString() ?? 1)
    if (!Number.isSafeInteger(nextId)) throw new Error('The id of the next collection is damaged')
  }

  function newId(): number {
    storage.put(settingKey('nextId'), Buffer.from(String(nextId + 1)))
    return nextId++
  }

  function save(collection: Collection): void {
    storage.put(catalogKey(collection), encode(toEntry(collection)))
  }

  function markForCleanup(prefix: Buffer): void {
    storage.put(Buffer.concat([Buffer.from([keyspace.dropped]), prefix]), emptyValue)
  }

  function removeIndex(collection: Collection, index: Index): void {
    collection.indexes = collection.indexes.filter(({ id }) => id !== index.id)
    collection.building = collection.building.filter(({ id }) => id !== index.id)
    markForCleanup(keyPrefix(keyspace.index, index.id))
    save(collection)
  }

  reload()
  return {
    find: (database, name) => collections.get(`${database}.${name}`),
    all: () => collections.values(),
    create: (database, name) => {
      checkNamespace(database, name)
      const collection: Collection = {
        id: newId(),
        database,
        name,
        uuid: new Binary(uuid(), 4),
        indexes: [makeIndex(newId(), idIndexSpec())],
        building: [],
        changes: 0,
      }
      collections.set(`${database}.${name}`, collection)
      save(collection)
      return collection
    },
    addIndex: (collection, spec) => {
      const index = { ...makeIndex(newId(), spec), written: makeIdSet() }
      collection.building.push(index)
      save(collection)
      return index
    },
    finishIndex: (collection, index) => {
      collection.building = collection.building.filter(({ id }) => id !== index.id)
      // It holds memory, and is no longer needed.
      index.written = makeIdSet()
      collection.indexes.push(index)
      save(collection)
    },
    removeIndex,
    removeUnfinished: () => {
      for (const collection of collections.values())
        for (const index of collection.building) removeIndex(collection, index)
    },
    save,
    drop: collection => {
      collections.delete(`${collection.database}.${collection.name}`)
      storage.remove(catalogKey(collection))
      markForCleanup(keyPrefix(keyspace.document, collection.id))
      for (const index of [...collection.indexes, ...collection.building])
        markForCleanup(keyPrefix(keyspace.index, index.id))
    },
    reload,
  }
}

/** Deletes the keys of dropped collections and indexes, in steps. A drop itself only notes what to delete. */
export function cleanUpDropped(storage: Storage): Stepwise<void> {
  return {
    step: isOver => {
      for (const { key } of rangeInChunks(storage, ...prefixRange(Buffer.from([keyspace.dropped])))) {
        for (const entry of rangeInChunks(storage, ...prefixRange(key.subarray(1)))) {
          storage.remove(entry.key)
          if (isOver()) return {}
        }
        storage.remove(key)
      }
      return { isDone: true, result: undefined }
    },
  }
}

function catalogKey(collection: Collection): Buffer {
  return Buffer.concat([
    Buffer.from([keyspace.catalog]),
    Buffer.from(`${collection.database}.${collection.name}`),
  ])
}

/** Returns a random (version 4) UUID. MongoDB gives one to each collection. */
function uuid(): Buffer {
  const bytes = randomBytes(16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes
}

/**
 * MongoDB manual, "MongoDB Limits and Thresholds", naming restrictions:
 * https://www.mongodb.com/docs/manual/reference/limits/#naming-restrictions
 *
 * @throws 73 when the name is not allowed
 */
function checkNamespace(database: string, name: string): void {
  if (name === '' || name.includes('\0') || name.includes('$') || name.startsWith('.') || name.endsWith('.'))
    throw serverError(73, `Invalid collection name: ${name}`)
  if (name.startsWith('system.')) throw serverError(73, `Invalid system namespace: ${database}.${name}`)
  if (Buffer.byteLength(`${database}.${name}`) > 255)
    throw serverError(73, `Fully qualified namespace is too long. Namespace: ${database}.${name} Max: 255`)
}

function toEntry(collection: Collection): Doc {
  return new Map<string, Value>([
    ['id', collection.id],
    ['uuid', collection.uuid],
    ['indexes', collection.indexes.map(indexEntry)],
    ...(collection.building.length > 0
      ? [['building', collection.building.map(indexEntry)] as [string, Value]]
      : []),
  ])
}

function indexEntry({ id, spec, multikey, truncated }: Index): Doc {
  return new Map<string, Value>([
    ['id', id],
    ['spec', spec],
    ['multikey', multikey],
    ['cut', truncated],
  ])
}

/** Reads a collection from its entry in the catalog. `namespace` is `database.name`. */
export function readCatalogEntry(namespace: string, doc: Doc): Collection {
  const dot = namespace.indexOf('.')
  return {
    id: doc.get('id') as number,
    database: namespace.slice(0, dot),
    name: namespace.slice(dot + 1),
    uuid: doc.get('uuid') as Binary,
    indexes: (doc.get('indexes') as Doc[]).map(readIndex),
    building: ((doc.get('building') ?? []) as Doc[]).map(entry => ({
      ...readIndex(entry),
      written: makeIdSet(),
    })),
    changes: 0,
  }
}

function readIndex(entry: Doc): Index {
  return {
    ...makeIndex(entry.get('id') as number, entry.get('spec') as Doc),
    multikey: entry.get('multikey') as boolean[],
    truncated: entry.get('cut') === true,
  }
}
