import { serverError } from './errors'
import { checkFieldPath, compileInScope, isExpressionName } from './expression'
import { parseFilter, type Predicate } from './filter'
import { compileFilter } from './match'
import { truthy } from './operators/logic'
import type { Evaluate } from './operators/operator'
import { isDoc, isNumber, toFloat, typeName, type Doc, type Value } from './value'

/** What is asked of a field: a mark, a computation, an operator of find, or fields of its own. */
type FieldNode =
  | { kind: 'keep' | 'drop' }
  | { kind: 'compute'; evaluate: Evaluate }
  | { kind: 'slice'; skip: number | undefined; limit: number }
  | { kind: 'elemMatch'; test: (item: Value) => boolean }
  | { kind: 'position' }
  | { kind: 'fields'; fields: Map<string, FieldNode> }

export type FieldNodes = Map<string, FieldNode>

/** A projection that was read: it keeps what it names, or drops it. */
export interface Projection {
  fields: FieldNodes
  includes: boolean
  /** The path before `.$`, when there is one. */
  position: string
}

interface ParseState extends Projection {
  forFind: boolean
  /** What the fields so far ask for; only `_id` may differ, and $slice and $elemMatch go with both. */
  type: 'include' | 'exclude' | undefined
  id: 'keep' | 'drop' | undefined
  slice: boolean
  elemMatch: boolean
}

/**
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/project/; `forFind` adds what only find has: $slice,
 * $elemMatch and the positional operator.
 */
export function parseProjection(spec: Doc, forFind: boolean): Projection {
  const reading: ParseState = {
    fields: new Map(),
    includes: false,
    position: '',
    forFind,
    type: undefined,
    id: undefined,
    slice: false,
    elemMatch: false,
  }
  for (const [name, value] of spec) readField(reading, name, value, '', reading.fields)
  const { fields, id } = reading
  // Where only _id and operators of find are named, these say what is meant, in MongoDB's order.
  const byOperators = !reading.slice && reading.elemMatch ? 'include' : id === 'keep' ? 'include' : 'exclude'
  const includes = (reading.type ?? byOperators) === 'include'
  if (includes && !fields.has('_id')) fields.set('_id', { kind: 'keep' })
  if (!includes && id === 'keep') fields.delete('_id')
  return { fields, includes, position: reading.position }
}

function requireType(reading: ParseState, type: 'include' | 'exclude', code: number, message: string): void {
  if (reading.type && reading.type !== type) throw serverError(code, message)
  reading.type = type
}

function readField(reading: ParseState, name: string, value: Value, prefix: string, into: FieldNodes): void {
  const isPositional = name === '$' || name.endsWith('.$') || name.includes('.$.')
  if (isPositional && !reading.forFind)
    throw serverError(31324, 'Cannot use positional projection in aggregation projection')
  if (isPositional) readPosition(reading, name, value, prefix, into)
  else if (isDoc(value)) readObject(reading, name, value, prefix, into)
  else if (typeof value === 'boolean' || isNumber(value)) {
    const kind = truthy(value) ? 'keep' : 'drop'
    addNode(into, checkPath(name), { kind })
    if (prefix === '' && name === '_id') reading.id = kind
    else if (kind === 'keep')
      requireType(
        reading,
        'include',
        31253,
        `Cannot do inclusion on field ${prefix}${name} in exclusion projection`,
      )
    else
      requireType(
        reading,
        'exclude',
        31254,
        `Cannot do exclusion on field ${prefix}${name} in inclusion projection`,
      )
  } else {
    addNode(into, checkPath(name), { kind: 'compute', evaluate: compileInScope(value) })
    requireType(reading, 'include', 31310, 'Cannot use an expression in an exclusion projection')
  }
}

/** https://www.mongodb.com/docs/manual/reference/operator/projection/positional/ */
function readPosition(
  reading: ParseState,
  name: string,
  value: Value,
  prefix: string,
  into: FieldNodes,
): void {
  if (isDoc(value))
    throw serverError(31271, 'positional projection cannot be used with an expression or sub object')
  if (typeof value !== 'boolean' && !isNumber(value))
    throw serverError(31308, 'positional projection cannot be used with a literal')
  if (!truthy(value)) throw serverError(31395, 'positional projection cannot be used with exclusion')
  if (reading.position)
    throw serverError(31276, 'Cannot specify more than one positional projection per query.')
  if (reading.elemMatch) throw serverError(31256, 'Cannot specify positional operator and $elemMatch.')
  if (/\.\$\..*(\.|^)\$$|\.\$\.\$/.test(name))
    throw serverError(31287, `Cannot use positional operator twice: ${name}`)
  if (!name.endsWith('.$'))
    throw serverError(
      31394,
      "As of 4.4, it's illegal to specify positional operator in the middle of a path. Positional projection may only be used at the end, for example: a.b.$.",
    )
  const path = checkPath(name.slice(0, -2))
  addNode(into, path, { kind: 'position' })
  reading.position = prefix + path
  requireType(
    reading,
    'include',
    31253,
    `Cannot do inclusion on field ${prefix}${name} in exclusion projection`,
  )
}

