import { randomBytes } from 'node:crypto'
import { Binary } from 'bson'
import { decode } from './decode'
import { encode } from './encode'
import { serverError } from './errors'
import { makeIndex, type Index } from './secondary-index'
import { emptyValue, keyPrefix, keyspace, prefixRange, settingKey, type Storage } from './storage'
import type { Doc, Value } from './value'

/** A collection and its indexes. `id` is the prefix of the keys of its documents and never changes. */
export interface Collection {
  id: number
  database: string
  name: string
  uuid: Binary
  indexes: Index[]
  /** The next record id. Undefined until the first insert has looked up the last one. */
  nextRecordId?: number
}

/**
 * All collections and indexes. The catalog is small, so it is held in memory. Methods that change it must run
 * inside a write transaction.
 */
export interface Catalog {
  find(database: string, name: string): Collection | undefined
  all(): Iterable<Collection>
  create(database: string, name: string): Collection
  addIndex(collection: Collection, spec: Doc): Index
  removeIndex(collection: Collection, index: Index): void
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
      }
      collections.set(`${database}.${name}`, collection)
      save(collection)
      return collection
    },
    addIndex: (collection, spec) => {
      const index = makeIndex(newId(), spec)
      collection.indexes.push(index)
      save(collection)
      return index
    },
    removeIndex: (collection, index) => {
      collection.indexes = collection.indexes.filter(other => other !== index)
      markForCleanup(keyPrefix(keyspace.index, index.id))
      save(collection)
    },
    save,
    drop: collection => {
      collections.delete(`${collection.database}.${collection.name}`)
      storage.remove(catalogKey(collection))
      markForCleanup(keyPrefix(keyspace.document, collection.id))
      for (const index of collection.indexes) markForCleanup(keyPrefix(keyspace.index, index.id))
    },
    reload,
  }
}

/**
 * Deletes the keys of dropped collections and indexes, at most `limit` per call, so that a drop returns immediately and
 * the work is spread over several transactions.
 *
 * @returns true when keys remain
 */
export function cleanUpDropped(storage: Storage, limit: number): boolean {
  let left = limit
  for (const { key } of [...storage.range(...prefixRange(Buffer.from([keyspace.dropped])), { limit: 20 })]) {
    const keys = [...storage.range(...prefixRange(key.subarray(1)), { limit: left })]
    for (const entry of keys) storage.remove(entry.key)
    left -= keys.length
    if (left <= 0) return true
    storage.remove(key)
  }
  return left < limit
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
    [
      'indexes',
      collection.indexes.map(
        index =>
          new Map<string, Value>([
            ['id', index.id],
            ['spec', index.spec],
            ['multikey', index.multikey],
            ['cut', index.truncated],
          ]),
      ),
    ],
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
    indexes: (doc.get('indexes') as Doc[]).map(entry => ({
      ...makeIndex(entry.get('id') as number, entry.get('spec') as Doc),
      multikey: entry.get('multikey') as boolean[],
      truncated: entry.get('cut') === true,
    })),
  }
}
