import { notImplemented, refusal } from './errors'
import { compileIn } from './expression'
import { identity } from './keys'
import { resultOfAverage, resultOfSum, startSum, takeSum } from './sum'
import type { Evaluate, Scope } from './operators/operator'
import { compare, isDoc, typeName, type Doc, type Value } from './value'

export interface Accumulator {
  take(scope: Scope): void
  result(): Value | undefined
}

type Make = (argument: Value) => () => Accumulator

/** An accumulator that sees one value a document. */
function over<S>(
  start: () => S,
  take: (state: S, value: Value | undefined) => S,
  result: (state: S) => Value | undefined,
): Make {
  return argument => {
    const evaluate: Evaluate = compileIn(argument)
    return () => {
      let state = start()
      return {
        take: scope => {
          state = take(state, evaluate(scope))
        },
        result: () => result(state),
      }
    }
  }
}

function best(sign: 1 | -1): Make {
  return over<Value | undefined>(
    () => undefined,
    (state, value) => {
      if (value === undefined || value === null) return state
      return state === undefined || compare(value, state) * sign > 0 ? value : state
    },
    state => state ?? null,
  )
}

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/group/#accumulator-operator */
export const accumulators: Record<string, Make> = {
  $sum: over(startSum, takeSum, resultOfSum),
  $avg: over(startSum, takeSum, resultOfAverage),
  $min: best(-1),
  $max: best(1),
  $first: over<{ value?: Value | undefined; is: boolean }>(
    () => ({ is: false }),
    (state, value) => (state.is ? state : { value, is: true }),
    state => state.value ?? null,
  ),
  $last: over<Value | undefined>(
    () => undefined,
    (_, value) => value,
    state => state ?? null,
  ),
  $push: over<Value[]>(
    () => [],
    (state, value) => {
      if (value !== undefined) state.push(value)
      return state
    },
    state => state,
  ),
  $addToSet: over<Map<string, Value>>(
    () => new Map(),
    (state, value) => {
      if (value !== undefined && !state.has(identity(value))) state.set(identity(value), value)
      return state
    },
    state => [...state.values()],
  ),
  $count: argument => {
    if (!isDoc(argument) || argument.size > 0) throw refusal(9, '$count takes no arguments, i.e. $count:{}')
    return accumulators.$sum!(1)
  },
  $mergeObjects: over<Doc>(
    () => new Map(),
    (state, value) => {
      if (value === undefined || value === null) return state
      if (!isDoc(value))
        throw refusal(
          40400,
          `$mergeObjects requires object inputs, but input ${String(value)} is of type ${typeName(value)}`,
        )
      for (const [name, item] of value) state.set(name, item)
      return state
    },
    state => state,
  ),
}

const known = new Set([
  '$top',
  '$topN',
  '$bottom',
  '$bottomN',
  '$firstN',
  '$lastN',
  '$minN',
  '$maxN',
  '$stdDevPop',
  '$stdDevSamp',
  '$median',
  '$percentile',
  '$accumulator',
  '$setUnion',
  '$concatArrays',
])

export function makeAccumulator(field: string, spec: Value): () => Accumulator {
  if (!isDoc(spec)) throw refusal(40234, `The field '${field}' must be an accumulator object`)
  if (spec.size !== 1) throw refusal(40238, `The field '${field}' must specify one accumulator`)
  const [[name, argument]] = spec as unknown as [[string, Value]]
  const make = Object.hasOwn(accumulators, name) ? accumulators[name] : undefined
  if (!make) {
    if (known.has(name)) throw notImplemented(`the accumulator ${name}`)
    throw refusal(15952, `unknown group operator '${name}'`)
  }
  if (Array.isArray(argument)) throw refusal(40237, `The ${name} accumulator is a unary operator`)
  return make(argument)
}
