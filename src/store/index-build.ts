import type { BuildingIndex, Collection } from './catalog'
import type { Database } from './commands/command'
import { decode } from './decode'
import { isInterruption, isServerError, serverError, type ServerError } from './errors'
import { makeIdSet } from './id-set'
import type { Entries } from './records'
import { asBuffer } from './row'
import { entryKeys, indexKeysOf } from './secondary-index'
import type { Stepwise } from './stepwise'
import { documentKey, keyPrefix, keyspace, prefixRange, readRecordId } from './keyspace'
import { rangeInChunks } from './storage'
import type { Doc } from './value'
import { finish, makeYieldTimer, sortYielding, yieldToEventLoop } from './yielding'

/** One entry that is going to be put into an index. */
interface NewEntry extends Entries {
  /** Which of the indexes that are being built. */
  n: number
}

interface Build {
  collection: Collection
  indexes: BuildingIndex[]
  /** The first record that has not been read. */
  next: number
  isRead: boolean
  /** For each index and field, whether a document that was read has an array there, even if the index omits it. */
  multikey: boolean[][]
  /** Entries in the order of their keys, which LMDB puts into its tree much faster. */
  entries: NewEntry[]
  /** How many of them are in the index. */
  put: number
}

/** How much memory the entries may take that are sorted together (estimated). */
const maxEntryBytes = 32 * 1024 * 1024
const bytesOfEntry = 300

/** How long a build waits until it looks again whether another one of the collection is done. */
const waitMs = 10

/** What is built, and for which collection. */
interface NewIndexes<T> {
  store: Pick<Database, 'storage' | 'catalog' | 'records'>
  find(): Collection | undefined
  /** Returns the collection, which it creates if necessary, and the specifications of the indexes that it lacks. */
  begin(): { collection: Collection; specs: Doc[] }
  end(collection: Collection, built: number): T
}

/**
 * Builds indexes, all or none, while others read and write. A small collection takes one transaction. Otherwise writes
 * maintain the new indexes from the start, the documents are read in portions, and queries use the indexes at the end.
 * What a killed process leaves is removed when the store is opened.
 *
 * @throws 11000 for a duplicate key, 171 for parallel arrays, 276 when the collection or an index is dropped meanwhile
 */
export function buildIndexes<T>({ store, find, begin, end }: NewIndexes<T>): Stepwise<T> {
  const { storage, catalog, records } = store
  let build: Build | undefined
  let failure: ServerError | undefined

  function switchOn(collection: Collection, indexes: BuildingIndex[]): T {
    for (const index of indexes) catalog.finishIndex(collection, index)
    return end(collection, indexes.length)
  }

  /** Puts the entries of all documents, and returns the first one for which there was no time. */
  function buildAtOnce(collection: Collection, indexes: BuildingIndex[], isOver: () => boolean) {
    for (const { key, value } of documentsFrom(collection, 0)) {
      const recordId = readRecordId(key, 5)
      if (isOver()) return recordId
      const doc = decode(asBuffer(value))
      for (const index of indexes)
        records.putEntries(collection, index, records.entriesOf(index, recordId, doc))
    }
    return undefined
  }

  function documentsFrom({ id }: Collection, recordId: number) {
    const [, last] = prefixRange(keyPrefix(keyspace.document, id))
    return rangeInChunks(storage, documentKey(id, recordId), last)
  }

  function start(collection: Collection, indexes: BuildingIndex[], next: number): Build {
    return { collection, indexes, next, isRead: false, multikey: indexes.map(() => []), entries: [], put: 0 }
  }

  function remove(collection: Collection, indexes: BuildingIndex[]): void {
    for (const index of indexes)
      if (collection.building.some(({ id }) => id === index.id)) catalog.removeIndex(collection, index)
  }

  /**
   * Returns the collection and the indexes as they are in the catalog.
   *
   * @throws 276 when one of them is gone
   */
  function current({ collection: { id }, indexes }: Build): Pick<Build, 'collection' | 'indexes'> {
    const collection = find()
    if (collection?.id !== id) throw serverError(276, 'Index build failed: the collection was dropped')
    return {
      collection,
      indexes: indexes.map(({ id: own, name }) => {
        const there = collection.building.find(index => index.id === own)
        if (!there) throw serverError(276, `Index build failed: the index ${name} was dropped`)
        return there
      }),
    }
  }

  async function readEntries(own: Build, deadline: number): Promise<void> {
    const { indexes } = own
    const entries: NewEntry[] = []
    let bytes = 0
    for (const index of indexes) index.written = makeIdSet()
    const due = makeYieldTimer(1)
    own.isRead = true
    for (const { key, value } of documentsFrom(own.collection, own.next)) {
      if (bytes > maxEntryBytes) {
        own.isRead = false
        break
      }
      const recordId = readRecordId(key, 5)
      const doc = decode(asBuffer(value))
      for (const [n, index] of indexes.entries()) {
        const { keys, multikey } = indexKeysOf(index, doc)
        own.multikey[n] = multikey.map((is, i) => is || own.multikey[n]![i] === true)
        for (const each of keys) {
          const stored = entryKeys(index, [each], recordId)
          entries.push({ n, recordId, keys: [each], multikey, stored })
          bytes += bytesOfEntry + 2 * each.length
        }
      }
      own.next = recordId + 1
      if (due()) await yieldToEventLoop(deadline)
    }
    const byKey = (a: NewEntry, b: NewEntry) => Buffer.compare(a.stored[0]!, b.stored[0]!)
    own.entries = await finish(sortYielding(entries, byKey), deadline)
    own.put = 0
  }

  return {
    step: isOver => {
      if (!build) {
        if ((find()?.building.length ?? 0) > 0) return {}
        const { collection, specs } = begin()
        const indexes = specs.map(spec => catalog.addIndex(collection, spec))
        try {
          const next = buildAtOnce(collection, indexes, isOver)
          if (next === undefined) return { isDone: true, result: switchOn(collection, indexes) }
          return { committed: () => (build = start(collection, indexes, next)) }
        } catch (error) {
          remove(collection, indexes)
          throw error
        }
      }
      const own = build
      const { collection, indexes } = current(own)
      if (indexes.some((index, i) => index !== own.indexes[i]))
        // The catalog was read again, so what was written meanwhile is unknown.
        return { committed: () => (build = start(collection, indexes, 0)) }
      const failed = failure ?? indexes.find(index => index.failure)?.failure
      if (failed) throw failed
      for (const [n, index] of indexes.entries())
        records.putEntries(collection, index, {
          recordId: 0,
          keys: [],
          stored: [],
          multikey: own.multikey[n]!,
        })
      let i = own.put
      for (; i < own.entries.length && (i % 16 > 0 || i === own.put || !isOver()); i++) {
        const entry = own.entries[i]!
        const index = indexes[entry.n]!
        // A document that was written since it was read has its entries from that write.
        if (!index.written.has(entry.recordId)) records.putEntries(collection, index, entry)
      }
      if (own.isRead && i === own.entries.length)
        return { isDone: true, result: switchOn(collection, indexes) }
      return { committed: () => (own.put = i) }
    },
    prepare: async deadline => {
      if (!build) {
        await new Promise(resolve => setTimeout(resolve, waitMs))
        return yieldToEventLoop(deadline)
      }
      if (build.isRead || build.put < build.entries.length) return
      try {
        await readEntries(build, deadline)
      } catch (error) {
        if (!isServerError(error) || isInterruption(error)) throw error
        failure = error
      }
    },
    abandon: () => {
      const collection = find()
      if (build && collection?.id === build.collection.id) remove(collection, build.indexes)
    },
  }
}
