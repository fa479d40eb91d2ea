import {
  boundsOf,
  conjuncts,
  invertBounds,
  isExactCondition,
  mergeRanges,
  type Bounds,
  type KeyRange,
} from './bounds'
import type { Collection } from './catalog'
import type { Filter } from './filter'
import { prefixSuccessor } from './keys'
import { maxKeyBytes, type Index } from './secondary-index'
import type { SortField } from './sort'
import { keyPrefix, keyspace } from './keyspace'
import { isSameCondition, isSubsetOf, requiresField } from './subset'

/** A scan of ranges of one index. */
export interface IndexScan {
  stage: 'IXSCAN'
  index: Index
  ranges: Bounds
  reverse: boolean
  /** True when the keys of one document may be in the ranges several times. */
  repeats: boolean
  /** Scans that each find all documents that match too, so that one in doubt need not be read. See narrowing.ts. */
  narrowedBy: IndexScan[]
}

/** The most ranges that exact values of several fields are combined to. */
const maxRanges = 10_000

/** A scan that could execute a query. */
export interface Candidate {
  scan: IndexScan
  /** True when the scan delivers the requested order. */
  sorted: boolean
  /** False for an index that is only read for its order. */
  useful: boolean
  /** True when at most one document has the keys. */
  isUnique: boolean
  /** Returns the conditions that all documents with keys in the ranges satisfy. */
  decides(): Filter[]
  /** Says which fields are restricted to what. Indexes for which it is the same have as many keys in their ranges. */
  restriction(): string
  score: number
}

/** Returns every index that helps with a filter or delivers the order of a sort. */
export function candidateScans(collection: Collection, filter: Filter, sort: SortField[]): Candidate[] {
  const parts = conjuncts(filter)
  return collection.indexes
    .flatMap(index => alternatives(index, parts).map(usable => planIndex(index, parts, sort, usable)))
    .filter(found => found !== undefined)
}

/** The most conditions on one list that are compared. */
const maxAlternatives = 8

/**
 * Returns the sets of conditions that an index could be restricted by. Of several conditions on a list, such as one for
 * each word of a search, one restricts the scan and the others are tested: each could be about another element.
 */
function alternatives(index: Index, parts: Filter[]): Filter[][] {
  if (!index.multikey[0]) return [parts]
  const first = index.fields[0]!.path
  const own = parts.filter(part => 'path' in part && part.path.text === first)
  if (own.length < 2) return [parts]
  const others = parts.filter(part => !own.includes(part))
  return own.slice(0, maxAlternatives).map(one => [...others, one])
}

/** @param restricting those of the query's conditions that may restrict the scan. */
function planIndex(
  index: Index,
  parts: Filter[],
  sort: SortField[],
  restricting: Filter[],
): Candidate | undefined {
  if (
    index.partial &&
    !conjuncts(index.partial.parsed).every(needed => parts.some(part => isSubsetOf(part, needed)))
  )
    return undefined
  if (index.sparse && !parts.some(part => index.fields.some(field => requiresField(part, field.path))))
    return undefined
  // Such an index omits elements without the fields, so only conditions that need the field restrict it.
  const omits = index.sparse && index.multikey.some(Boolean)
  const bounds: Bounds[] = []
  let combinations = 1
  let points = 0
  let ranged = false
  let multikeySeen = false
  for (const [i, field] of index.fields.entries()) {
    if (index.multikey[i] && multikeySeen) break
    const usable = omits ? restricting.filter(part => requiresField(part, field.path)) : restricting
    const found = boundsOf(usable, field.path, index.multikey[i]!)
    if (!found) break
    combinations *= found.length
    if (i > 0 && combinations > maxRanges) break
    multikeySeen ||= index.multikey[i]!
    const isPoints = found.every(({ isPoint }) => isPoint)
    const directed = field.direction === 1 ? found : invertBounds(found)
    bounds.push(directed)
    if (isPoints) points++
    else {
      ranged = true
      break
    }
  }
  const { sorted, reverse } = order(index, bounds, sort)
  const useful = bounds.length > 0
  if (!useful && (!sorted || sort.length === 0 || index.sparse)) return undefined
  const full = index.unique && points === index.fields.length
  const score =
    (full ? 100 : 0) +
    points * 10 +
    (ranged ? 6 : 0) +
    (sorted && sort.length > 0 ? 8 : 0) +
    (index.partial ? 1 : 0)
  return {
    scan: {
      stage: 'IXSCAN',
      index,
      ranges: entryRanges(index, bounds),
      reverse,
      repeats: repeats(index, bounds),
      narrowedBy: [],
    },
    sorted,
    useful,
    isUnique: full,
    decides: () => decided(index, parts, restricting, bounds.length),
    restriction: () => restriction(index, bounds),
    score,
  }
}

