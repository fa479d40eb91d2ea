import { readCatalogEntry, type Collection } from './catalog'
import { describeDamage, openDataFile, type Damage, type DataFile, type Leaf } from './data-file'
import { decode } from './decode'
import { entryKeys, indexKeysOf, maxKeyBytes, type Index } from './secondary-index'
import { encodeRecordId, keyspace, readRecordId } from './keyspace'
import type { Doc } from './value'

/** The result of verifying a store. */
export interface VerifyReport {
  collections: number
  documents: number
  entries: number
  /** One sentence for each problem, at most 1,000; empty when there are none. */
  problems: string[]
}

const maxProblems = 1000

/**
 * Entries are compared in bulk: each bucket of an index adds up the entries that the documents should have and
 * subtracts those that exist. Only the entries of buckets that aren't zero are then compared one by one.
 */
const buckets = 1024

interface Known {
  byCollection: Map<number, Collection>
  byIndex: Map<number, { collection: Collection; index: Index }>
  sums: Map<number, Int32Array>
  /** Indexes whose build was interrupted or goes on: their entries are incomplete, and the next start removes them. */
  building: Set<number>
}

/** An entry that a document should have, or that exists. */
interface Place {
  index: Index
  name: string
  recordId: number
  bucket: number
  /** Where the document or the entry is. */
  where: string
  key: Buffer
}

/**
 * Reads every page, entry and document of a data file without LMDB, derives the index entries of each document again,
 * and checks that each index has these and no others. The file must not be written meanwhile.
 *
 * @param onProgress receives how much was read, from 0 to 1
 * @throws DamagedFile when the header is damaged, so that nothing can be read
 */
export function verify(
  { path }: { path: string },
  onProgress: (done: number) => void = () => {},
): VerifyReport {
  const report: VerifyReport = { collections: 0, documents: 0, entries: 0, problems: [] }
  const tell = (problem: string) => report.problems.length < maxProblems && report.problems.push(problem)
  const known: Known = { byCollection: new Map(), byIndex: new Map(), sums: new Map(), building: new Set() }
  const damages: Damage[] = []
  const unknown = new Map<number, string>()
  const file = openDataFile(path)
  try {
    readAll(file, known, damages, unknown, report, tell, onProgress)
    file.checkFreePages(damage => damages.push(damage))
  } finally {
    file.close()
  }
  report.collections = known.byCollection.size
  for (const damage of damages) tell(`${capitalize(describeDamage(damage))}${describeRange(damage, known)}`)
  for (const [id, where] of unknown) tell(`Entries of an unknown collection or index, ${id}, are on ${where}`)
  const suspects = new Set<string>()
  for (const [id, sums] of known.sums)
    for (let i = 0; i < buckets; i++) if (sums[i] !== 0) suspects.add(`${id} ${i}`)
  if (suspects.size > 0) for (const problem of mismatches(path, known, suspects)) tell(problem)
  return report
}

function readAll(
  file: DataFile,
  known: Known,
  damages: Damage[],
  unknown: Map<number, string>,
  report: VerifyReport,
  tell: (problem: string) => void,
  onProgress: (done: number) => void,
): void {
  let read = 0
  for (const leaf of file.leaves(damage => damages.push(damage)))
    for (let i = 0; i < leaf.count; i++) {
      if (++read % 10_000 === 0) onProgress(read / file.entries)
      const key = leaf.key(i)
      const id = key.length >= 5 ? key.readUInt32BE(1) : 0
      if (key[0] === keyspace.catalog) readCollection(leaf, i, known, tell)
      else if (key[0] === keyspace.document) {
        report.documents++
        const collection = known.byCollection.get(id)
        if (!collection) unknown.set(id, placeOf(leaf, i))
        else
          for (const { index, key, recordId } of documentEntries(collection, leaf, i, tell))
            count(known, index, key, encodeRecordId(recordId), 1)
      } else if (key[0] === keyspace.index) {
        report.entries++
        const found = known.byIndex.get(id)
        if (found) count(known, found.index, key, leaf.value(i), -1)
        else if (!known.building.has(id)) unknown.set(id, placeOf(leaf, i))
      } else if (key[0] === keyspace.session) {
        const session = () => decode(leaf.value(i))
        decodeOr(session, error => tell(`A session on ${placeOf(leaf, i)} can't be decoded: ${error}`))
      } else if (key[0] === keyspace.dropped) unknown.delete(key.readUInt32BE(2))
    }
}

function readCollection(leaf: Leaf, i: number, known: Known, tell: (problem: string) => void): void {
  const namespace = leaf.key(i).subarray(1).toString()
  const collection = decodeOr(
    () => readCatalogEntry(namespace, decode(Buffer.from(leaf.value(i)))),
    error => tell(`${namespace}: its entry in the catalog on ${placeOf(leaf, i)} can't be decoded: ${error}`),
  )
  if (!collection) return
  known.byCollection.set(collection.id, collection)
  for (const { id } of collection.building) known.building.add(id)
  for (const index of collection.indexes) {
    known.byIndex.set(index.id, { collection, index })
    known.sums.set(index.id, new Int32Array(buckets))
  }
}

