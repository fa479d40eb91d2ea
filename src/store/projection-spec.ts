import { serverError } from './errors'
import { checkFieldPath, compileInScope, isExpressionName } from './expression'
import { parseFilter, type Predicate } from './filter'
import { compileFilter } from './match'
import { truthy } from './operators/logic'
import type { Evaluate } from './operators/operator'
import { isDoc, isNumber, toFloat, typeName, type Doc, type Value } from './value'

/** What a projection does with a field. */
type FieldNode =
  | { kind: 'include' | 'exclude' }
  | { kind: 'compute'; evaluate: Evaluate }
  | { kind: 'slice'; skip: number | undefined; limit: number }
  | { kind: 'elemMatch'; test: (item: Value) => boolean }
  | { kind: 'position' }
  | { kind: 'fields'; fields: Map<string, FieldNode> }

/** What a projection does, by the name of the field. */
export type FieldNodes = Map<string, FieldNode>

/** A parsed projection: it either includes or excludes the fields it names. */
export interface Projection {
  fields: FieldNodes
  includes: boolean
  /** The path before `.$`; empty when there is none. */
  position: string
}

interface ParseState extends Projection {
  forFind: boolean
  /**
   * Whether the fields so far are inclusions or exclusions. Only `_id` may differ; $slice and $elemMatch go
   * with both.
   */
  type: 'include' | 'exclude' | undefined
  id: 'include' | 'exclude' | undefined
  slice: boolean
  elemMatch: boolean
}

/**
 * Parses the projection of find or of $project. With `forFind` it accepts what only find has: $slice,
 * $elemMatch and the positional operator. MongoDB manual, "$project (aggregation)" and "Project Fields to
 * Return from Query":
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/project/
 * https://www.mongodb.com/docs/manual/tutorial/project-fields-from-query-results/
 *
 * @throws 31253 or 31254 when inclusion and exclusion are mixed, 31250 when two paths collide, 31325 for an unknown
 *   expression, and other codes for invalid positional and $elemMatch projections
 */
export function parseProjection(spec: Doc, forFind: boolean): Projection {
  const state: ParseState = {
    fields: new Map(),
    includes: false,
    position: '',
    forFind,
    type: undefined,
    id: undefined,
    slice: false,
    elemMatch: false,
  }
  for (const [name, value] of spec) parseField(state, name, value, '', state.fields)
  const { fields, id } = state
  // When only `_id` and operators of find are named, they decide, in MongoDB's order of precedence.
  const byOperators = !state.slice && state.elemMatch ? 'include' : id === 'include' ? 'include' : 'exclude'
  const includes = (state.type ?? byOperators) === 'include'
  if (includes && !fields.has('_id')) fields.set('_id', { kind: 'include' })
  if (!includes && id === 'include') fields.delete('_id')
  return { fields, includes, position: state.position }
}

function requireType(state: ParseState, type: 'include' | 'exclude', code: number, message: string): void {
  if (state.type && state.type !== type) throw serverError(code, message)
  state.type = type
}

function parseField(state: ParseState, name: string, value: Value, prefix: string, into: FieldNodes): void {
  const isPositional = name === '$' || name.endsWith('.$') || name.includes('.$.')
  if (isPositional && !state.forFind)
    throw serverError(31324, 'Cannot use positional projection in aggregation projection')
  if (isPositional) parsePositional(state, name, value, prefix, into)
  else if (isDoc(value)) parseNested(state, name, value, prefix, into)
  else if (typeof value === 'boolean' || isNumber(value)) {
    const kind = truthy(value) ? 'include' : 'exclude'
    addNode(into, checkPath(name), { kind })
    if (prefix === '' && name === '_id') state.id = kind
    else if (kind === 'include')
      requireType(
        state,
        'include',
        31253,
        `Cannot do inclusion on field ${prefix}${name} in exclusion projection`,
      )
    else
      requireType(
        state,
        'exclude',
        31254,
        `Cannot do exclusion on field ${prefix}${name} in inclusion projection`,
      )
  } else {
    addNode(into, checkPath(name), { kind: 'compute', evaluate: compileInScope(value) })
    requireType(state, 'include', 31310, 'Cannot use an expression in an exclusion projection')
  }
}

/**
 * MongoDB manual, "$ (projection)":
 * https://www.mongodb.com/docs/manual/reference/operator/projection/positional/
 */
