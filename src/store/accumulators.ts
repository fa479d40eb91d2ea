import { notImplemented, serverError } from './errors'
import { compileInScope } from './expression'
import { equalityKey } from './keys'
import { memoryOf } from './memory'
import type { Evaluate, Scope } from './operators/operator'
import { addToSum, averageOf, startSum, sumOf } from './running-sum'
import { compare, isDoc, typeName, type Doc, type Value } from './value'

/** The running state of one accumulator in one group. */
export interface Accumulator {
  /** Returns by how many bytes the memory of its state grew, about. */
  take(scope: Scope): number
  result(): Value | undefined
}

type Make = (argument: Value) => () => Accumulator

/**
 * Builds an accumulator that evaluates its argument once per document.
 *
 * @param memory returns about how many bytes a state takes; a list of values is measured as it grows
 */
function perDocument<S>(
  start: () => S,
  take: (state: S, value: Value | undefined) => S,
  result: (state: S) => Value | undefined,
  memory: (state: S, value: Value | undefined) => number = () => 0,
): Make {
  return argument => {
    const evaluate: Evaluate = compileInScope(argument)
    return () => {
      let state = start()
      return {
        take: scope => {
          const value = evaluate(scope)
          const before = memory(state, value)
          state = take(state, value)
          return memory(state, value) - before
        },
        result: () => result(state),
      }
    }
  }
}

function extremum(sign: 1 | -1): Make {
  return perDocument<Value | undefined>(
    () => undefined,
    (state, value) => {
      if (value === undefined || value === null) return state
      return state === undefined || compare(value, state) * sign > 0 ? value : state
    },
    state => state ?? null,
    memoryOf,
  )
}

/**
 * The accumulators of $group, by name. MongoDB manual, "$group (aggregation)", accumulator operators:
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/group/#accumulator-operator
 */
export const accumulators: Record<string, Make> = {
  $sum: perDocument(startSum, addToSum, sumOf),
  $avg: perDocument(startSum, addToSum, averageOf),
  $min: extremum(-1),
  $max: extremum(1),
  $first: perDocument<{ value?: Value | undefined; is: boolean }>(
    () => ({ is: false }),
    (state, value) => (state.is ? state : { value, is: true }),
    state => state.value ?? null,
    ({ value }) => memoryOf(value),
  ),
  $last: perDocument<Value | undefined>(
    () => undefined,
    (_, value) => value,
    state => state ?? null,
    memoryOf,
  ),
  $push: perDocument<Value[]>(
    () => [],
    (state, value) => {
      if (value !== undefined) state.push(value)
      return state
    },
    state => state,
    (state, value) => state.length * memoryOf(value),
  ),
  $addToSet: perDocument<Map<string, Value>>(
    () => new Map(),
    (state, value) => {
      if (value !== undefined && !state.has(equalityKey(value))) state.set(equalityKey(value), value)
      return state
    },
    state => [...state.values()],
    (state, value) => state.size * 2 * memoryOf(value),
  ),
  $count: argument => {
    if (!isDoc(argument) || argument.size > 0)
      throw serverError(9, '$count takes no arguments, i.e. $count:{}')
    return accumulators.$sum!(1)
  },
  $mergeObjects: perDocument<Doc>(
    () => new Map(),
    (state, value) => {
      if (value === undefined || value === null) return state
      if (!isDoc(value))
        throw serverError(
          40400,
          `$mergeObjects requires object inputs, but input ${String(value)} is of type ${typeName(value)}`,
        )
      for (const [name, item] of value) state.set(name, item)
      return state
    },
    state => state,
    (state, value) =>
      isDoc(value) ? [...value.keys()].reduce((sum, name) => sum + memoryOf(state.get(name)), 0) : 0,
  ),
}

const unsupportedAccumulators = new Set([
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

/**
 * Compiles one output field of $group.
 *
 * @returns a function that makes the accumulator of a new group
 * @throws 40234 or 40238 when `spec` is not an object with exactly one field, 40237 when the argument is an
 *   array, 238 when MongoDB has the accumulator but this store does not, 15952 when MongoDB does not have it
 *   either
 */
export function makeAccumulator(field: string, spec: Value): () => Accumulator {
  if (!isDoc(spec)) throw serverError(40234, `The field '${field}' must be an accumulator object`)
  if (spec.size !== 1) throw serverError(40238, `The field '${field}' must specify one accumulator`)
  const [name, argument] = spec.entries().next().value!
  const make = Object.hasOwn(accumulators, name) ? accumulators[name] : undefined
  if (!make) {
    if (unsupportedAccumulators.has(name)) throw notImplemented(`the accumulator ${name}`)
    throw serverError(15952, `unknown group operator '${name}'`)
  }
  if (Array.isArray(argument)) throw serverError(40237, `The ${name} accumulator is a unary operator`)
  return make(argument)
}
