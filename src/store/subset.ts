import { BSONRegExp, MaxKey, MinKey } from 'bson'
import { conjuncts } from './bounds'
import type { Filter } from './filter'
import type { Path } from './path'
import { compare, equal, isNaNValue, typeRank, type Value } from './value'

/** Returns true when the condition can only match documents that have the field. */
export function requiresField(part: Filter, path: string): boolean {
  switch (part.op) {
    case '$eq':
    case '$gte':
    case '$lte':
      return (
        part.path.text === path &&
        part.value !== null &&
        !(part.value instanceof MinKey) &&
        !(part.value instanceof MaxKey)
      )
    case '$gt':
    case '$lt':
      return part.path.text === path && !(part.value instanceof MinKey) && !(part.value instanceof MaxKey)
    case '$in':
      return part.path.text === path && !part.values.includes(null)
    case '$exists':
    case '$regex':
    case '$mod':
    case '$size':
    case '$type':
      return part.path.text === path
    case '$elemMatch': {
      if (!part.ofDocs) return part.path.text === path
      const within = `${part.path.text}.`
      return (
        path.startsWith(within) &&
        conjuncts(part.filter).some(each => requiresField(each, path.slice(within.length)))
      )
    }
    default:
      return false
  }
}

/** Returns true for the same operator on the same path with the same argument. */
export function isSameCondition(a: Filter, b: Filter): boolean {
  if (a.op !== b.op || !('path' in a) || !('path' in b) || a.path.text !== b.path.text) return false
  if ('codes' in a && 'codes' in b) return equalSets(a.codes, b.codes)
  return a.op === '$exists' || ('value' in a && 'value' in b && equal(a.value, b.value))
}

function equalSets(a: Set<number>, b: Set<number>): boolean {
  return a.size === b.size && [...a].every(item => b.has(item))
}

/**
 * Returns true when every document that matches `query` also matches `needed`, as far as MongoDB recognises it. A
 * partial index is usable only then. It follows `isSubsetOf` of MongoDB and infers no more, so that a query that has an
 * index here has one there; an equality, for example, does not satisfy a `$type`:
 * https://github.com/mongodb/mongo/blob/v7.0/src/mongo/db/matcher/expression_algo.cpp
 */
export function isSubsetOf(query: Filter, needed: Filter): boolean {
  if (needed.op === '$and') return needed.filters.every(each => isSubsetOf(query, each))
  if (query.op === '$and') return query.filters.some(each => isSubsetOf(each, needed))
  if (query.op === '$or') return query.filters.every(each => isSubsetOf(each, needed))
  if (isSameCondition(query, needed)) return true
  switch (needed.op) {
    case '$exists':
      return requiresField(query, needed.path.text) || isNotNull(query, needed.path.text)
    case '$in':
      if (!('path' in query) || query.path.text !== needed.path.text) return false
      if (query.op === '$in')
        return query.values.every(value => !(value instanceof BSONRegExp) && isOneOf(value, needed.values))
      return query.op === '$eq' && isOneOf(query.value, needed.values)
    case '$eq':
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      if (query.op === '$in')
        return (
          query.values.length > 0 &&
          query.values.every(
            value =>
              !(value instanceof BSONRegExp) && isSubsetOf({ op: '$eq', path: query.path, value }, needed),
          )
        )
      return isComparisonWithin(query, needed)
    default:
      return false
  }
}

function isOneOf(value: Value, values: Value[]): boolean {
  return values.some(other => equal(value, other))
}

/**
 * Returns true for {$ne: null}, and for a $nin with null. A path with dots may lead through an array of numbers, which
 * is not null there although nothing exists.
 */
function isNotNull(query: Filter, path: string): boolean {
  if (query.op !== '$not' || path.includes('.')) return false
  const [inner, ...more] = conjuncts(query.filter)
  if (!inner || more.length > 0 || !('path' in inner) || inner.path.text !== path) return false
  return inner.op === '$eq' ? inner.value === null : inner.op === '$in' && inner.values.includes(null)
}

function isComparisonWithin(query: Filter, needed: Extract<Filter, { path: Path; value: Value }>): boolean {
  if (!('path' in query) || !('value' in query) || query.path.text !== needed.path.text) return false
  if (typeRank(query.value) !== typeRank(needed.value)) return false
  if (isNaNValue(query.value) || isNaNValue(needed.value)) return false
  const order = compare(query.value, needed.value)
  const includes = order === 0 && (query.op === needed.op || needed.op === '$gte' || needed.op === '$lte')
  switch (needed.op) {
    case '$gt':
    case '$gte':
      return ['$eq', '$gt', '$gte'].includes(query.op) && (order > 0 || includes)
    case '$lt':
    case '$lte':
      return ['$eq', '$lt', '$lte'].includes(query.op) && (order < 0 || includes)
    default:
      return false
  }
}
