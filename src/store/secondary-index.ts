import { serverError } from './errors'
import { parseFilter, type Filter, type Predicate } from './filter'
import { complementKey, encodeKey } from './keys'
import { compileFilter } from './match'
import { emptyArray, keyTuples } from './multikey'
import { encodeRecordId, readRecordId, type Storage } from './storage'
import { keyPrefix, keyspace } from './storage'
import { isDoc, type Doc, type Value } from './value'

export interface Index {
  id: number
  name: string
  fields: Array<{ path: string; parts: string[]; direction: 1 | -1 }>
  unique: boolean
  sparse: boolean
  partial?: { filter: Doc; parsed: Filter; test: Predicate }
  expireAfterSeconds?: number
  /** Per field, whether any document has or had an array on its path. */
  multikey: boolean[]
  /** Whether any key was cut: then the index has no exact order. */
  truncated: boolean
  /** As given, for listIndexes. */
  spec: Doc
}

/** LMDB keys end at 1978 bytes. Longer keys are cut; what they find is tested against the filter again anyway. */
export const maxKeyBytes = 1900

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

export interface IndexKeys {
  keys: Buffer[]
  multikey: boolean[]
}

/** The keys of a document in an index: one for each element of an array on the way. */
export function indexKeysOf(index: Index, doc: Doc): IndexKeys {
  const multikey = index.fields.map(() => false)
  if (index.partial && !index.partial.test(doc)) return { keys: [], multikey }
  const found = keyTuples(
    doc,
    index.fields.map(({ parts }) => parts),
    path => serverError(171, `cannot index parallel arrays [${path}]`),
    i => (multikey[i] = true),
  )
  const keys = new Map<string, Buffer>()
  for (const values of found) {
    if (index.sparse && values.every(value => value === undefined)) continue
    const key = joinKey(index, values)
    keys.set(key.toString('latin1'), key)
  }
  return { keys: [...keys.values()], multikey }
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

/** Where a key of a document stands in LMDB: unique ones by the key alone, others with the record behind it. */
export function entryKey(index: Index, key: Buffer, recordId: number): Buffer {
  const prefix = keyPrefix(keyspace.index, index.id)
  if (key.length > maxKeyBytes)
    return Buffer.concat([prefix, key.subarray(0, maxKeyBytes), encodeRecordId(recordId)])
  return index.unique ? Buffer.concat([prefix, key]) : Buffer.concat([prefix, key, encodeRecordId(recordId)])
}

/** The record that already holds `key`, if the index is unique. */
export function findDuplicate(
  storage: Storage,
  index: Index,
  key: Buffer,
  fetchDocument: (recordId: number) => Doc | undefined,
): number | undefined {
  const prefix = keyPrefix(keyspace.index, index.id)
  if (key.length <= maxKeyBytes) {
    const value = storage.get(Buffer.concat([prefix, key]))
    return value && readRecordId(value)
  }
  const start = Buffer.concat([prefix, key.subarray(0, maxKeyBytes)])
  for (const { value } of storage.range(start, Buffer.concat([start, Buffer.alloc(8, 0xff)]))) {
    const doc = fetchDocument(readRecordId(value))
    if (doc && indexKeysOf(index, doc).keys.some(other => other.equals(key))) return readRecordId(value)
  }
  return undefined
}
