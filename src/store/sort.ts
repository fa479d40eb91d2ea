import { refusal } from './errors'
import { toIndex } from './number'
import { compare, isDoc, type Doc, type Value } from './value'

export interface SortField {
  path: string
  parts: string[]
  direction: 1 | -1
}

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/sort/ */
export function parseSort(spec: Doc): SortField[] {
  if (spec.size > 32) throw refusal(13103, 'too many compound keys')
  return [...spec].map(([path, value]) => {
    if (isDoc(value)) throw refusal(17312, '$meta is the only expression supported by $sort right now')
    const direction = toIndex(value)
    if (direction === undefined)
      throw refusal(15974, `Illegal key in $sort specification: ${path}: ${String(value)}`)
    if (direction !== 1 && direction !== -1)
      throw refusal(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)')
    if (path === '') throw refusal(40352, 'FieldPath cannot be constructed with empty string')
    if (path.endsWith('.')) throw refusal(40353, "FieldPath must not end with a '.'.")
    const parts = path.split('.')
    if (parts.includes('')) throw refusal(15998, 'FieldPath field names may not be empty strings.')
    if (parts.some(part => part.startsWith('$') && !['$id', '$ref', '$db'].includes(part)))
      throw refusal(16410, `FieldPath field names may not start with '$'.`)
    return { path, parts, direction }
  })
}

/**
 * Of an array the smallest element counts when the order rises, the largest when it falls; an empty array comes before
 * null, and null equals missing. https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
 */
export function sortKey(doc: Doc, field: SortField): Value | undefined {
  return extreme(doc, field.parts, 0, field.direction)
}

/** The key of an empty array: a missing value sorts below null in `compare`, so a really missing one is given as null. */
const emptyArrayKey = undefined

function extreme(value: Value, parts: string[], at: number, direction: 1 | -1): Value | undefined {
  let here: Value | undefined = value
  let i = at
  while (i < parts.length && isDoc(here)) here = here.get(parts[i++]!)
  if (!Array.isArray(here)) return i < parts.length || here === undefined ? null : here
  if (here.length === 0) return i === parts.length ? emptyArrayKey : null
  let best: Value | undefined
  let first = true
  const position = i < parts.length && /^\d+$/.test(parts[i]!) ? Number(parts[i]) : -1
  const candidates: Array<Value | undefined> = []
  for (const [n, item] of here.entries()) {
    if (i === parts.length) candidates.push(item)
    else if (isDoc(item)) candidates.push(extreme(item, parts, i, direction))
    else if (n === position)
      candidates.push(i + 1 === parts.length ? item : extreme(item, parts, i + 1, direction))
    else if (position < 0) candidates.push(null)
  }
  if (candidates.length === 0) return null
  for (const key of candidates) {
    if (first || compare(key, best) * direction < 0) best = key
    first = false
  }
  return best
}

export function compareBy(
  fields: SortField[],
): (a: Array<Value | undefined>, b: Array<Value | undefined>) => number {
  return (a, b) => {
    for (let i = 0; i < fields.length; i++) {
      const order = compare(a[i], b[i])
      if (order !== 0) return order * fields[i]!.direction
    }
    return 0
  }
}