/** Returns the conditions that the first `bounded` fields of an index, or its filter, decide alone. */
function decided(index: Index, parts: Filter[], restricting: Filter[], bounded: number): Filter[] {
  if (index.truncated) return []
  const required = index.partial ? conjuncts(index.partial.parsed) : []
  return parts.filter(part => {
    if (required.some(needed => isSameCondition(part, needed))) return true
    if (!('path' in part) || !restricting.includes(part)) return false
    const at = index.fields.findIndex(({ path }) => path === part.path.text)
    if (at < 0 || at >= bounded || !isExactCondition(part)) return false
    if (!index.multikey[at]) return true
    // Two conditions may be about two elements, and null may be about a missing field of an element.
    const others = restricting.filter(
      other => other !== part && 'path' in other && other.path.text === part.path.text,
    )
    return others.length === 0 && requiresField(part, part.path.text)
  })
}

/**
 * Describes what the ranges of an index hold, apart from the fields behind those that are bounded. A list among these
 * would have several keys for each document.
 */
function restriction(index: Index, bounds: Bounds[]): string {
  const isOwn = index.sparse || index.partial || index.truncated
  if (isOwn || index.multikey.some((isList, i) => isList && i >= bounds.length)) return String(index.id)
  return bounds
    .map((each, i) => {
      const ranges = each.map(({ start, end }) => `${start.toString('latin1')}-${end.toString('latin1')}`)
      return `${index.fields[i]!.path} ${index.fields[i]!.direction} ${ranges.join(' ')}`
    })
    .join('/')
}

const isFixed = (bounds: Bounds[], i: number) => bounds[i]?.length === 1 && bounds[i][0]!.isPoint

/** A list has one key for each of its elements, of which a single value finds one. */
function repeats(index: Index, bounds: Bounds[]): boolean {
  return index.multikey.some((isList, i) => isList && !isFixed(bounds, i))
}

/**
 * Returns whether an index has the requested order, forwards or backwards. Fields restricted to a single
 * value are ignored.
 */
function order(index: Index, bounds: Bounds[], sort: SortField[]): { sorted: boolean; reverse: boolean } {
  if (sort.length === 0) return { sorted: true, reverse: false }
  // A document is sorted by one element of a list, which need not be the one that the scan finds it by.
  const isByList = index.fields.some(
    (field, i) => index.multikey[i] && sort.some(({ path }) => path === field.path),
  )
  if (index.truncated || isByList || repeats(index, bounds)) return { sorted: false, reverse: false }
  const fixed = (i: number) => isFixed(bounds, i)
  let at = 0
  let scanDirection = 0
  for (const { path, direction } of sort) {
    const fixedAt = index.fields.findIndex((field, i) => field.path === path && fixed(i))
    if (fixedAt >= 0) continue
    while (at < index.fields.length && index.fields[at]!.path !== path && fixed(at)) at++
    const field = index.fields[at++]
    if (field?.path !== path) return { sorted: false, reverse: false }
    const needs = field.direction === direction ? 1 : -1
    if (scanDirection !== 0 && scanDirection !== needs) return { sorted: false, reverse: false }
    scanDirection = needs
  }
  // Several values before the sorted field would yield several sorted runs, one after the other.
  const firstSorted = index.fields.findIndex(field => sort.some(({ path }) => path === field.path))
  for (let i = 0; i < firstSorted; i++) if (!fixed(i)) return { sorted: false, reverse: false }
  return { sorted: true, reverse: scanDirection === -1 }
}

/**
 * Returns ranges of whole index entries: one for each combination of exact values, followed by the range of
 * the last bounded field.
 */
function entryRanges(index: Index, bounds: Bounds[]): Bounds {
  const prefix = keyPrefix(keyspace.index, index.id)
  let ranges: Bounds = [{ start: prefix, end: prefixSuccessor(prefix), isPoint: true }]
  for (const each of bounds)
    ranges = ranges.flatMap(range =>
      range.start.length >= longestBound ? [range] : each.map(field => truncateRange(within(range, field))),
    )
  return mergeRanges(ranges.filter(({ start, end }) => Buffer.compare(start, end) < 0))
}

function within({ start }: KeyRange, field: KeyRange): KeyRange {
  return {
    start: Buffer.concat([start, field.start]),
    end: field.end.length === 0 ? prefixSuccessor(start) : Buffer.concat([start, field.end]),
    isPoint: field.isPoint,
  }
}

/** The prefix of an index and the longest key that is not truncated. */
const longestBound = maxKeyBytes + 5

/** Widens a range where the stored keys are truncated, so that it holds all that start alike. */
function truncateRange({ start, end, isPoint }: KeyRange): KeyRange {
  return {
    start: start.subarray(0, longestBound),
    end: end.length > longestBound ? prefixSuccessor(end.subarray(0, longestBound)) : end,
    isPoint,
  }
}
