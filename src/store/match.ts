import { BSONRegExp, BSONSymbol, MaxKey, MinKey } from 'bson'
import type { Comparison, Filter, Predicate } from './filter'
import { equalityKey } from './keys'
import { toLong } from './number'
import { visitPath } from './path'
import { compileRegex } from './regex'
import { compare, equal, isDoc, isNaNValue, isNumber, typeCode, typeRank, type Value } from './value'

/** Compiles a parsed filter into a predicate. */
export function compileFilter(filter: Filter): Predicate {
  switch (filter.op) {
    case 'always':
      return () => filter.value
    case '$and': {
      const tests = filter.filters.map(compileFilter)
      if (tests.length === 0) return () => true
      return doc => tests.every(test => test(doc))
    }
    case '$or': {
      const tests = filter.filters.map(compileFilter)
      return doc => tests.some(test => test(doc))
    }
    case '$nor': {
      const tests = filter.filters.map(compileFilter)
      return doc => !tests.some(test => test(doc))
    }
    case '$not': {
      const test = compileFilter(filter.filter)
      return doc => !test(doc)
    }
    case '$expr':
      return filter.test
    case '$elemMatch':
    case '$size':
    case '$exists': {
      const test = valueTest(filter)
      return doc => visitPath(doc, filter.path, false, test)
    }
    default: {
      const test = valueTest(filter)
      return doc => visitPath(doc, filter.path, true, test)
    }
  }
}

type Leaf = Exclude<Filter, { filters: Filter[] } | { op: '$not' } | { op: '$expr' } | { op: 'always' }>

function valueTest(filter: Leaf): (value: Value | undefined) => boolean {
  switch (filter.op) {
    case '$eq':
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return compareTo(filter.op, filter.value)
    case '$in':
      return matchesAny(filter.values)
    case '$regex': {
      const expression = compileRegex(filter.pattern, filter.options)
      const itself = new BSONRegExp(filter.pattern, filter.options)
      return value =>
        typeof value === 'string'
          ? expression.test(value)
          : value instanceof BSONSymbol
            ? expression.test(value.value)
            : value instanceof BSONRegExp && equal(value, itself)
    }
    case '$exists':
      return value => value !== undefined
    case '$type':
      return value => value !== undefined && filter.codes.has(typeCode(value))
    case '$size':
      return value => Array.isArray(value) && value.length === filter.size
    case '$mod':
      return value => {
        const whole = isNumber(value) ? toLong(value) : undefined
        return whole !== undefined && whole % filter.divisor === filter.remainder
      }
    case '$elemMatch':
      return elementTest(filter)
  }
}

function elementTest({
  filter,
  ofDocs,
}: Extract<Filter, { op: '$elemMatch' }>): (value: Value | undefined) => boolean {
  if (!ofDocs) {
    const test = compileElement(filter)
    return value => Array.isArray(value) && value.some(test)
  }
  const test = compileFilter(filter)
  return value =>
    Array.isArray(value) &&
    value.some(item =>
      isDoc(item)
        ? test(item)
        : Array.isArray(item) && test(new Map(item.map((inner, i) => [String(i), inner]))),
    )
}

/** Tests an element of an array by itself. An array inside the array is not searched. */
function compileElement(filter: Filter): (value: Value) => boolean {
  if (filter.op === '$and') {
    const tests = filter.filters.map(compileElement)
    return value => tests.every(test => test(value))
  }
  if (filter.op === '$not') {
    const test = compileElement(filter.filter)
    return value => !test(value)
  }
  if (filter.op === 'always') return () => filter.value
  return valueTest(filter as Leaf)
}

/**
 * Compares values of the same type only, except with MinKey and MaxKey. Null also matches a missing value.
 * NaN equals NaN and is neither greater nor less than anything. MongoDB manual, "db.collection.find()", type
 * bracketing:
 * https://www.mongodb.com/docs/manual/reference/method/db.collection.find/#type-bracketing
 */
function compareTo(op: Comparison, wanted: Value): (value: Value | undefined) => boolean {
  const withEqual = op !== '$gt' && op !== '$lt'
  if (wanted === null) return value => withEqual && (value === undefined || value === null)
  if (isNaNValue(wanted)) return value => withEqual && isNaNValue(value)
  const wantedClass = typeRank(wanted)
  const sign = op === '$gt' || op === '$gte' ? 1 : -1
  if (wanted instanceof MinKey || wanted instanceof MaxKey) {
    const otherwise = op !== '$eq' && sign === (wanted instanceof MinKey ? 1 : -1)
    return value => (typeRank(value) === wantedClass && value !== undefined ? withEqual : otherwise)
  }
  if (op === '$eq') return value => value !== undefined && equal(value, wanted)
  return value => {
    if (value === undefined || typeRank(value) !== wantedClass || isNaNValue(value)) return false
    const order = compare(value, wanted)
    return order === sign || (withEqual && order === 0)
  }
}

function matchesAny(values: Value[]): (value: Value | undefined) => boolean {
  const known = new Set(values.filter(value => value !== null).map(equalityKey))
  const regexes = values
    .filter(value => value instanceof BSONRegExp)
    .map(value => compileRegex(value.pattern, value.options))
  const hasNull = values.includes(null)
  return value => {
    if (value === undefined || value === null) return hasNull
    if (known.has(equalityKey(value))) return true
    return typeof value === 'string' && regexes.some(expression => expression.test(value))
  }
}
