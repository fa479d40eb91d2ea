import { notImplemented, refusal } from './errors'
import { logic } from './operators/logic'
import { arithmetic } from './operators/arithmetic'
import { arrays } from './operators/arrays'
import { convert } from './operators/convert'
import { dates } from './operators/dates'
import { objects } from './operators/objects'
import { sets } from './operators/sets'
import { strings } from './operators/strings'
import { bind, type Compile, type Evaluate, type Operators, type Scope } from './operators/operator'
import { checkVariable } from './variables'
import { isDoc, type Doc, type Value } from './value'

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
    if (!isDoc(argument)) throw refusal(16874, '$let only supports an object as its argument')
    for (const key of argument.keys())
      if (key !== 'vars' && key !== 'in') throw refusal(16875, `Unrecognized parameter to $let: ${key}`)
    const vars = argument.get('vars')
    if (vars === undefined) throw refusal(16876, "Missing 'vars' parameter to $let")
    if (!argument.has('in')) throw refusal(16877, "Missing 'in' parameter to $let")
    if (!isDoc(vars)) throw refusal(10065, 'invalid parameter: expected an object (vars)')
    for (const name of vars.keys()) checkVariable(name)
    const values = [...vars].map(([name, part]) => [name, compile(part)] as const)
    const inside = compile(argument.get('in')!, [...vars.keys()])
    return scope => {
      const inner = { ...scope, vars: new Map(scope.vars) }
      for (const [name, evaluate] of values) bind(inner, name, evaluate(scope))
      return inside(inner)
    }
  },
}

/** The names of all expression operators, for the test that holds them against those the application uses. */
export const expressionNames = Object.keys(operators)

/** Whether MongoDB has an expression of this name, here or not. */
export function isExpressionName(name: string): boolean {
  return Object.hasOwn(operators, name) || known.has(name)
}

/** Compiles an expression for documents. */
export function compileExpression(expression: Value): (doc: Doc) => Value | undefined {
  const evaluate = compileIn(expression)
  return doc => evaluate(scopeOf(doc))
}

/** Compiles an expression for scopes that hold the variables named. */
export function compileIn(expression: Value, vars: ReadonlySet<string> = new Set()): Evaluate {
  const compile: Compile = (part, more) => compileIn(part, more ? new Set([...vars, ...more]) : vars)
  if (typeof expression === 'string' && expression.startsWith('$'))
    return expression.startsWith('$$') ? variable(expression, vars) : fieldPath(expression.slice(1))
  if (Array.isArray(expression)) {
    const parts = expression.map(part => compile(part))
    return scope => parts.map(part => part(scope) ?? null)
  }
  if (!isDoc(expression)) return () => expression
  const first = expression.keys().next()
  return !first.done && first.value.startsWith('$')
    ? operation(expression, compile)
    : object(expression, compile)
}

function operation(expression: Doc, compile: Compile): Evaluate {
  if (expression.size !== 1)
    throw refusal(15983, 'an object representing an expression must have exactly one field')
  const [[name, argument]] = expression as unknown as [[string, Value]]
  const operator = Object.hasOwn(operators, name) ? operators[name] : undefined
  if (operator) return operator(argument, compile, name)
  if (known.has(name)) throw notImplemented(name)
  throw refusal(168, `Unrecognized expression '${name}'`)
}

/** Expressions of MongoDB that are refused by name. */
const known = new Set(
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
    const doc: Doc = new Map()
    for (const [name, evaluate] of fields) {
      const value = evaluate(scope)
      if (value !== undefined) doc.set(name, value)
    }
    return doc
  }
}

/** https://www.mongodb.com/docs/manual/reference/aggregation-variables/ */
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
      // The same for all documents of a command.
      const now = new Date()
      return () => now
    }
    default:
      if (/^[a-z\u0080-\uffff]/.test(name)) checkVariable(name)
      throw refusal(17276, `Use of undefined variable: ${name}`)
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

/** One name of a field that is made, not a path. */
export function checkFieldName(name: string): void {
  if (name === '') throw refusal(15998, 'FieldPath field names may not be empty strings.')
  if (name.startsWith('$'))
    throw refusal(
      16410,
      `FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
    )
  if (name.includes('.'))
    throw refusal(16412, "FieldPath field names may not contain '.'. Consider using $getField or $setField.")
}

/** https://www.mongodb.com/docs/manual/core/field-paths/ */
export function checkFieldPath(path: string): void {
  if (path === '') throw refusal(16872, "'$' by itself is not a valid FieldPath")
  if (path.endsWith('.')) throw refusal(40353, "FieldPath must not end with a '.'.")
  for (const part of path.split('.')) {
    if (part === '') throw refusal(15998, 'FieldPath field names may not be empty strings.')
    if (part.startsWith('$') && !['$id', '$ref', '$db'].includes(part))
      throw refusal(
        16410,
        `FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
      )
    if (part.includes('\0')) throw refusal(16411, "FieldPath field names may not contain '\\0'.")
  }
}

/** Through an array a path gives the array of what its documents have; positions do not count here. */
function getFieldPath(value: Value | undefined, parts: readonly string[], at: number): Value | undefined {
  let here = value
  for (let i = at; i < parts.length; i++) {
    if (Array.isArray(here)) {
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

export function scopeOf(doc: Doc): Scope {
  return { root: doc, current: doc, vars: new Map() }
}
