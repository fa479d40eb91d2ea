import { notImplemented, serverError } from './errors'
import { arithmetic } from './operators/arithmetic'
import { arrays } from './operators/arrays'
import { convert } from './operators/convert'
import { dates } from './operators/dates'
import { logic } from './operators/logic'
import { objects } from './operators/objects'
import {
  bind,
  spend,
  spendOn,
  startMeter,
  type Compile,
  type Evaluate,
  type Operators,
  type Scope,
} from './operators/operator'
import { sets } from './operators/sets'
import { strings } from './operators/strings'
import { isDoc, type Doc, type Value } from './value'
import { checkVariableName } from './variables'

const operators: Operators = {
  ...logic,
  ...arithmetic,
  ...arrays,
  ...sets,
  ...objects,
  ...strings,
  ...dates,
  ...convert,
  $literal: argument => () => argument,
  $let: (argument, compile) => {
    if (!isDoc(argument)) throw serverError(16874, '$let only supports an object as its argument')
    for (const key of argument.keys())
      if (key !== 'vars' && key !== 'in') throw serverError(16875, `Unrecognized parameter to $let: ${key}`)
    const vars = argument.get('vars')
    if (vars === undefined) throw serverError(16876, "Missing 'vars' parameter to $let")
    if (!argument.has('in')) throw serverError(16877, "Missing 'in' parameter to $let")
    if (!isDoc(vars)) throw serverError(10065, 'invalid parameter: expected an object (vars)')
    for (const name of vars.keys()) checkVariableName(name)
    const values = [...vars].map(([name, part]) => [name, compile(part)] as const)
    const inside = compile(argument.get('in')!, [...vars.keys()])
    return scope => {
      const inner = { ...scope, vars: new Map(scope.vars) }
      for (const [name, evaluate] of values) bind(inner, name, evaluate(scope))
      return inside(inner)
    }
  },
}

/**
 * The names of the supported expression operators. The tests compare them with the ones that the application
 * uses.
 */
export const expressionOperatorNames = Object.keys(operators)

/**
 * Returns true when MongoDB has an expression operator of this name, whether or not this store supports it.
 */
export function isExpressionName(name: string): boolean {
  return Object.hasOwn(operators, name) || unsupportedExpressions.has(name)
}

/**
 * Compiles an aggregation expression. MongoDB manual, "Aggregation Operators":
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/
 *
 * @returns a function from a document to the value, or to undefined for a missing value
 * @throws 168 for an unknown operator, 238 for one that only MongoDB has, 15983 for an object with several
 *   operators, 17276 for an unknown variable, and whatever an operator throws for its arguments
 */
export function compileExpression(expression: Value): (doc: Doc) => Value | undefined {
  const evaluate = compileInScope(expression)
  return doc => {
    startMeter()
    return evaluate(rootScope(doc))
  }
}

/** Compiles an expression that may use the variables in `vars`. Throws what `compileExpression` throws. */
export function compileInScope(expression: Value, vars: ReadonlySet<string> = new Set()): Evaluate {
  const compile: Compile = (part, more) => compileInScope(part, more ? new Set([...vars, ...more]) : vars)
  if (typeof expression === 'string' && expression.startsWith('$'))
    return expression.startsWith('$$') ? variable(expression, vars) : fieldPath(expression.slice(1))
  if (Array.isArray(expression)) {
    const parts = expression.map(part => compile(part))
    return scope => {
      spend(1, 32 + 8 * parts.length)
      return parts.map(part => part(scope) ?? null)
    }
  }
  if (!isDoc(expression)) return () => expression
  const first = expression.keys().next()
  return !first.done && first.value.startsWith('$')
    ? operation(expression, compile)
    : object(expression, compile)
}

function operation(expression: Doc, compile: Compile): Evaluate {
  if (expression.size !== 1)
    throw serverError(15983, 'an object representing an expression must have exactly one field')
  const [name, argument] = expression.entries().next().value!
  const operator = Object.hasOwn(operators, name) ? operators[name] : undefined
  if (operator) {
    const evaluate = operator(argument, compile, name)
    return scope => {
      const value = evaluate(scope)
      spendOn(value)
      return value
    }
  }
  if (unsupportedExpressions.has(name)) throw notImplemented(name)
  throw serverError(168, `Unrecognized expression '${name}'`)
}

