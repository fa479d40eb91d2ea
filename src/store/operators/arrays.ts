import { refusal } from '../errors'
import { isInt32, toIndex, toWhole } from '../number'
import { resultOfAverage, resultOfSum, startSum, takeSum } from '../sum'
import { compare, equal, isDoc, isNumber, toFloat, typeName, type Doc, type Value } from '../value'
import { truthy } from './logic'
import {
  argumentsOf,
  bind,
  isNullish,
  namedArguments,
  takes,
  type Compile,
  type Evaluate,
  type Operator,
  type Operators,
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
    if (isNullish(list) || isNullish(first)) return null
    if (!Array.isArray(list))
      throw refusal(28724, `First argument to $slice must be an array, but is of type: ${typeName(list)}`)
    const start = sliceArgument(first, 'Second', 28725, 28726)
    if (values.length === 2) return start >= 0 ? list.slice(0, start) : list.slice(start)
    if (isNullish(second)) return null
    const count = sliceArgument(second, 'Third', 28727, 28728)
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
  $sum: spread(values => resultOfSum(values.reduce(takeSum, startSum()))),
  $avg: spread(values => resultOfAverage(values.reduce(takeSum, startSum()))),
  $min: spread(values => extreme(values, -1)),
  $max: spread(values => extreme(values, 1)),
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

function limitOf(value: Value | undefined): number {
  if (isNullish(value)) return Infinity
  if (!isNumber(value) || !isInt32(value))
    throw refusal(327391, '$filter: limit must be represented as a 32-bit integral value')
  const limit = Number(toWhole(value))
  if (limit < 1) throw refusal(327392, '$filter: limit must be greater than 0')
  return limit
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
