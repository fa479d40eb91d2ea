import { serverError } from '../errors'
import { isInt32, toLong, toSafeInteger } from '../number'
import { addToSum, averageOf, startSum, sumOf } from '../running-sum'
import { compare, equal, isDoc, isNumber, toFloat, typeName, type Doc, type Value } from '../value'
import { checkVariableName } from '../variables'
import { truthy } from './logic'
import {
  argumentsOf,
  bind,
  isNullish,
  namedArguments,
  spend,
  withArity,
  type Compile,
  type Evaluate,
  type Operator,
  type Operators,
} from './operator'

/**
 * MongoDB manual, "Aggregation Operators", array expression operators:
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/#array-expression-operators
 */
export const arrays: Operators = {
  $size: withArity(1, 1, ([list]) => {
    if (!Array.isArray(list))
      throw serverError(17124, `The argument to $size must be an array, but was of type: ${typeName(list)}`)
    return list.length
  }),
  $isArray: withArity(1, 1, ([value]) => Array.isArray(value)),
  $in: withArity(2, 2, ([item, list]) => {
    if (!Array.isArray(list))
      throw serverError(40081, `$in requires an array as a second argument, found: ${typeName(list)}`)
    spend(list.length, 0)
    return list.some(other => equal(other, item ?? null) && (item !== undefined || other === undefined))
  }),
  $arrayElemAt: withArity(2, 2, ([list, at]) => {
    if (isNullish(list) || isNullish(at)) return null
    if (!Array.isArray(list))
      throw serverError(28689, `$arrayElemAt's first argument must be an array, but is ${typeName(list)}`)
    if (!isNumber(at))
      throw serverError(
        28690,
        `$arrayElemAt's second argument must be a numeric value, but is ${typeName(at)}`,
      )
    if (!isInt32(at))
      throw serverError(
        28691,
        `$arrayElemAt's second argument must be representable as a 32-bit integer: ${toFloat(at)}`,
      )
    return list.at(toFloat(at))
  }),
  $first: endElement('$first', 0),
  $last: endElement('$last', -1),
  $slice: withArity(2, 3, values => {
    const [list, first, second] = values
    if (isNullish(list) || isNullish(first)) return null
    if (!Array.isArray(list))
      throw serverError(28724, `First argument to $slice must be an array, but is of type: ${typeName(list)}`)
    const start = sliceArgument(first, 'Second', 28725, 28726)
    if (values.length === 2) return start >= 0 ? list.slice(0, start) : list.slice(start)
    if (isNullish(second)) return null
    const count = sliceArgument(second, 'Third', 28727, 28728)
    if (count <= 0) throw serverError(28729, `Third argument to $slice must be positive: ${count}`)
    const from = start < 0 ? Math.max(0, list.length + start) : start
    return list.slice(from, from + count)
  }),
  $concatArrays: withArity(0, Infinity, lists => {
    const all: Value[] = []
    for (const list of lists) {
      if (isNullish(list)) return null
      if (!Array.isArray(list))
        throw serverError(28664, `$concatArrays only supports arrays, not ${typeName(list)}`)
      spend(0, 8 * list.length)
      for (const item of list) all.push(item)
    }
    return all
  }),
  $reverseArray: withArity(1, 1, ([list]) => {
    if (isNullish(list)) return null
    if (!Array.isArray(list))
      throw serverError(
        34435,
        `The argument to $reverseArray must be an array, but was of type: ${typeName(list)}`,
      )
    return list.toReversed()
  }),
  $indexOfArray: withArity(2, 4, (values, name) => {
    const [list, item] = values
    if (isNullish(list)) return null
    if (!Array.isArray(list))
      throw serverError(
        40090,
        `$indexOfArray requires an array as a first argument, found: ${typeName(list)}`,
      )
    const [start, endElement] = [
      indexArgument(name, values, 2, 'starting', 0),
      indexArgument(name, values, 3, 'ending', list.length),
    ]
    spend(list.length, 0)
    for (let i = start; i < Math.min(endElement, list.length); i++) if (compare(list[i], item) === 0) return i
    return -1
  }),
  $filter: (argument, compile, name) => {
    if (!isDoc(argument)) throw serverError(28646, '$filter only supports an object as its argument')
    const parts = namedArguments(name, argument, ['input', 'cond'], ['as', 'limit'], {
      object: 28646,
      unknown: 28647,
      missing: { input: 28648, cond: 28650 },
    })
    const { input, variable, body } = compileLoop(compile, parts, 'cond')
    const limit = parts.has('limit') ? compile(parts.get('limit')!) : undefined
    return scope => {
      const list = input(scope)
      if (isNullish(list)) return null
      if (!Array.isArray(list))
        throw serverError(28651, `input to $filter must be an array not ${typeName(list)}`)
      const most = limitOf(limit?.(scope))
      const inner = { ...scope, vars: new Map(scope.vars) }
      const kept: Value[] = []
      for (const item of list) {
        spend(1, 0)
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
    const { input, variable, body } = compileLoop(compile, parts, 'in')
    return scope => {
      const list = input(scope)
      if (isNullish(list)) return null
      if (!Array.isArray(list))
        throw serverError(16883, `input to $map must be an array not ${typeName(list)}`)
      const inner = { ...scope, vars: new Map(scope.vars) }
      return list.map(item => {
        spend(1, 8)
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
        throw serverError(40080, `$reduce requires that 'input' be an array, found: ${typeName(list)}`)
      const vars = new Map(scope.vars)
      let value = start(scope)
      for (const item of list) {
        spend(1, 0)
        vars.set('this', item).set('value', value)
        value = body({ ...scope, vars })
      }
      return value
    }
  },
  $sum: overArguments(values => sumOf(values.reduce(addToSum, startSum()))),
  $avg: overArguments(values => averageOf(values.reduce(addToSum, startSum()))),
  $min: overArguments(values => extreme(values, -1)),
  $max: overArguments(values => extreme(values, 1)),
}

function endElement(name: string, at: 0 | -1): Operator {
  return withArity(1, 1, ([list]) => {
    if (isNullish(list)) return null
    if (!Array.isArray(list))
      throw serverError(28689, `${name}'s argument must be an array, but is ${typeName(list)}`)
    return list.at(at)
  })
}

function sliceArgument(value: Value, which: string, wrongType: number, tooLarge: number): number {
  if (!isNumber(value))
    throw serverError(
      wrongType,
      `${which} argument to $slice must be numeric, but is of type: ${typeName(value)}`,
    )
  if (!isInt32(value))
    throw serverError(
      tooLarge,
      `${which} argument to $slice can't be represented as a 32-bit integer: ${toFloat(value)}`,
    )
  return toFloat(value)
}

/**
 * Returns a start or end argument of $indexOfArray or $indexOfCP; `fallback` when it was not given.
 *
 * @throws 40096 when it is not an int, 40097 when it is negative
 */
export function indexArgument(
  name: string,
  values: Array<Value | undefined>,
  at: number,
  which: string,
  fallback: number,
): number {
  if (values.length <= at) return fallback
  const value = values[at]
  const index = isNumber(value) && isInt32(value) ? toSafeInteger(value) : undefined
  if (index === undefined)
    throw serverError(
      40096,
      `${name} requires an integral ${which} index, found a value of type: ${typeName(value)}`,
    )
  if (index < 0) throw serverError(40097, `${name} requires a nonnegative ${which} index, found: ${index}`)
  return index
}

function compileLoop(
  compile: Compile,
  parts: Doc,
  body: string,
): { input: Evaluate; variable: string; body: Evaluate } {
  const variable = parts.get('as') ?? 'this'
  if (typeof variable !== 'string') throw serverError(16866, "'as' must be a string")
  checkVariableName(variable)
  return { input: compile(parts.get('input')!), variable, body: compile(parts.get(body)!, [variable]) }
}

function limitOf(value: Value | undefined): number {
  if (isNullish(value)) return Infinity
  if (!isNumber(value) || !isInt32(value))
    throw serverError(327391, '$filter: limit must be represented as a 32-bit integral value')
  const limit = Number(toLong(value))
  if (limit < 1) throw serverError(327392, '$filter: limit must be greater than 0')
  return limit
}

/**
 * Compiles an accumulator that is used as an expression. A single argument that is an array is replaced by
 * its elements.
 */
function overArguments(evaluate: (values: Array<Value | undefined>) => Value): Operator {
  return (argument, compile, name) => {
    const parts = argumentsOf(name, argument, 0, Infinity).map(part => compile(part))
    return scope => {
      const given = parts.map(part => part(scope))
      const values = given.length === 1 && Array.isArray(given[0]) ? given[0] : given
      spend(values.length, 0)
      return evaluate(values)
    }
  }
}

function extreme(values: Array<Value | undefined>, sign: 1 | -1): Value {
  let best: Value | undefined
  for (const value of values)
    if (!isNullish(value) && (best === undefined || compare(value, best) * sign > 0)) best = value
  return best ?? null
}
