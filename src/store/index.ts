import { refusal } from './errors'
import { inverted, keyOf } from './keys'
import { parseFilter, type Filter, type Test } from './filter'
import { compileFilter } from './match'
import { recordBytes, recordOf, type Storage } from './storage'
import { emptyArray, tuplesOf } from './tuples'
import { isDoc, type Doc, type Value } from './value'
import { numbered, kinds } from './storage'

export interface Index {
  id: number
  name: string
  fields: Array<{ path: string; parts: string[]; direction: 1 | -1 }>
  unique: boolean
  sparse: boolean
  partial?: { filter: Doc; parsed: Filter; test: Test }
  expireAfterSeconds?: number
  /** Per field, whether any document has or had an array on its path. */
  multikey: boolean[]
  /** Whether any key was cut: then the index has no exact order. */
  cut: boolean
  /** As given, for listIndexes. */
  spec: Doc
}

/** LMDB keys end at 1978 bytes. Longer keys are cut; what they find is tested against the filter again anyway. */
export const maxKey = 1900

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
    cut: false,
    spec,
  }
}

export interface Keys {
  keys: Buffer[]
  multikey: boolean[]
}

/** The keys of a document in an index: one for each element of an array on the way. */
export function keysOf(index: Index, doc: Doc): Keys {
  const multikey = index.fields.map(() => false)
  if (index.partial && !index.partial.test(doc)) return { keys: [], multikey }
  const found = tuplesOf(
    doc,
    index.fields.map(({ parts }) => parts),
    path => refusal(171, `cannot index parallel arrays [${path}]`),
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
  const key = value === emptyArray ? emptyArrayKey : keyOf(value === undefined ? null : value)
  return direction === 1 ? key : inverted(key)
}

function joinKey(index: Index, values: Array<Value | undefined>): Buffer {
  const parts = index.fields.map((field, i) => fieldKey(values[i], field.direction))
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

/** Where a key of a document stands in LMDB: unique ones by the key alone, others with the record behind it. */
export function entryKey(index: Index, key: Buffer, record: number): Buffer {
  const prefix = numbered(kinds.index, index.id)
  if (key.length > maxKey) return Buffer.concat([prefix, key.subarray(0, maxKey), recordBytes(record)])
  return index.unique ? Buffer.concat([prefix, key]) : Buffer.concat([prefix, key, recordBytes(record)])
}

/** The record that already holds `key`, if the index is unique. */
export function holderOf(
  storage: Storage,
  index: Index,
  key: Buffer,
  docOf: (record: number) => Doc | undefined,
): number | undefined {
  const prefix = numbered(kinds.index, index.id)
  if (key.length <= maxKey) {
    const value = storage.get(Buffer.concat([prefix, key]))
    return value && recordOf(value)
  }
  const start = Buffer.concat([prefix, key.subarray(0, maxKey)])
  for (const { value } of storage.range(start, Buffer.concat([start, Buffer.alloc(8, 0xff)]))) {
    const doc = docOf(recordOf(value))
    if (doc && keysOf(index, doc).keys.some(other => other.equals(key))) return recordOf(value)
  }
  return undefined
}
