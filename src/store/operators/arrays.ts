import { refusal } from '../errors'
import { identity } from '../keys'
import { isInt32, toIndex, toWhole } from '../number'
import { resultOfAverage, resultOfSum, startSum, takeSum } from '../sum'
import { compare, equal, isDoc, isNumber, toFloat, typeName, type Doc, type Value } from '../value'
import { truthy } from './logic'
import {
  argumentsOf,
  isNullish,
  namedArguments,
  takes,
  type Compile,
  type Evaluate,
  type Operator,
  type Operators,
  type Scope,
} from './operator'
import { checkVariable } from '../variables'

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/#array-expression-operators */
export const arrays: Operators = {
  $size: takes(1, 1, ([list]) => {
    if (!Array.isArray(list))
      throw refusal(17124, `The argument to $size must be an array, but was of type: ${typeName(list)}`)
    return list.length
  }),
  $isArray: takes(1, 1, ([value]) => Array.isArray(value)),
  $in: takes(2, 2, ([item, list]) => {
    if (!Array.isArray(list))
      throw refusal(40081, `$in requires an array as a second argument, found: ${typeName(list)}`)
    return list.some(other => equal(other, item ?? null) && (item !== undefined || other === undefined))
  }),
  $arrayElemAt: takes(2, 2, ([list, at]) => {
    if (isNullish(list) || isNullish(at)) return null
    if (!Array.isArray(list))
      throw refusal(28689, `$arrayElemAt's first argument must be an array, but is ${typeName(list)}`)
    if (!isNumber(at))
      throw refusal(28690, `$arrayElemAt's second argument must be a numeric value, but is ${typeName(at)}`)
    if (!isInt32(at))
      throw refusal(
        28691,
        `$arrayElemAt's second argument must be representable as a 32-bit integer: ${toFloat(at)}`,
      )
    return list.at(toFloat(at))
  }),
  $first: end('$first', 0),
  $last: end('$last', -1),
  $slice: takes(2, 3, values => {
    const [list, first, second] = values
    if (values.some(isNullish)) return null
    if (!Array.isArray(list))
      throw refusal(28724, `First argument to $slice must be an array, but is of type: ${typeName(list)}`)
    const [start, count] = [
      sliceArgument(first!, 'Second', 28725, 28726),
      second === undefined ? undefined : sliceArgument(second, 'Third', 28727, 28728),
    ]
    if (count === undefined) return start >= 0 ? list.slice(0, start) : list.slice(start)
    if (count <= 0) throw refusal(28729, `Third argument to $slice must be positive: ${count}`)
    const from = start < 0 ? Math.max(0, list.length + start) : start
    return list.slice(from, from + count)
  }),
  $concatArrays: takes(0, Infinity, lists => {
    const all: Value[] = []
    for (const list of lists) {
      if (isNullish(list)) return null
      if (!Array.isArray(list))
        throw refusal(28664, `$concatArrays only supports arrays, not ${typeName(list)}`)
      all.push(...list)
    }
    return all
  }),
  $reverseArray: takes(1, 1, ([list]) => {
    if (isNullish(list)) return null
    if (!Array.isArray(list))
      throw refusal(
        34435,
        `The argument to $reverseArray must be an array, but was of type: ${typeName(list)}`,
      )
    return list.toReversed()
  }),
  $indexOfArray: takes(2, 4, (values, name) => {
    const [list, item] = values
    if (isNullish(list)) return null
    if (!Array.isArray(list))
      throw refusal(40090, `$indexOfArray requires an array as a first argument, found: ${typeName(list)}`)
    const [start, end] = [
      position(name, values, 2, 'starting', 0),
      position(name, values, 3, 'ending', list.length),
    ]
    for (let i = start; i < Math.min(end, list.length); i++) if (compare(list[i], item) === 0) return i
    return -1
  }),
  $arrayToObject: takes(1, 1, ([list]) => arrayToObject(list)),
  $objectToArray: takes(1, 1, ([doc]) => {
    if (isNullish(doc)) return null
    if (!isDoc(doc)) throw refusal(40390, `$objectToArray requires a document input, found: ${typeName(doc)}`)
    return [...doc].map(
      ([k, v]): Value =>
        new Map([
          ['k', k as Value],
          ['v', v],
        ]),
    )
  }),
  $filter: (argument, compile, name) => {
    if (!isDoc(argument)) throw refusal(28646, '$filter only supports an object as its argument')
    const parts = namedArguments(name, argument, ['input', 'cond'], ['as', 'limit'], {
      object: 28646,
      unknown: 28647,
      missing: { input: 28648, cond: 28650 },
    })
    const { input, variable, body } = loop(compile, parts, 'cond')
    const limit = parts.has('limit') ? compile(parts.get('limit')!) : undefined
    return scope => {
      const list = input(scope)
      if (isNullish(list)) return null
      if (!Array.isArray(list))
        throw refusal(28651, `input to $filter must be an array not ${typeName(list)}`)
      const most = limitOf(limit?.(scope))
      const inner = { ...scope, vars: new Map(scope.vars) }
      const kept: Value[] = []
      for (const item of list) {
        if (truthy(body(bind(inner, variable, item)))) kept.push(item)
        if (kept.length >= most) break
      }
      return kept
    }
  },
  $map: (argument, compile, name) => {
    const parts = namedArguments(name, argument, ['input', 'in'], ['as'], {
      object: 16878,
      unknown: 16879,
      missing: { input: 16880, in: 16882 },
    })
    const { input, variable, body } = loop(compile, parts, 'in')
    return scope => {
      const list = input(scope)
      if (isNullish(list)) return null
      if (!Array.isArray(list)) throw refusal(16883, `input to $map must be an array not ${typeName(list)}`)
      const inner = { ...scope, vars: new Map(scope.vars) }
      return list.map(item => {
        return body(bind(inner, variable, item)) ?? null
      })
    }
  },
  $reduce: (argument, compile, name) => {
    const parts = namedArguments(name, argument, ['input', 'initialValue', 'in'], [], {
      object: 40075,
      unknown: 40076,
      missing: { input: 40077, initialValue: 40078, in: 40079 },
    })
    const [input, start] = [compile(parts.get('input')!), compile(parts.get('initialValue')!)]
    const body = compile(parts.get('in')!, ['this', 'value'])
    return scope => {
      const list = input(scope)
      if (isNullish(list)) return null
      if (!Array.isArray(list))
        throw refusal(40080, `$reduce requires that 'input' be an array, found: ${typeName(list)}`)
      const vars = new Map(scope.vars)
      let value = start(scope)
      for (const item of list) {
        vars.set('this', item).set('value', value)
        value = body({ ...scope, vars })
      }
      return value
    }
  },
  $setUnion: takes(0, Infinity, lists => {
    if (lists.some(isNullish)) return null
    return distinct(lists.flatMap(list => listOf(list, '$setUnion', 17043)))
  }),
  $setIntersection: takes(0, Infinity, lists => {
    if (lists.some(isNullish)) return null
    const sets = lists.map(list => listOf(list, '$setIntersection', 17047))
    const [first = [], ...rest] = sets
    const others = rest.map(list => new Set(list.map(identity)))
    return distinct(first).filter(item => others.every(set => set.has(identity(item))))
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
  $mergeObjects: takes(0, Infinity, docs => {
    const merged: Doc = new Map()
    const list = docs.length === 1 && Array.isArray(docs[0]) ? docs[0] : docs
    for (const doc of list) {
      if (isNullish(doc)) continue
      if (!isDoc(doc))
        throw refusal(
          40400,
          `$mergeObjects requires object inputs, but input ${String(doc)} is of type ${typeName(doc)}`,
        )
      for (const [name, value] of doc) merged.set(name, value)
    }
    return merged
  }),
  $sum: spread(values => resultOfSum(values.reduce(takeSum, startSum()))),
  $avg: spread(values => resultOfAverage(values.reduce(takeSum, startSum()))),
  $min: spread(values => extreme(values, -1)),
  $max: spread(values => extreme(values, 1)),
  $getField: (argument, compile, name) => {
    const parts =
      isDoc(argument) && (argument.has('field') || argument.has('input'))
        ? namedArguments(name, argument, ['field', 'input'], [], {
            object: 3041701,
            unknown: 3041701,
            missing: { field: 3041702, input: 3041703 },
          })
        : new Map<string, Value>([
            ['field', argument],
            ['input', '$$CURRENT'],
          ])
    const [field, input] = [compile(parts.get('field')!), compile(parts.get('input')!)]
    return scope => {
      const key = field(scope)
      if (typeof key !== 'string')
        throw refusal(
          3041704,
          `$getField requires 'field' to evaluate to type String, but got ${typeName(key)}`,
        )
      const doc = input(scope)
      return isNullish(doc) ? (doc === null ? null : undefined) : isDoc(doc) ? doc.get(key) : undefined
    }
  },
}

function end(name: string, at: 0 | -1): Operator {
  return takes(1, 1, ([list]) => {
    if (isNullish(list)) return null
    if (!Array.isArray(list))
      throw refusal(28689, `${name}'s argument must be an array, but is ${typeName(list)}`)
    return list.at(at)
  })
}

function sliceArgument(value: Value, which: string, wrongType: number, tooLarge: number): number {
  if (!isNumber(value))
    throw refusal(
      wrongType,
      `${which} argument to $slice must be numeric, but is of type: ${typeName(value)}`,
    )
  if (!isInt32(value))
    throw refusal(
      tooLarge,
      `${which} argument to $slice can't be represented as a 32-bit integer: ${toFloat(value)}`,
    )
  return toFloat(value)
}

/** A position in a string or array, as the $indexOf family takes it. */
export function position(
  name: string,
  values: Array<Value | undefined>,
  at: number,
  which: string,
  fallback: number,
): number {
  if (values.length <= at) return fallback
  const value = values[at]
  const index = isNumber(value) && isInt32(value) ? toIndex(value) : undefined
  if (index === undefined)
    throw refusal(
      40096,
      `${name} requires an integral ${which} index, found a value of type: ${typeName(value)}`,
    )
  if (index < 0) throw refusal(40097, `${name} requires a nonnegative ${which} index, found: ${index}`)
  return index
}

function loop(
  compile: Compile,
  parts: Doc,
  body: string,
): { input: Evaluate; variable: string; body: Evaluate } {
  const variable = parts.get('as') ?? 'this'
  if (typeof variable !== 'string') throw refusal(16866, "'as' must be a string")
  checkVariable(variable)
  return { input: compile(parts.get('input')!), variable, body: compile(parts.get(body)!, [variable]) }
}

/** CURRENT may be bound too; then field paths begin there. */
function bind(scope: Scope, variable: string, item: Value): Scope {
  if (variable === 'CURRENT') scope.current = item
  else scope.vars.set(variable, item)
  return scope
}

function limitOf(value: Value | undefined): number {
  if (isNullish(value)) return Infinity
  if (!isNumber(value) || !isInt32(value))
    throw refusal(327391, '$filter: limit must be represented as a 32-bit integral value')
  const limit = Number(toWhole(value))
  if (limit < 1) throw refusal(327392, '$filter: limit must be greater than 0')
  return limit
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

/** Accumulators as expressions: one argument that is an array stands for its elements. */
function spread(evaluate: (values: Array<Value | undefined>) => Value): Operator {
  return (argument, compile, name) => {
    const parts = argumentsOf(name, argument, 0, Infinity).map(part => compile(part))
    return scope => {
      const values = parts.map(part => part(scope))
      return evaluate(values.length === 1 && Array.isArray(values[0]) ? values[0] : values)
    }
  }
}

function extreme(values: Array<Value | undefined>, sign: 1 | -1): Value {
  let best: Value | undefined
  for (const value of values)
    if (!isNullish(value) && (best === undefined || compare(value, best) * sign > 0)) best = value
  return best ?? null
}

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/arrayToObject/ */
function arrayToObject(list: Value | undefined): Value {
  if (isNullish(list)) return null
  if (!Array.isArray(list))
    throw refusal(40386, `$arrayToObject requires an array input, found: ${typeName(list)}`)
  const doc: Doc = new Map()
  const pairs = Array.isArray(list[0])
  for (const item of list) {
    if (pairs) {
      if (!Array.isArray(item))
        throw refusal(
          40396,
          `$arrayToObject requires a consistent input format. Elements must all be arrays or all be objects. Array was detected, now found: ${typeName(item)}`,
        )
      if (item.length !== 2)
        throw refusal(
          40397,
          `$arrayToObject requires an array of size 2 arrays, found array of size: ${item.length}`,
        )
      if (typeof item[0] !== 'string')
        throw refusal(
          40395,
          `$arrayToObject requires an array of key-value pairs, where the key must be of type string. Found key type: ${typeName(item[0])}`,
        )
      if (item[0].includes('\0')) throw refusal(4940400, 'Key field cannot contain an embedded null byte')
      doc.set(item[0], item[1]!)
      continue
    }
    if (!isDoc(item))
      throw Array.isArray(item)
        ? refusal(
            40391,
            'Elements must all be arrays or all be objects. Object was detected, now found: array',
          )
        : refusal(
            list.indexOf(item) === 0 ? 40398 : 40391,
            `Unrecognised input type format for $arrayToObject: ${typeName(item)}`,
          )
    if (item.size !== 2)
      throw refusal(
        40392,
        `$arrayToObject requires an object keys of 'k' and 'v'. Found incorrect number of keys:${item.size}`,
      )
    if (!item.has('k') || !item.has('v'))
      throw refusal(
        40393,
        "$arrayToObject requires an object with keys 'k' and 'v'. Missing either or both keys from object",
      )
    const key = item.get('k')
    if (typeof key !== 'string')
      throw refusal(
        40394,
        `$arrayToObject requires an object with keys 'k' and 'v', where the value of 'k' must be of type string. Found type: ${typeName(key)}`,
      )
    if (key.includes('\0')) throw refusal(4940401, 'Key field cannot contain an embedded null byte')
    doc.set(key, item.get('v')!)
  }
  return doc
}
