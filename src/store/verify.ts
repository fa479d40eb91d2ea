import { openCatalog, type Collection } from './catalog'
import { decode } from './decode'
import { isServerError } from './errors'
import { asBuffer } from './row'
import { entryKeys, indexKeysOf, maxKeyBytes, type Index } from './secondary-index'
import { keyPrefix, keyspace, prefixRange, readRecordId, type Storage } from './storage'

/** The result of verifying a store. */
export interface VerifyReport {
  collections: number
  documents: number
  entries: number
  /** One sentence for each problem; empty when there are none. */
  problems: string[]
}

/**
 * Reads every document, derives its index entries again and checks that each index has these and no others.
 */
export function verify(storage: Storage): VerifyReport {
  const findings: VerifyReport = { collections: 0, documents: 0, entries: 0, problems: [] }
  for (const collection of openCatalog(storage).all()) {
    findings.collections++
    verifyCollection(storage, collection, findings)
  }
  return findings
}

function verifyCollection(storage: Storage, collection: Collection, findings: VerifyReport): void {
  const name = `${collection.database}.${collection.name}`
  const wanted = new Map(collection.indexes.map(index => [index, 0]))
  for (const { key, value } of storage.range(...prefixRange(keyPrefix(keyspace.document, collection.id)))) {
    const recordId = readRecordId(key, 5)
    findings.documents++
    try {
      const doc = decode(asBuffer(value))
      if (!doc.has('_id')) findings.problems.push(`${name}: record ${recordId} has no _id`)
      for (const index of collection.indexes) {
        const { keys, multikey } = indexKeysOf(index, doc)
        const entries = entryKeys(index, keys, recordId)
        wanted.set(index, wanted.get(index)! + entries.length)
        if (multikey.some((is, i) => is && !index.multikey[i]))
          findings.problems.push(
            `${name}: ${index.name} is not marked multikey, but record ${recordId} has an array`,
          )
        if (!index.truncated && keys.some(key => key.length > maxKeyBytes))
          findings.problems.push(
            `${name}: ${index.name} is not marked as truncated, but record ${recordId} is`,
          )
        for (const entry of entries) checkEntry(storage, name, index, entry, recordId, findings)
      }
    } catch (error) {
      if (!isServerError(error)) throw error
      findings.problems.push(`${name}: record ${recordId} cannot be decoded: ${error.message}`)
    }
  }
  for (const [index, count] of wanted) {
    const there = storage.count(...prefixRange(keyPrefix(keyspace.index, index.id)))
    findings.entries += there
    if (there !== count)
      findings.problems.push(`${name}: ${index.name} has ${there} entries instead of ${count}`)
  }
}

function checkEntry(
  storage: Storage,
  name: string,
  index: Index,
  key: Buffer,
  recordId: number,
  findings: VerifyReport,
): void {
  const entry = storage.get(key)
  if (entry && readRecordId(entry) === recordId) return
  findings.problems.push(`${name}: ${index.name} has no entry for record ${recordId}`)
}
