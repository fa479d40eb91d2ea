import { serverError } from './errors'
import { emptyArray, keyTuples } from './multikey'
import { toSafeInteger } from './number'
import { compare, isDoc, type Doc, type Value } from './value'

/** One field of a sort. */
export interface SortField {
  path: string
  parts: string[]
  direction: 1 | -1
}

/**
 * Parses a sort. MongoDB manual, "$sort (aggregation)":
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/sort/
 *
 * @throws 15974, 15975, 17312 or 13103 for an invalid order, 15998, 16410, 40352 or 40353 for an invalid path
 */
export function parseSort(spec: Doc): SortField[] {
  if (spec.size > 32) throw serverError(13103, 'too many compound keys')
  return [...spec].map(([path, value]) => {
    if (isDoc(value)) throw serverError(17312, '$meta is the only expression supported by $sort right now')
    const direction = toSafeInteger(value)
    if (direction === undefined)
      throw serverError(15974, `Illegal key in $sort specification: ${path}: ${String(value)}`)
    if (direction !== 1 && direction !== -1)
      throw serverError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)')
    if (path === '') throw serverError(40352, 'FieldPath cannot be constructed with empty string')
    if (path.endsWith('.')) throw serverError(40353, "FieldPath must not end with a '.'.")
    const parts = path.split('.')
    if (parts.includes('')) throw serverError(15998, 'FieldPath field names may not be empty strings.')
    if (parts.some(part => part.startsWith('$') && !['$id', '$ref', '$db'].includes(part)))
      throw serverError(16410, `FieldPath field names may not start with '$'.`)
    return { path, parts, direction }
  })
}

type Keys = Array<Value | undefined>

/**
 * Returns the values that a document is sorted by. An array sorts by its smallest element in ascending order and by its
 * largest in descending order. An empty array sorts below null, and null equals missing. Fields of the elements of one
 * array are taken from the same element. Since `compare` sorts undefined below null, undefined represents the empty
 * array here, and null a missing value. MongoDB manual, "Comparison/Sort Order":
 * https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
 *
 * @throws 2 when two fields lead through different arrays
 */
export function sortKeys(doc: Doc, fields: SortField[]): Keys {
  const plain = fields.map(({ parts }) => withoutArrays(doc, parts))
  if (plain.every(key => key !== hasArray)) return plain as Keys
  const tuples = keyTuples(
    doc,
    fields.map(({ parts }) => parts),
    () => serverError(2, 'cannot sort with keys that are parallel arrays'),
  ).map(tuple => tuple.map(value => (value === emptyArray ? undefined : (value ?? null))))
  const order = compareBy(fields)
  return tuples.reduce((best, tuple) => (order(tuple, best) < 0 ? tuple : best))
}

const hasArray = Symbol('an array is on the path')

function withoutArrays(doc: Doc, parts: string[]): Value | typeof hasArray {
  let here: Value | undefined = doc
  for (const part of parts) {
    here = isDoc(here) ? here.get(part) : undefined
    if (Array.isArray(here)) return hasArray
  }
  return here ?? null
}

/** Returns a comparison of two results of `sortKeys`. */
export function compareBy(fields: SortField[]): (a: Keys, b: Keys) => number {
  return (a, b) => {
    for (let i = 0; i < fields.length; i++) {
      const order = compare(a[i], b[i])
      if (order !== 0) return order * fields[i]!.direction
    }
    return 0
  }
}
