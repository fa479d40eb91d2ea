import { BSONRegExp, MaxKey, MinKey } from 'bson'
import type { Filter } from './filter'
import { complementKey, encodeKey, prefixSuccessor } from './keys'
import { literalPrefix } from './regex'
import { isNaNValue, typeRank, type Value } from './value'

/** Half-open ranges of the encoded keys of one index field, in ascending order. */
export type Bounds = Array<[Buffer, Buffer]>

/**
 * Returns the conditions of a filter that must all hold: the branches of nested $and, or the filter itself.
 */
export function conjuncts(filter: Filter): Filter[] {
  return filter.op === '$and' ? filter.filters.flatMap(conjuncts) : [filter]
}

/** Returns true when the range holds exactly one key. */
export function isPoint(start: Buffer, end: Buffer): boolean {
  return prefixSuccessor(start).equals(end)
}

/**
 * Returns the bounds of a descending field, whose keys are stored as the complement of their bytes. No key is
 * a prefix of a range's end, so every key under the complement of `end` is outside and every key under the
 * complement of `start` is inside.
 */
export function invertBounds(bounds: Bounds): Bounds {
  return bounds
    .map(([start, end]): [Buffer, Buffer] => {
      const low = isPoint(start, end) ? complementKey(start) : prefixSuccessor(complementKey(end))
      return [low, prefixSuccessor(complementKey(start))]
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
  const points = found.find(each => each.every(([start, end]) => isPoint(start, end)))
  // Different elements of an array may satisfy different conditions, so their ranges must not be intersected.
  if (multikey) return points ?? found[0]
  return found.reduce(intersect)
}

function intersect(a: Bounds, b: Bounds): Bounds {
  const both: Bounds = []
  for (const [startA, endA] of a)
    for (const [startB, endB] of b) {
      const start = Buffer.compare(startA, startB) > 0 ? startA : startB
      const end = Buffer.compare(endA, endB) < 0 ? endA : endB
      if (Buffer.compare(start, end) < 0) both.push([start, end])
    }
  return both
}

const allKeys: Bounds = [[Buffer.from([0]), Buffer.from([0xff])]]

function point(value: Value): [Buffer, Buffer] {
  const key = encodeKey(value)
  return [key, prefixSuccessor(key)]
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
      return merge(
        part.values.flatMap(value =>
          value instanceof BSONRegExp ? regexBounds(value.pattern, value.options) : [point(value)],
        ),
      )
    }
    case '$regex':
      return part.path.text === path ? merge(regexBounds(part.pattern, part.options)) : undefined
    case '$exists':
      return part.path.text === path ? allKeys : undefined
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

/**
 * Returns the bounds of a value $elemMatch. One element satisfies all conditions, so their ranges are
 * intersected. Elements that are arrays themselves have no key.
 */
function elementBounds(parts: Filter[]): Bounds | undefined {
  const found = parts.map(each => boundsOfPart(each, '0')).filter(each => each !== undefined)
  return found.length === 0 ? undefined : found.reduce(intersect)
}

function rangeOf(op: '$gt' | '$gte' | '$lt' | '$lte', value: Value): Bounds | undefined {
  if (Array.isArray(value) || value instanceof MinKey || value instanceof MaxKey || isNaNValue(value))
    return undefined
  if (value === null) return op === '$gte' || op === '$lte' ? [point(null)] : []
  const [key, next] = point(value)
  const floor = Buffer.from([typeRank(value)])
  const ceiling = Buffer.from([typeRank(value) + 1])
  if (op === '$gt') return [[next, ceiling]]
  if (op === '$gte') return [[key, ceiling]]
  return [[floor, op === '$lt' ? key : next]]
}

function regexBounds(pattern: string, options: string): Bounds {
  const prefix = literalPrefix(pattern, options)
  const strings: [Buffer, Buffer] = [Buffer.from([0x28]), Buffer.from([0x29])]
  if (prefix !== undefined) {
    const start = encodeKey(prefix).subarray(0, -2)
    strings[0] = start
    strings[1] = prefixSuccessor(start)
  }
  return [strings, point(new BSONRegExp(pattern, options))]
}

/** Sorts the ranges and merges those that overlap. */
function merge(bounds: Bounds): Bounds {
  const sorted = [...bounds].sort(([a], [b]) => Buffer.compare(a, b))
  const merged: Bounds = []
  for (const [start, end] of sorted) {
    const last = merged.at(-1)
    if (last && Buffer.compare(start, last[1]) < 0) {
      if (Buffer.compare(end, last[1]) > 0) last[1] = end
    } else merged.push([start, end])
  }
  return merged
}