function parsePositional(
  state: ParseState,
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
  if (state.position)
    throw serverError(31276, 'Cannot specify more than one positional projection per query.')
  if (state.elemMatch) throw serverError(31256, 'Cannot specify positional operator and $elemMatch.')
  if (/\.\$\..*(\.|^)\$$|\.\$\.\$/.test(name))
    throw serverError(31287, `Cannot use positional operator twice: ${name}`)
  if (!name.endsWith('.$'))
    throw serverError(
      31394,
      "As of 4.4, it's illegal to specify positional operator in the middle of a path. Positional " +
        'projection may only be used at the end, for example: a.b.$.',
    )
  const path = checkPath(name.slice(0, -2))
  addNode(into, path, { kind: 'position' })
  state.position = prefix + path
  requireType(
    state,
    'include',
    31253,
    `Cannot do inclusion on field ${prefix}${name} in exclusion projection`,
  )
}

function parseNested(state: ParseState, name: string, value: Doc, prefix: string, into: FieldNodes): void {
  if (value.size === 0)
    throw serverError(51270, 'An empty sub-projection is not a valid value. Found empty object at path')
  checkPath(name)
  const [operator, argument] = [...value][0] as [string, Value]
  if (value.size === 1 && operator.startsWith('$') && !['$id', '$ref', '$db'].includes(operator)) {
    addNode(into, name, parseOperator(state, prefix + name, operator, argument, prefix !== ''))
    return
  }
  const inner: FieldNodes = new Map()
  for (const [each, asked] of value) parseField(state, each, asked, `${prefix}${name}.`, inner)
  addNode(into, name, { kind: 'fields', fields: inner })
}

function parseOperator(
  state: ParseState,
  path: string,
  name: string,
  argument: Value,
  isNested: boolean,
): FieldNode {
  if (state.forFind && name === '$slice') {
    const slice = parseSlice(argument)
    if (slice) state.slice = true
    if (slice) return slice
  }
  if (name === '$elemMatch') {
    if (!state.forFind) throw serverError(168, 'Cannot use $elemMatch in this context')
    if (!isDoc(argument))
      throw serverError(31274, `elemMatch: Invalid argument, object required, but got ${typeName(argument)}`)
    if (state.position) throw serverError(31256, 'Cannot specify positional operator and $elemMatch.')
    if (isNested || path.includes('.'))
      throw serverError(31275, 'Cannot use $elemMatch projection on a nested field.')
    state.elemMatch = true
    const filter = parseFilter(new Map([['0', new Map<string, Value>([['$elemMatch', argument]])]]))
    const test: Predicate = compileFilter(filter)
    return { kind: 'elemMatch', test: item => test(new Map([['0', [item]]])) }
  }
  if (!isExpressionName(name)) throw serverError(31325, `Unknown expression ${name}`)
  requireType(state, 'include', 31252, 'Cannot use expression other than $meta in exclusion projection')
  return { kind: 'compute', evaluate: compileInScope(new Map([[name, argument]])) }
}

/**
 * Parses the $slice of find. Returns undefined when the argument belongs to the $slice expression. MongoDB manual,
 * "$slice (projection)": https://www.mongodb.com/docs/manual/reference/operator/projection/slice/
 */
function parseSlice(argument: Value): FieldNode | undefined {
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

/**
 * Parses $addFields or $set. MongoDB manual, "$addFields (aggregation)":
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/addFields/
 *
 * @throws 40176 when two paths collide, 40181 for an object with several operators, 40183 for a dotted name
 *   in a nested object, and what `compileExpression` throws
 */
export function parseAddFields(spec: Doc): FieldNodes {
  const root: FieldNodes = new Map()
  const read = (path: string, value: Value): void => {
    const inner = isDoc(value) ? [...value] : []
    const operators = inner.filter(([name]) => name.startsWith('$'))
    if (operators.length > 0 && inner.length > 1)
      throw serverError(
        40181,
        'an expression specification must contain exactly one field, the name of the expression. Found ' +
          `${inner.length} fields`,
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

/**
 * Parses $unset. MongoDB manual, "$unset (aggregation)":
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/unset/
 *
 * @throws 31119, 31120 or 31002 when the argument is not a non-empty string or list of strings
 */
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
    addNode(root, checkPath(name), { kind: 'exclude' })
  }
  return root
}

function checkPath(path: string): string {
  if (path === '') throw serverError(40352, 'FieldPath cannot be constructed with empty string')
  checkFieldPath(path)
  return path
}

/**
 * Adds a field. Two nested objects are merged. A field that is named twice, or below another one, is refused.
 */
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
