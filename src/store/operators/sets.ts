import { serverError } from '../errors'
import { equalityKey } from '../keys'
import { compare, typeName, type Value } from '../value'
import { truthy } from './logic'
import { isNullish, spend, withArity, type Operators } from './operator'

/**
 * MongoDB manual, "Aggregation Operators", set expression operators:
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/#set-expression-operators
 */
export const sets: Operators = {
  $setUnion: withArity(0, Infinity, lists => {
    const sets = untilNull(lists, '$setUnion', 17043)
    return sets && distinct(sets.flat()).sort(compare)
  }),
  $setIntersection: withArity(0, Infinity, lists => {
    const sets = untilNull(lists, '$setIntersection', 17047)
    if (!sets) return null
    const [first = [], ...rest] = sets
    const others = rest.map(list => new Set(list.map(equalityKey)))
    return distinct(first)
      .filter(item => others.every(set => set.has(equalityKey(item))))
      .sort(compare)
  }),
  $setDifference: withArity(2, 2, ([a, b]) => {
    if (isNullish(a) || isNullish(b)) return null
    if (!Array.isArray(a))
      throw serverError(
        17048,
        `both operands of $setDifference must be arrays. First argument is of type: ${typeName(a)}`,
      )
    if (!Array.isArray(b))
      throw serverError(
        17049,
        `both operands of $setDifference must be arrays. Second argument is of type: ${typeName(b)}`,
      )
    spend(a.length + b.length, 8 * a.length)
    const other = new Set(b.map(equalityKey))
    return distinct(a).filter(item => !other.has(equalityKey(item)))
  }),
  $setEquals: (argument, compile, name) => {
    const list = Array.isArray(argument) ? argument : [argument]
    if (list.length < 2) throw serverError(17045, '$setEquals needs at least two arguments had: 1')
    const parts = list.map(part => compile(part))
    return scope => {
      const [first, ...rest] = parts.map(
        part => new Set(requireArray(part(scope), name, 17044).map(equalityKey)),
      )
      return rest.every(set => set.size === first!.size && [...set].every(key => first!.has(key)))
    }
  },
  $setIsSubset: withArity(2, 2, ([a, b]) => {
    if (!Array.isArray(a))
      throw serverError(
        17046,
        `both operands of $setIsSubset must be arrays. First argument is of type: ${typeName(a)}`,
      )
    if (!Array.isArray(b))
      throw serverError(
        17042,
        `both operands of $setIsSubset must be arrays. Second argument is of type: ${typeName(b)}`,
      )
    spend(a.length + b.length, 0)
    const other = new Set(b.map(equalityKey))
    return a.every(item => other.has(equalityKey(item)))
  }),
  $allElementsTrue: withArity(1, 1, ([list]) => requireArray(list, '$allElementsTrue', 17040).every(truthy)),
  $anyElementTrue: withArity(1, 1, ([list]) => requireArray(list, '$anyElementTrue', 17041).some(truthy)),
}

/** Checks arguments from left to right and stops at the first null, so anything may follow a null. */
function untilNull(lists: Array<Value | undefined>, name: string, code: number): Value[][] | null {
  const sets: Value[][] = []
  for (const list of lists) {
    if (isNullish(list)) return null
    sets.push(requireArray(list, name, code))
  }
  return sets
}

function requireArray(value: Value | undefined, name: string, code: number): Value[] {
  if (Array.isArray(value)) {
    spend(value.length, 8 * value.length)
    return value
  }
  throw serverError(
    code,
    `All operands of ${name} must be arrays. One argument is of type: ${typeName(value)}`,
  )
}

function distinct(list: Value[]): Value[] {
  const seen = new Map<string, Value>()
  for (const item of list) if (!seen.has(equalityKey(item))) seen.set(equalityKey(item), item)
  return [...seen.values()]
}