/** Yields the entries that a document should have in each index. */
function* documentEntries(
  collection: Collection,
  leaf: Leaf,
  i: number,
  tell: (problem: string) => void,
): Generator<Place> {
  const recordId = readRecordId(leaf.key(i), 5)
  const name = namespaceOf(collection)
  const record = () => `record ${recordId} on ${placeOf(leaf, i)}`
  const doc = decodeOr(
    () => decode(leaf.value(i)),
    error => tell(`${name}: ${record()} can't be decoded: ${error}`),
  )
  if (!doc) return
  if (!doc.has('_id')) tell(`${name}: ${record()} has no _id`)
  for (const index of collection.indexes) {
    const found = decodeOr(
      () => indexKeysOf(index, doc),
      error => tell(`${name}: ${record()} can't be indexed by ${index.name}: ${error}`),
    )
    if (!found) continue
    if (found.multikey.some((is, field) => is && !index.multikey[field]))
      tell(`${name}: ${index.name} is not marked multikey, but ${record()} has an array`)
    if (!index.truncated && found.keys.some(key => key.length > maxKeyBytes))
      tell(`${name}: ${index.name} is not marked as truncated, but ${record()} is`)
    for (const key of entryKeys(index, found.keys, recordId))
      yield {
        index,
        name,
        recordId,
        key,
        bucket: hashOf(key, encodeRecordId(recordId)) & (buckets - 1),
        where: `record ${recordId} (_id ${describeId(doc)})`,
      }
  }
}

function count({ sums }: Known, index: Index, key: Buffer, value: Buffer, sign: 1 | -1): void {
  const hash = hashOf(key, value)
  const bucket = hash & (buckets - 1)
  const all = sums.get(index.id)!
  // The rest of the hash is odd, so that an entry is never counted as nothing.
  all[bucket] = (all[bucket]! + sign * ((hash >>> 10) * 2 + 1)) | 0
}

/** Returns 32 bits of an entry: FNV-1a, then the finalizer of MurmurHash3, which spreads its bits. */
function hashOf(key: Buffer, value: Buffer): number {
  let hash = 0x811c9dc5
  for (const bytes of [key, value])
    for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Reads the file again and says which entries are missing, and which have no document. */
function* mismatches(path: string, known: Known, suspects: Set<string>): Generator<string> {
  const missing = new Map<string, Place>()
  const file = openDataFile(path)
  try {
    const ignore = () => {}
    for (const leaf of file.leaves(ignore))
      for (let i = 0; i < leaf.count; i++) {
        const key = leaf.key(i)
        if (key[0] === keyspace.document) {
          const collection = known.byCollection.get(key.readUInt32BE(1))
          for (const place of collection ? documentEntries(collection, leaf, i, ignore) : [])
            if (suspects.has(`${place.index.id} ${place.bucket}`))
              missing.set(nameOf(place.key, place.recordId), place)
        } else if (key[0] === keyspace.index) {
          const found = known.byIndex.get(key.readUInt32BE(1))
          const value = leaf.value(i)
          if (!found || !suspects.has(`${found.index.id} ${hashOf(key, value) & (buckets - 1)}`)) continue
          const recordId = value.length === 6 ? readRecordId(value) : NaN
          if (missing.delete(nameOf(key, recordId))) continue
          const name = namespaceOf(found.collection)
          const entry = `an entry for record ${recordId} on ${placeOf(leaf, i)}`
          yield `${name}: ${found.index.name} has ${entry} that its document doesn't have`
        }
      }
  } finally {
    file.close()
  }
  for (const { name, index, where } of missing.values())
    yield `${name}: ${index.name} has no entry for ${where}`
}

function nameOf(key: Buffer, recordId: number): string {
  return `${recordId} ${key.toString('latin1')}`
}

function namespaceOf({ database, name }: Collection): string {
  return `${database}.${name}`
}

function placeOf(leaf: Leaf, i: number): string {
  return `page ${leaf.page} at byte ${leaf.valueOffset(i)}`
}

function describeId(doc: Doc): string {
  return String(doc.get('_id'))
}

function capitalize(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1)
}

/** Says what a damaged page should hold, by the keys around it. */
function describeRange({ from, to }: Damage, known: Known): string {
  const [first, last] = [from && describeKey(from, known), to && describeKey(to, known)]
  if (!first) return last ? `. It held what comes before ${last}` : ''
  return last ? `. It held what comes from ${first} to ${last}` : `. It held what comes from ${first}`
}

function describeKey(key: Buffer, { byCollection, byIndex }: Known): string | undefined {
  const id = key.length >= 5 ? key.readUInt32BE(1) : NaN
  if (key[0] === keyspace.catalog) return `the catalog's entry of ${key.subarray(1).toString()}`
  if (key[0] === keyspace.document) {
    const collection = byCollection.get(id)
    const record = key.length === 11 ? `record ${readRecordId(key, 5)}` : 'the records'
    return `${record} of ${collection ? namespaceOf(collection) : `collection ${id}`}`
  }
  if (key[0] === keyspace.index) {
    const found = byIndex.get(id)
    return found ? `index ${found.index.name} of ${namespaceOf(found.collection)}` : `index ${id}`
  }
  if (key[0] === keyspace.session) return 'the sessions'
  return undefined
}

/** Runs `read`. Damaged bytes may make it fail in any way. */
function decodeOr<T>(read: () => T, onError: (message: string) => void): T | undefined {
  try {
    return read()
  } catch (error) {
    onError((error as Error).message)
    return undefined
  }
}