/** Operators that MongoDB has and this store does not. They are refused by name (238). */
const unsupportedExpressions = new Set(
  (
    '$function $accumulator $meta $rand $sampleRate $toHashedIndexKey $tsIncrement $tsSecond $binarySize' +
    ' $bsonSize $bitAnd $bitOr $bitXor $bitNot $degreesToRadians $radiansToDegrees $sin $cos' +
    ' $tan $asin $acos $atan $atan2 $asinh $acosh $atanh $sinh' +
    ' $cosh $tanh $median $percentile $toUUID $sigmoid $exp $ln $log' +
    ' $log10 $pow $sqrt $range $zip $sortArray $firstN $lastN $maxN' +
    ' $minN $setField $unsetField $stdDevPop $stdDevSamp $substr $substrBytes $indexOfBytes $dateFromParts' +
    ' $dateToParts $dateFromString $top $topN $bottom $bottomN $covariancePop $covarianceSamp $denseRank' +
    ' $derivative $documentNumber $expMovingAvg $integral $linearFill $locf $rank $shift $encStrStartsWith' +
    ' $toArray $toObject'
  ).split(' '),
)

function object(expression: Doc, compile: Compile): Evaluate {
  const fields = [...expression].map(([name, part]) => {
    checkFieldName(name)
    return [name, compile(part)] as const
  })
  return scope => {
    spend(1, 100 + 40 * fields.length)
    const doc: Doc = new Map()
    for (const [name, evaluate] of fields) {
      const value = evaluate(scope)
      if (value !== undefined) doc.set(name, value)
    }
    return doc
  }
}

/**
 * MongoDB manual, "Variables in Aggregation Expressions":
 * https://www.mongodb.com/docs/manual/reference/aggregation-variables/
 */
function variable(expression: string, vars: ReadonlySet<string>): Evaluate {
  const [name, ...rest] = expression.slice(2).split('.') as [string, ...string[]]
  if (rest.length > 0) checkFieldPath(rest.join('.'))
  if (vars.has(name) && name !== 'CURRENT') return scope => getFieldPath(scope.vars.get(name), rest, 0)
  switch (name) {
    case 'ROOT':
      return scope => getFieldPath(scope.root, rest, 0)
    case 'CURRENT':
      return scope => getFieldPath(scope.current, rest, 0)
    case 'REMOVE':
      return () => undefined
    case 'NOW': {
      // All documents of a command see the same time.
      const now = new Date()
      return () => now
    }
    default:
      if (/^[a-z\u0080-\uffff]/.test(name)) checkVariableName(name)
      throw serverError(17276, `Use of undefined variable: ${name}`)
  }
}

function fieldPath(path: string): Evaluate {
  checkFieldPath(path)
  const parts = path.split('.')
  if (parts.length === 1) {
    const name = parts[0]!
    return scope => (isDoc(scope.current) ? scope.current.get(name) : undefined)
  }
  return scope => getFieldPath(scope.current, parts, 0)
}

/**
 * Checks the name of a field that an expression creates.
 *
 * @throws 15998 when it is empty, 16410 when it starts with `$`, 16412 when it contains a dot
 */
export function checkFieldName(name: string): void {
  if (name === '') throw serverError(15998, 'FieldPath field names may not be empty strings.')
  if (name.startsWith('$'))
    throw serverError(
      16410,
      `FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
    )
  if (name.includes('.'))
    throw serverError(
      16412,
      "FieldPath field names may not contain '.'. Consider using $getField or $setField.",
    )
}

/**
 * Checks the path of a field. MongoDB manual, "Field Paths":
 * https://www.mongodb.com/docs/manual/core/field-paths/
 *
 * @throws 16872, 40353, 15998, 16410 or 16411 when the path or one of its parts is not valid
 */
export function checkFieldPath(path: string): void {
  if (path === '') throw serverError(16872, "'$' by itself is not a valid FieldPath")
  if (path.endsWith('.')) throw serverError(40353, "FieldPath must not end with a '.'.")
  for (const part of path.split('.')) {
    if (part === '') throw serverError(15998, 'FieldPath field names may not be empty strings.')
    if (part.startsWith('$') && !['$id', '$ref', '$db'].includes(part))
      throw serverError(
        16410,
        `FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
      )
    if (part.includes('\0')) throw serverError(16411, "FieldPath field names may not contain '\\0'.")
  }
}

/**
 * Reads a field path. An array on the way yields the array of what its documents have; array indexes are not
 * supported here, as in MongoDB.
 */
function getFieldPath(value: Value | undefined, parts: readonly string[], at: number): Value | undefined {
  let here = value
  for (let i = at; i < parts.length; i++) {
    if (Array.isArray(here)) {
      spend(here.length, 32 + 8 * here.length)
      const found: Value[] = []
      for (const item of here) {
        const inner = isDoc(item) ? getFieldPath(item, parts, i) : undefined
        if (inner !== undefined) found.push(inner)
      }
      return found
    }
    if (!isDoc(here)) return undefined
    here = here.get(parts[i]!)
  }
  return here
}

/** Returns the scope in which the expressions of a document are evaluated. */
export function rootScope(doc: Doc): Scope {
  return { root: doc, current: doc, vars: new Map() }
}
