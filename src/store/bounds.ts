import { BSONRegExp, MaxKey, MinKey } from 'bson'
import type { Filter } from './filter'
import { complementKey, encodeKey, prefixSuccessor } from './keys'
import { literalPrefix } from './regex'
import { isNaNValue, isNumber, rankOfType, typeCodes, typeRank, type Value } from './value'

/** A half-open range of encoded keys. */
export interface KeyRange {
  start: Buffer
  end: Buffer
  /** True when the range holds the keys of exactly one value. The bytes alone don't show it. */
  isPoint: boolean
}

/** Ranges of the encoded keys of one index field, in ascending order, none of which overlap. */
export type Bounds = KeyRange[]

/**
 * Returns the conditions of a filter that must all hold: the branches of nested $and, or the filter itself.
 */
export function conjuncts(filter: Filter): Filter[] {
  return filter.op === '$and' ? filter.filters.flatMap(conjuncts) : [filter]
}

/**
 * Returns the bounds of a descending field, whose keys are stored as the complement of their bytes. No key is
 * a prefix of a range's end, so every key under the complement of `end` is outside and every key under the
 * complement of `start` is inside.
 */
export function invertBounds(bounds: Bounds): Bounds {
  return bounds
    .map(({ start, end, isPoint }): KeyRange => {
      const low = isPoint ? complementKey(start) : prefixSuccessor(complementKey(end))
      return { start: low, end: prefixSuccessor(complementKey(start)), isPoint }
    })
    .reverse()
}

/**
 * Returns the ranges of one field that contain every match, or undefined when the filter does not restrict
 * the field.
 */
export function boundsOf(parts: Filter[], path: string, multikey: boolean): Bounds | undefined {
  const found = parts.map(part => boundsOfPart(part, path)).filter(each => each !== undefined)
  if (found.length === 0) return undefined
  const points = found.find(each => each.every(({ isPoint }) => isPoint))
  // Different elements of an array may satisfy different conditions, so their ranges must not be intersected.
  if (multikey) return points ?? found[0]
  return found.reduce(intersect)
}

function intersect(a: Bounds, b: Bounds): Bounds {
  const both: Bounds = []
  for (let [i, j] = [0, 0]; i < a.length && j < b.length;) {
    const start = Buffer.compare(a[i]!.start, b[j]!.start) > 0 ? a[i]!.start : b[j]!.start
    const endsFirst = Buffer.compare(a[i]!.end, b[j]!.end) <= 0
    const end = endsFirst ? a[i]!.end : b[j]!.end
    if (Buffer.compare(start, end) < 0) both.push({ start, end, isPoint: a[i]!.isPoint || b[j]!.isPoint })
    if (endsFirst) i++
    else j++
  }
  return both
}

const stringRank = typeRank('')

const allKeys: Bounds = [{ start: Buffer.from([0]), end: Buffer.from([0xff]), isPoint: false }]

function point(value: Value): KeyRange {
  const start = encodeKey(value)
  return { start, end: prefixSuccessor(start), isPoint: true }
}

function between(start: Buffer, end: Buffer): KeyRange {
  return { start, end, isPoint: false }
}

function boundsOfPart(part: Filter, path: string): Bounds | undefined {
  switch (part.op) {
    case '$eq':
      return part.path.text !== path || Array.isArray(part.value) ? undefined : [point(part.value)]
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return part.path.text === path ? rangeOf(part.op, part.value) : undefined
    case '$in': {
      if (part.path.text !== path || part.values.some(Array.isArray)) return undefined
      return mergeRanges(
        part.values.flatMap(value =>
          value instanceof BSONRegExp ? regexBounds(value.pattern, value.options) : [point(value)],
        ),
      )
    }
    case '$regex':
      return part.path.text === path ? mergeRanges(regexBounds(part.pattern, part.options)) : undefined
    case '$exists':
      return part.path.text === path ? allKeys : undefined
    case '$type':
      return part.path.text === path ? boundsOfTypes(part.codes) : undefined
    case '$elemMatch': {
      const inner = conjuncts(part.filter)
      if (!part.ofDocs) return part.path.text === path ? elementBounds(inner) : undefined
      const within = `${part.path.text}.`
      if (!path.startsWith(within)) return undefined
      const found = inner
        .map(each => boundsOfPart(each, path.slice(within.length)))
        .filter(each => each !== undefined)
      return found.length === 0 ? undefined : found[0]
    }
    default:
      return undefined
  }
}

/** An array has the keys of its elements, so its type does not restrict them. */
function boundsOfTypes(codes: Set<number>): Bounds {
  if (codes.has(typeCodes.array)) return allKeys
  return mergeRanges(
    [...codes].map(code => between(Buffer.from([rankOfType(code)]), Buffer.from([rankOfType(code) + 1]))),
  )
}

/** A pattern for how a text begins, of letters and digits only. */
const isBeginning = /^\^[\p{L}\p{N}]+$/u

/** Returns true for a condition whose bounds hold all values that satisfy it and no others. */
export function isExactCondition(part: Filter): boolean {
  switch (part.op) {
    case '$eq':
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return boundsOfPart(part, part.path.text) !== undefined
    case '$in':
      return !part.values.some(value => Array.isArray(value) || value instanceof BSONRegExp)
    case '$regex':
      return part.options === '' && isBeginning.test(part.pattern)
    default:
      return false
  }
}

/**
 * Returns the bounds of a value $elemMatch. One element satisfies all conditions, so their ranges are
 * intersected. An $elemMatch among them is about the elements of an inner array, which have no keys.
 */
function elementBounds(parts: Filter[]): Bounds | undefined {
  const found = parts
    .filter(each => each.op !== '$elemMatch')
    .map(each => boundsOfPart(each, '0'))
    .filter(each => each !== undefined)
  return found.length === 0 ? undefined : found.reduce(intersect)
}

function rangeOf(op: '$gt' | '$gte' | '$lt' | '$lte', value: Value): Bounds | undefined {
  if (Array.isArray(value) || value instanceof MinKey || value instanceof MaxKey || isNaNValue(value))
    return undefined
  if (value === null) return op === '$gte' || op === '$lte' ? [point(null)] : []
  const { start: key, end: next } = point(value)
  const ceiling = Buffer.from([typeRank(value) + 1])
  if (op === '$gt') return [between(next, ceiling)]
  if (op === '$gte') return [between(key, ceiling)]
  // NaN sorts below all numbers, but it is not less than any.
  const floor = isNumber(value) ? point(NaN).end : Buffer.from([typeRank(value)])
  return [between(floor, op === '$lt' ? key : next)]
}

function regexBounds(pattern: string, options: string): Bounds {
  const prefix = literalPrefix(pattern, options)
  const itself = point(new BSONRegExp(pattern, options))
  if (prefix === undefined) return [between(Buffer.from([stringRank]), Buffer.from([stringRank + 1])), itself]
  const start = encodeKey(prefix).subarray(0, -2)
  return [between(start, prefixSuccessor(start)), itself]
}

/** Sorts the ranges and merges those that overlap. */
export function mergeRanges(ranges: Bounds): Bounds {
  const sorted = [...ranges].sort((a, b) => Buffer.compare(a.start, b.start))
  const merged: Bounds = []
  for (const range of sorted) {
    const last = merged.at(-1)
    if (!last || Buffer.compare(range.start, last.end) >= 0) merged.push({ ...range })
    else if (Buffer.compare(range.end, last.end) > 0) {
      last.end = range.end
      last.isPoint = false
    }
  }
  return merged
}
