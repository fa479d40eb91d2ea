import { asBuffer } from './records'
import { openCatalog, type Collection } from './catalog'
import { decode } from './decode'
import { entryKey, keysOf, maxKey, type Index } from './index'
import { isRefusal } from './errors'
import { kinds, numbered, recordOf, under, type Storage } from './storage'

export interface Findings {
  collections: number
  documents: number
  entries: number
  /** In words; empty when all is well. */
  problems: string[]
}

/** Reads every document and derives every index entry again: each must be there, and no other. */
export function verify(storage: Storage): Findings {
  const findings: Findings = { collections: 0, documents: 0, entries: 0, problems: [] }
  for (const collection of openCatalog(storage).all()) {
    findings.collections++
    verifyCollection(storage, collection, findings)
  }
  return findings
}

function verifyCollection(storage: Storage, collection: Collection, findings: Findings): void {
  const name = `${collection.database}.${collection.name}`
  const wanted = new Map(collection.indexes.map(index => [index, 0]))
  for (const { key, value } of storage.range(...under(numbered(kinds.document, collection.id)))) {
    const record = recordOf(key, 5)
    findings.documents++
    try {
      const doc = decode(asBuffer(value))
      if (!doc.has('_id')) findings.problems.push(`${name}: record ${record} has no _id`)
      for (const index of collection.indexes) {
        const { keys, multikey } = keysOf(index, doc)
        wanted.set(index, wanted.get(index)! + keys.length)
        if (multikey.some((is, i) => is && !index.multikey[i]))
          findings.problems.push(`${name}: ${index.name} does not know that record ${record} holds an array`)
        for (const each of keys) checkEntry(storage, name, index, each, record, findings)
      }
    } catch (error) {
      if (!isRefusal(error)) throw error
      findings.problems.push(`${name}: record ${record} cannot be read: ${error.message}`)
    }
  }
  for (const [index, count] of wanted) {
    const there = storage.count(...under(numbered(kinds.index, index.id)))
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
  record: number,
  findings: Findings,
): void {
  const entry = storage.get(entryKey(index, key, record))
  if (entry && recordOf(entry) === record && (key.length <= maxKey || index.cut)) return
  findings.problems.push(`${name}: ${index.name} lacks an entry of record ${record}`)
}
