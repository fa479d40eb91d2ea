import { join } from 'node:path'
import { serialize } from 'bson'
import { openCatalog, type Catalog, type Collection } from '../../src/store/catalog'
import { decode } from '../../src/store/decode'
import {
  documentKey,
  encodeRecordId,
  keyPrefix,
  keyspace,
  prefixRange,
  readRecordId,
} from '../../src/store/keyspace'
import { entryKeys, indexKeysOf } from '../../src/store/secondary-index'
import { openStorage, type Storage } from '../../src/store/storage'
import type { Doc } from '../../src/store/value'

/** How many documents or entries of an index a transaction has. */
const portion = 20_000

type Filling = readonly [record: { collection: { name: string } }, documents: Iterable<object>]

/** Yields the documents of some ids, made when they are needed. */
export function* documentsOf<Id>(
  ids: readonly Id[],
  documentOf: (n: number, id: Id) => object,
): Generator<object> {
  for (const [n, id] of ids.entries()) yield documentOf(n, id)
}

/**
 * Adds documents to the store in a data folder, as the application would store them. They go into its file without its
 * server, and each index is sorted as a whole before it is written: by the application's way, 200,000 leads take half
 * an hour.
 */
export async function fillStore(dataDir: string, fillings: readonly Filling[]): Promise<void> {
  const storage = openStorage(join(dataDir, 'store', 'data.mdb'), false)
  const catalog = openCatalog(storage)
  for (const [{ collection: record }, documents] of fillings) {
    const collection = catalog.find('lyceum', record.name)!
    const indexes = collection.indexes.slice(1)
    await storage.write(() => indexes.forEach(index => catalog.removeIndex(collection, index)))
    await addDocuments(storage, collection, documents)
    for (const { spec } of indexes) await buildIndex(storage, catalog, collection, spec)
  }
  await storage.close()
}

async function addDocuments(
  storage: Storage,
  collection: Collection,
  documents: Iterable<object>,
): Promise<void> {
  const [byId] = collection.indexes
  const range = prefixRange(keyPrefix(keyspace.document, collection.id))
  const [last] = [...storage.range(...range, { reverse: true, limit: 1 })]
  let next = last ? readRecordId(last.key, 5) + 1 : 1
  const put = (document: object) => {
    const bytes = Buffer.from(serialize(document))
    storage.put(documentKey(collection.id, next), bytes)
    const { keys } = indexKeysOf(byId!, decode(bytes))
    for (const key of entryKeys(byId!, keys, next)) storage.put(key, encodeRecordId(next))
    next++
  }
  const all = documents[Symbol.iterator]()
  for (let isDone = false; !isDone;) {
    await storage.write(() => {
      for (let n = 0; n < portion && !isDone; n++) {
        const { value, done } = all.next() as IteratorResult<object, undefined>
        if (done) isDone = true
        else put(value)
      }
    })
  }
}

async function buildIndex(
  storage: Storage,
  catalog: Catalog,
  collection: Collection,
  spec: Doc,
): Promise<void> {
  const index = await storage.write(() => catalog.addIndex(collection, spec))
  const entries: { key: Buffer; value: Buffer }[] = []
  for (const document of storage.range(...prefixRange(keyPrefix(keyspace.document, collection.id)))) {
    const recordId = readRecordId(document.key, 5)
    const { keys, multikey } = indexKeysOf(index, decode(Buffer.from(document.value)))
    index.multikey = index.multikey.map((was, field) => was || multikey[field]!)
    const value = encodeRecordId(recordId)
    for (const key of entryKeys(index, keys, recordId)) entries.push({ key, value })
  }
  entries.sort((a, b) => Buffer.compare(a.key, b.key))
  for (let at = 0; at < entries.length; at += portion) {
    await storage.write(() => {
      for (const { key, value } of entries.slice(at, at + portion)) storage.put(key, value)
    })
  }
  await storage.write(() => catalog.finishIndex(collection, index))
}