function readObject(reading: ParseState, name: string, value: Doc, prefix: string, into: FieldNodes): void {
  if (value.size === 0)
    throw serverError(51270, 'An empty sub-projection is not a valid value. Found empty object at path')
  checkPath(name)
  const [operator, argument] = [...value][0] as [string, Value]
  if (value.size === 1 && operator.startsWith('$') && !['$id', '$ref', '$db'].includes(operator)) {
    addNode(into, name, readOperator(reading, prefix + name, operator, argument, prefix !== ''))
    return
  }
  const inner: FieldNodes = new Map()
  for (const [each, asked] of value) readField(reading, each, asked, `${prefix}${name}.`, inner)
  addNode(into, name, { kind: 'fields', fields: inner })
}

function readOperator(
  reading: ParseState,
  path: string,
  name: string,
  argument: Value,
  isNested: boolean,
): FieldNode {
  if (reading.forFind && name === '$slice') {
    const slice = readSlice(argument)
    if (slice) reading.slice = true
    if (slice) return slice
  }
  if (name === '$elemMatch') {
    if (!reading.forFind) throw serverError(168, 'Cannot use $elemMatch in this context')
    if (!isDoc(argument))
      throw serverError(31274, `elemMatch: Invalid argument, object required, but got ${typeName(argument)}`)
    if (reading.position) throw serverError(31256, 'Cannot specify positional operator and $elemMatch.')
    if (isNested || path.includes('.'))
      throw serverError(31275, 'Cannot use $elemMatch projection on a nested field.')
    reading.elemMatch = true
    const filter = parseFilter(new Map([['0', new Map<string, Value>([['$elemMatch', argument]])]]))
    const test: Predicate = compileFilter(filter)
    return { kind: 'elemMatch', test: item => test(new Map([['0', [item]]])) }
  }
  if (!isExpressionName(name)) throw serverError(31325, `Unknown expression ${name}`)
  requireType(reading, 'include', 31252, 'Cannot use expression other than $meta in exclusion projection')
  return { kind: 'compute', evaluate: compileInScope(new Map([[name, argument]])) }
}

/** https://www.mongodb.com/docs/manual/reference/operator/projection/slice/; undefined when it is the expression. */
function readSlice(argument: Value): FieldNode | undefined {
  if (isNumber(argument)) {
    const limit = clampInt(argument)
    return limit < 0
      ? { kind: 'slice', skip: limit, limit: -limit }
      : { kind: 'slice', skip: undefined, limit }
  }
  if (!Array.isArray(argument) || argument.length !== 2) return undefined
  const [skip, limit] = argument
  if (!isNumber(skip) || !isNumber(limit) || clampInt(limit) <= 0) return undefined
  return { kind: 'slice', skip: clampInt(skip), limit: clampInt(limit) }
}

function clampInt(value: Value): number {
  const float = isNumber(value) ? toFloat(value) : 0
  return Number.isNaN(float) ? 0 : Math.max(-2147483648, Math.min(2147483647, Math.trunc(float)))
}

/** $addFields and $set: https://www.mongodb.com/docs/manual/reference/operator/aggregation/addFields/ */
export function parseAddFields(spec: Doc): FieldNodes {
  const root: FieldNodes = new Map()
  const read = (path: string, value: Value): void => {
    const inner = isDoc(value) ? [...value] : []
    const operators = inner.filter(([name]) => name.startsWith('$'))
    if (operators.length > 0 && inner.length > 1)
      throw serverError(
        40181,
        `an expression specification must contain exactly one field, the name of the expression. Found ${inner.length} fields`,
      )
    if (inner.length === 0 || operators.length > 0)
      return addNode(root, path, { kind: 'compute', evaluate: compileInScope(value) }, 40176)
    for (const [name, part] of inner) {
      if (name.includes('.'))
        throw serverError(40183, `cannot use dotted field name '${name}' in a sub object`)
      read(`${path}.${checkPath(name)}`, part)
    }
  }
  for (const [path, value] of spec) read(checkPath(path), value)
  return root
}

/** $unset: https://www.mongodb.com/docs/manual/reference/operator/aggregation/unset/ */
export function parseUnset(value: Value): FieldNodes {
  const names = Array.isArray(value) ? value : [value]
  if (names.length === 0)
    throw serverError(31119, '$unset specification must be a string or an array with at least one field')
  const root: FieldNodes = new Map()
  for (const name of names) {
    if (typeof name !== 'string')
      throw serverError(
        Array.isArray(value) ? 31120 : 31002,
        '$unset specification must be a string or an array containing only string values',
      )
    addNode(root, checkPath(name), { kind: 'drop' })
  }
  return root
}

function checkPath(path: string): string {
  if (path === '') throw serverError(40352, 'FieldPath cannot be constructed with empty string')
  checkFieldPath(path)
  return path
}

/** Two fields of fields join; any other field that comes twice, or under one that is there, is refused. */
function addNode(fields: FieldNodes, path: string, node: FieldNode, code = 31250): void {
  const parts = path.split('.')
  const collision = () => serverError(code, `Invalid projection :: caused by :: Path collision at ${path}`)
  let here = fields
  for (const part of parts.slice(0, -1)) {
    const found = here.get(part) ?? { kind: 'fields' as const, fields: new Map() as FieldNodes }
    if (found.kind !== 'fields') throw collision()
    here.set(part, found)
    here = found.fields
  }
  const last = parts.at(-1)!
  const found = here.get(last)
  if (found?.kind === 'fields' && node.kind === 'fields')
    for (const [name, inner] of node.fields) addNode(found.fields, name, inner, code)
  else if (found) throw collision()
  else here.set(last, node)
}
