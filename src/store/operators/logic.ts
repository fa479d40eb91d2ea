import { serverError } from '../errors'
import { compare, isDoc, isNumber, toFloat, type Value } from '../value'
import { argumentsOf, isNullish, namedArguments, withArity, type Operator, type Operators } from './operator'

/**
 * Returns the truth value of an expression: false for false, null, 0 and missing values. MongoDB manual,
 * "$and (aggregation)": https://www.mongodb.com/docs/manual/reference/operator/aggregation/and/
 */
export function truthy(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === false) return false
  return !isNumber(value) || toFloat(value) !== 0
}

function comparison(holds: (order: number) => boolean): Operator {
  return withArity(2, 2, ([a, b]) => holds(compare(a, b)))
}

/**
 * MongoDB manual, "Aggregation Operators", comparison, boolean and conditional expression operators:
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/#comparison-expression-operators
 */
export const logic: Operators = {
  $cmp: withArity(2, 2, ([a, b]) => compare(a, b)),
  $eq: comparison(order => order === 0),
  $ne: comparison(order => order !== 0),
  $gt: comparison(order => order > 0),
  $gte: comparison(order => order >= 0),
  $lt: comparison(order => order < 0),
  $lte: comparison(order => order <= 0),
  $and: (argument, compile) => {
    const parts = (Array.isArray(argument) ? argument : [argument]).map(part => compile(part))
    return scope => parts.every(part => truthy(part(scope)))
  },
  $or: (argument, compile) => {
    const parts = (Array.isArray(argument) ? argument : [argument]).map(part => compile(part))
    return scope => parts.some(part => truthy(part(scope)))
  },
  $not: withArity(1, 1, ([value]) => !truthy(value)),
  $cond: (argument, compile, name) => {
    const [test, yes, no] = condParts(argument, name).map(part => compile(part)) as [never, never, never] &
      Array<ReturnType<typeof compile>>
    const [when, then, otherwise] = [test, yes, no] as Array<ReturnType<typeof compile>>
    return scope => (truthy(when!(scope)) ? then!(scope) : otherwise!(scope))
  },
  $ifNull: (argument, compile, name) => {
    const list = Array.isArray(argument) ? argument : [argument]
    if (list.length < 2)
      throw serverError(1257300, `${name} needs at least two arguments, had: ${list.length}`)
    const parts = list.map(part => compile(part))
    return scope => {
      let value: Value | undefined
      for (const part of parts) if (!isNullish((value = part(scope)))) return value
      return value
    }
  },
  $switch: (argument, compile) => {
    if (!isDoc(argument)) throw serverError(40060, '$switch requires an object as an argument')
    for (const key of argument.keys())
      if (key !== 'branches' && key !== 'default')
        throw serverError(40067, `$switch found an unknown argument: ${key}`)
    const list = argument.get('branches') ?? []
    if (!Array.isArray(list)) throw serverError(40061, "$switch expected an array for 'branches'")
    const branches = list.map(branch => {
      if (!isDoc(branch)) throw serverError(40062, '$switch expected each branch to be an object')
      for (const key of branch.keys())
        if (key !== 'case' && key !== 'then')
          throw serverError(40063, `$switch found an unknown argument to a branch: ${key}`)
      if (!branch.has('case'))
        throw serverError(40064, "$switch requires each branch have a 'case' expression")
      if (!branch.has('then'))
        throw serverError(40065, "$switch requires each branch have a 'then' expression.")
      return { test: compile(branch.get('case')!), then: compile(branch.get('then')!) }
    })
    if (branches.length === 0) throw serverError(40068, '$switch requires at least one branch')
    const fallback = argument.has('default') ? compile(argument.get('default')!) : undefined
    return scope => {
      for (const branch of branches) if (truthy(branch.test(scope))) return branch.then(scope)
      if (!fallback)
        throw serverError(
          40066,
          '$switch could not find a matching branch for an input, and no default was specified.',
        )
      return fallback(scope)
    }
  },
}

function condParts(argument: Value, name: string): Value[] {
  if (!isDoc(argument)) return argumentsOf(name, argument, 3, 3)
  const parts = namedArguments(name, argument, ['if', 'then', 'else'], [], {
    object: 16020,
    unknown: 17083,
    missing: { if: 17080, then: 17081, else: 17082 },
  })
  return [parts.get('if')!, parts.get('then')!, parts.get('else')!]
}
