import { serverError } from '../errors'
import { isDoc, type Doc, type Value } from '../value'

/** What an expression sees: the document, `$$CURRENT`, and variables such as those of $let and $map. */
export interface Scope {
  root: Value
  current: Value | undefined
  vars: Map<string, Value | undefined>
}

/** Evaluates a compiled expression. Undefined means a missing value. */
export type Evaluate = (scope: Scope) => Value | undefined

/** What an expression may take for one document: steps, and the bytes of all values that it makes (estimated). */
const [maxSteps, maxBytes] = [10_000_000, 256 * 1024 * 1024]

let [steps, bytes] = [0, 0]

/** Starts to count what an expression takes. Nothing else is evaluated until it has its value. */
export function startMeter(): void {
  steps = 0
  bytes = 0
}

/**
 * Counts what a part of an expression takes, before it does so.
 *
 * @throws 50 for too many steps, 292 for too many bytes
 */
export function spend(moreSteps: number, moreBytes: number): void {
  steps += moreSteps
  bytes += moreBytes
  if (steps > maxSteps) throw serverError(50, `An expression exceeded ${maxSteps} steps for one document.`)
  if (bytes > maxBytes)
    throw serverError(292, `An expression exceeded memory limit of ${maxBytes} bytes for one document.`)
}

/** Counts a value that an operator made, without the values in it, which were counted before. */
export function spendOn(value: Value | undefined): void {
  if (typeof value === 'string') spend(1, value.length)
  else if (Array.isArray(value)) spend(1, 32 + 8 * value.length)
  else spend(1, value instanceof Map ? 100 + 40 * value.size : 0)
}

/** Compiles a part of an expression, which may also use the variables in `vars`. */
export type Compile = (part: Value, vars?: string[]) => Evaluate

/** Compiles `{ name: argument }`. */
export type Operator = (argument: Value, compile: Compile, name: string) => Evaluate

/** Operators by name. */
export type Operators = Record<string, Operator>

/** Creates an operator with `least` to `most` arguments, which are evaluated from left to right. */
export function withArity(
  least: number,
  most: number,
  evaluate: (values: Array<Value | undefined>, name: string) => Value | undefined,
): Operator {
  return (argument, compile, name) => {
    const parts = argumentsOf(name, argument, least, most).map(part => compile(part))
    if (parts.length === 1) {
      const only = parts[0]!
      return scope => evaluate([only(scope)], name)
    }
    return scope =>
      evaluate(
        parts.map(part => part(scope)),
        name,
      )
  }
}

/**
 * Returns the arguments of an operator as a list.
 *
 * @throws 16020 or 28667 for the wrong number of arguments
 */
export function argumentsOf(name: string, argument: Value, least: number, most: number): Value[] {
  const list = Array.isArray(argument) ? argument : [argument]
  if (list.length >= least && list.length <= most) return list
  if (least === most)
    throw serverError(
      16020,
      `Expression ${name} takes exactly ${least} arguments. ${list.length} were passed in.`,
    )
  if (most === Infinity)
    throw serverError(
      28667,
      `Expression ${name} takes at least ${least} arguments, and ${list.length} were passed in.`,
    )
  throw serverError(
    28667,
    `Expression ${name} takes at least ${least} arguments, and at most ${most}, but ${list.length} were passed in.`,
  )
}

/**
 * The error codes of an operator with named arguments: for an argument that is not an object, for an unknown
 * name, and for a missing one.
 */
export interface ArgumentErrorCodes {
  object: number
  unknown: number
  missing: number | Record<string, number>
}

/**
 * Returns the named arguments of an operator such as $filter.
 *
 * @throws `codes`
 */
export function namedArguments(
  name: string,
  argument: Value,
  required: string[],
  optional: string[],
  codes: ArgumentErrorCodes,
): Doc {
  if (!isDoc(argument)) throw serverError(codes.object, `${name} only supports an object as its argument`)
  for (const key of argument.keys())
    if (!required.includes(key) && !optional.includes(key))
      throw serverError(codes.unknown, `Unrecognized parameter to ${name}: ${key}`)
  for (const key of required)
    if (!argument.has(key))
      throw serverError(
        typeof codes.missing === 'number' ? codes.missing : (codes.missing[key] ?? 9),
        `Missing '${key}' parameter to ${name}`,
      )
  return argument
}

/** Returns true for null and missing values. */
export function isNullish(value: Value | undefined): value is null | undefined {
  return value === undefined || value === null
}

/** Sets a variable in a scope. Setting CURRENT changes where field paths start. */
export function bind(scope: Scope, variable: string, value: Value | undefined): Scope {
  if (variable === 'CURRENT') scope.current = value
  else scope.vars.set(variable, value)
  return scope
}
