import { serverError } from './errors'
import { parseFilter, type Filter, type Predicate } from './filter'
import { complementKey, encodeKey } from './keys'
import { encodeRecordId, keyPrefix, keyspace, readRecordId } from './keyspace'
import { compileFilter } from './match'
import { emptyArray, keyTuples } from './multikey'
import type { Storage } from './storage'
import { isDoc, type Doc, type Value } from './value'

/** An index, including the one on `_id`. */
export interface Index {
  id: number
  name: string
  fields: Array<{ path: string; parts: string[]; direction: 1 | -1 }>
  unique: boolean
  sparse: boolean
  partial?: { filter: Doc; parsed: Filter; test: Predicate }
  expireAfterSeconds?: number
  /** For each field, whether any document has ever had an array on its path. */
  multikey: boolean[]
  /** Whether any key was ever truncated. Such an index has no exact order. Stored as `cut`. */
  truncated: boolean
  /** The specification as listIndexes returns it. */
  spec: Doc
}

/**
 * LMDB keys have at most 1978 bytes. Longer index keys are truncated; every candidate is tested against the
 * filter anyway.
 */
export const maxKeyBytes = 1900

/** Creates an index from its specification, which must be valid. */
export function makeIndex(id: number, spec: Doc): Index {
  const key = spec.get('key') as Doc
  const partial = spec.get('partialFilterExpression')
  const expire = spec.get('expireAfterSeconds')
  const parsed = isDoc(partial) ? parseFilter(partial) : undefined
  return {
    id,
    name: spec.get('name') as string,
    fields: [...key].map(([path, direction]) => ({
      path,
      parts: path.split('.'),
      direction: Number(direction) < 0 ? -1 : 1,
    })),
    unique: spec.get('unique') === true || spec.get('name') === '_id_',
    sparse: spec.get('sparse') === true,
    partial: parsed && { filter: partial as Doc, parsed, test: compileFilter(parsed) },
    expireAfterSeconds: expire === undefined ? undefined : Number(expire),
    multikey: [...key].map(() => false),
    truncated: false,
    spec,
  }
}

/** The keys of one document in an index, and for each field whether an array was on its path. */
export interface IndexKeys {
  keys: Buffer[]
  multikey: boolean[]
}

/**
 * Returns the keys of a document: one for each combination of array elements, or none if a sparse or partial index
 * omits it.
 *
 * @throws 171 when two fields lead through different arrays
 */
export function indexKeysOf(index: Index, doc: Doc): IndexKeys {
  const multikey = index.fields.map(() => false)
  if (index.partial && !index.partial.test(doc)) return { keys: [], multikey }
  const found = keyTuples(
    doc,
    index.fields.map(({ parts }) => parts),
    path => serverError(171, `cannot index parallel arrays [${path}]`),
    i => (multikey[i] = true),
  )
  const all: Buffer[] = []
  for (const values of found)
    if (!index.sparse || values.some(value => value !== undefined)) all.push(joinKey(index, values))
  if (all.length < 2) return { keys: all, multikey }
  return { keys: [...new Map(all.map(key => [key.toString('latin1'), key])).values()], multikey }
}

const emptyArrayKey = Buffer.from([0x10])

function fieldKey(value: Value | undefined, direction: 1 | -1): Buffer {
  const key = value === emptyArray ? emptyArrayKey : encodeKey(value === undefined ? null : value)
  return direction === 1 ? key : complementKey(key)
}

function joinKey(index: Index, values: Array<Value | undefined>): Buffer {
  const parts = index.fields.map((field, i) => fieldKey(values[i], field.direction))
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

/**
 * Returns the LMDB keys of a document's entries in an index. Keys that are equal as far as they are stored share an
 * entry.
 */
export function entryKeys(index: Index, keys: Buffer[], recordId: number): Buffer[] {
  const entries = keys.map(key => entryKey(index, key, recordId))
  if (keys.every(key => key.length <= maxKeyBytes)) return entries
  return [...new Map(entries.map(entry => [entry.toString('latin1'), entry])).values()]
}

/** A unique index uses the key alone; others append the record id. */
function entryKey(index: Index, key: Buffer, recordId: number): Buffer {
  const prefix = keyPrefix(keyspace.index, index.id)
  if (key.length > maxKeyBytes)
    return Buffer.concat([prefix, key.subarray(0, maxKeyBytes), encodeRecordId(recordId)])
  return index.unique ? Buffer.concat([prefix, key]) : Buffer.concat([prefix, key, encodeRecordId(recordId)])
}

/** Returns the record id, other than `own`, that already has `key` in a unique index, or undefined. */
export function findDuplicate(
  storage: Storage,
  index: Index,
  key: Buffer,
  own: number | undefined,
  fetchDocument: (recordId: number) => Doc | undefined,
): number | undefined {
  const prefix = keyPrefix(keyspace.index, index.id)
  if (key.length <= maxKeyBytes) {
    const value = storage.get(Buffer.concat([prefix, key]))
    const holder = value && readRecordId(value)
    return holder === own ? undefined : holder
  }
  const start = Buffer.concat([prefix, key.subarray(0, maxKeyBytes)])
  for (const { value } of storage.range(start, Buffer.concat([start, Buffer.alloc(8, 0xff)]))) {
    const holder = readRecordId(value)
    if (holder === own) continue
    const doc = fetchDocument(holder)
    if (doc && indexKeysOf(index, doc).keys.some(other => other.equals(key))) return holder
  }
  return undefined
}
