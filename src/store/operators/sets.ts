import { refusal } from '../errors'
import { identity } from '../keys'
import { compare, typeName, type Value } from '../value'
import { truthy } from './logic'
import { isNullish, takes, type Operators } from './operator'

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/#set-expression-operators */
export const sets: Operators = {
  $setUnion: takes(0, Infinity, lists => {
    const sets = untilNull(lists, '$setUnion', 17043)
    return sets && distinct(sets.flat()).sort(compare)
  }),
  $setIntersection: takes(0, Infinity, lists => {
    const sets = untilNull(lists, '$setIntersection', 17047)
    if (!sets) return null
    const [first = [], ...rest] = sets
    const others = rest.map(list => new Set(list.map(identity)))
    return distinct(first)
      .filter(item => others.every(set => set.has(identity(item))))
      .sort(compare)
  }),
  $setDifference: takes(2, 2, ([a, b]) => {
    if (isNullish(a) || isNullish(b)) return null
    if (!Array.isArray(a))
      throw refusal(
        17048,
        `both operands of $setDifference must be arrays. First argument is of type: ${typeName(a)}`,
      )
    if (!Array.isArray(b))
      throw refusal(
        17049,
        `both operands of $setDifference must be arrays. Second argument is of type: ${typeName(b)}`,
      )
    const other = new Set(b.map(identity))
    return distinct(a).filter(item => !other.has(identity(item)))
  }),
  $setEquals: (argument, compile, name) => {
    const list = Array.isArray(argument) ? argument : [argument]
    if (list.length < 2) throw refusal(17045, '$setEquals needs at least two arguments had: 1')
    const parts = list.map(part => compile(part))
    return scope => {
      const [first, ...rest] = parts.map(part => new Set(listOf(part(scope), name, 17044).map(identity)))
      return rest.every(set => set.size === first!.size && [...set].every(key => first!.has(key)))
    }
  },
  $setIsSubset: takes(2, 2, ([a, b]) => {
    if (!Array.isArray(a))
      throw refusal(
        17046,
        `both operands of $setIsSubset must be arrays. First argument is of type: ${typeName(a)}`,
      )
    if (!Array.isArray(b))
      throw refusal(
        17042,
        `both operands of $setIsSubset must be arrays. Second argument is of type: ${typeName(b)}`,
      )
    const other = new Set(b.map(identity))
    return a.every(item => other.has(identity(item)))
  }),
  $allElementsTrue: takes(1, 1, ([list]) => listOf(list, '$allElementsTrue', 17040).every(truthy)),
  $anyElementTrue: takes(1, 1, ([list]) => listOf(list, '$anyElementTrue', 17041).some(truthy)),
}

/** Arguments are looked at in their order, so what comes after a null may be anything. */
function untilNull(lists: Array<Value | undefined>, name: string, code: number): Value[][] | null {
  const sets: Value[][] = []
  for (const list of lists) {
    if (isNullish(list)) return null
    sets.push(listOf(list, name, code))
  }
  return sets
}

function listOf(value: Value | undefined, name: string, code: number): Value[] {
  if (Array.isArray(value)) return value
  throw refusal(code, `All operands of ${name} must be arrays. One argument is of type: ${typeName(value)}`)
}

function distinct(list: Value[]): Value[] {
  const seen = new Map<string, Value>()
  for (const item of list) if (!seen.has(identity(item))) seen.set(identity(item), item)
  return [...seen.values()]
}
