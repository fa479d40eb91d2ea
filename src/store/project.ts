import { isRefusal, refusal } from './errors'
import { checkFieldPath, compileExpression, compileIn, scopeOf } from './expression'
import { parseFilter, type Test } from './filter'
import { compileFilter } from './match'
import type { Evaluate, Scope } from './operators/operator'
import { truthy } from './operators/logic'
import { isDoc, isNumber, toFloat, typeName, type Doc, type Value } from './value'

export type Transform = (doc: Doc) => Doc

/** What is asked of a field: a mark, a computation, an operator of find, or fields of its own. */
type Node =
  | { kind: 'keep' | 'drop' }
  | { kind: 'compute'; evaluate: Evaluate }
  | { kind: 'slice'; skip: number | undefined; limit: number }
  | { kind: 'elemMatch'; test: (item: Value) => boolean }
  | { kind: 'position' }
  | { kind: 'fields'; fields: Map<string, Node> }

type Fields = Map<string, Node>

interface Options {
  /** find has $slice, $elemMatch and the positional operator, $project has not. */
  forFind: boolean
  /** Where in its array the filter of the find matched a document. */
  positionOf?: (doc: Doc, path: string) => number | undefined
  vars?: ReadonlySet<string>
}

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/project/ */
export function compileProjection(spec: Doc, options: Options): Transform {
  const { forFind } = options
  if (spec.size === 0) {
    if (forFind) return doc => doc
    throw refusal(
      51272,
      'Invalid $project :: caused by :: projection specification must have at least one field',
    )
  }
  const root: Fields = new Map()
  const marks: Marks = {
    keep: '',
    drop: '',
    id: undefined,
    slice: false,
    elemMatch: false,
    computed: false,
    position: '',
  }
  readFields(spec, '', root, options, (path, node) => mark(marks, path, node))
  const includes =
    marks.keep !== '' ||
    marks.computed ||
    marks.position !== '' ||
    (!marks.drop && !marks.slice && (marks.elemMatch || marks.id === 'keep'))
  if (includes && marks.id !== 'drop' && !root.has('_id')) root.set('_id', { kind: 'keep' })
  if (!includes && marks.id === 'keep') root.delete('_id')
  return doc => {
    const scope = scopeOf(doc)
    const source = marks.position ? atPosition(doc, marks.position, options.positionOf) : doc
    return compute(includes ? include(source, root) : exclude(source, root), root, scope) as Doc
  }
}

/** What a projection asks for; of each kind the first path. */
interface Marks {
  keep: string
  drop: string
  id: 'keep' | 'drop' | undefined
  slice: boolean
  elemMatch: boolean
  computed: boolean
  position: string
}

/** A projection keeps or drops; only `_id` may differ, and $slice and $elemMatch go with both. */
function mark(marks: Marks, path: string, node: Node): void {
  if (node.kind === 'keep' || node.kind === 'drop') {
    if (path === '_id') marks.id = node.kind
    else marks[node.kind] ||= path
  } else if (node.kind === 'slice') marks.slice = true
  else if (node.kind === 'elemMatch') marks.elemMatch = true
  else if (node.kind === 'position') {
    if (marks.position) throw refusal(31276, 'Cannot specify more than one positional projection per query.')
    marks.position = path
  } else marks.computed = true
  if (marks.position && marks.elemMatch)
    throw refusal(31256, 'Cannot specify positional operator and $elemMatch.')
  if (marks.drop && (marks.computed || marks.position))
    throw refusal(31252, 'Cannot use an expression in an exclusion projection')
  if (!marks.keep || !marks.drop) return
  throw node.kind === 'drop'
    ? refusal(31254, `Cannot do exclusion on field ${path} in inclusion projection`)
    : refusal(31253, `Cannot do inclusion on field ${path} in exclusion projection`)
}

/** $addFields and $set: https://www.mongodb.com/docs/manual/reference/operator/aggregation/addFields/ */
export function compileAddFields(spec: Doc, stage: string, vars?: ReadonlySet<string>): Transform {
  if (spec.size === 0)
    throw refusal(40177, `Invalid ${stage} :: caused by :: specification must have at least one field`)
  const root: Fields = new Map()
  for (const [path, value] of spec) {
    checkPath(path)
    put(root, path, computed(value, vars))
  }
  return doc => compute(doc, root, scopeOf(doc)) as Doc
}

/** $unset: https://www.mongodb.com/docs/manual/reference/operator/aggregation/unset/ */
export function compileUnset(value: Value): Transform {
  const names = Array.isArray(value) ? value : [value]
  if (names.length === 0)
    throw refusal(31119, '$unset specification must be a string or an array with at least one field')
  const root: Fields = new Map()
  for (const name of names) {
    if (typeof name !== 'string')
      throw refusal(
        Array.isArray(value) ? 31120 : 31002,
        '$unset specification must be a string or an array containing only string values',
      )
    checkPath(name)
    put(root, name, { kind: 'drop' })
  }
  return doc => exclude(doc, root)
}

/** A document of plain fields may be fields of fields; any other object is an expression. */
function computed(value: Value, vars?: ReadonlySet<string>): Node {
  if (isDoc(value) && value.size > 0 && ![...value.keys()][0]!.startsWith('$')) {
    const fields: Fields = new Map()
    for (const [path, inner] of value) {
      checkPath(path, true)
      put(fields, path, computed(inner, vars))
    }
    return { kind: 'fields', fields }
  }
  return { kind: 'compute', evaluate: compileIn(value, vars ?? new Set()) }
}

function checkPath(path: string, nested = false): void {
  if (path === '') throw refusal(40352, 'FieldPath cannot be constructed with empty string')
  if (nested && path.includes('.') && path.startsWith('.'))
    throw refusal(15998, 'FieldPath field names may not be empty strings.')
  checkFieldPath(path)
}

function put(fields: Fields, path: string, node: Node): void {
  const parts = path.split('.')
  let here = fields
  for (const [i, part] of parts.entries()) {
    const found = here.get(part)
    const last = i === parts.length - 1
    if (last) {
      if (found && found.kind === 'fields' && node.kind === 'fields') {
        for (const [name, inner] of node.fields) put(found.fields, name, inner)
        return
      }
      if (found) throw refusal(31250, `Invalid $project :: caused by :: Path collision at ${path}`)
      here.set(part, node)
      return
    }
    if (!found) {
      const next: Node = { kind: 'fields', fields: new Map() }
      here.set(part, next)
      here = next.fields
    } else if (found.kind === 'fields') here = found.fields
    else
      throw refusal(
        31250,
        `Invalid $project :: caused by :: Path collision at ${path} remaining portion ${parts.slice(i + 1).join('.')}`,
      )
  }
}

function readFields(
  spec: Doc,
  prefix: string,
  fields: Fields,
  options: Options,
  note: (path: string, node: Node) => void,
): void {
  for (const [name, value] of spec) {
    const path = prefix + name
    if (options.forFind && (name.endsWith('.$') || name === '$')) {
      if (prefix !== '' || name === '$' || name.slice(0, -2).split('.').includes('$'))
        throw refusal(31276, `Invalid projection: positional projection '${path}' cannot be used here`)
      checkPath(name.slice(0, -2))
      const node: Node = { kind: 'position' }
      if (isDoc(value))
        throw refusal(31271, 'positional projection cannot be used with an expression or sub object')
      if (!isMark(value)) throw refusal(31308, 'positional projection cannot be used with a literal')
      if (!truthy(value)) throw refusal(31395, 'positional projection cannot be used with exclusion')
      note(path, node)
      put(fields, name.slice(0, -2), node)
      continue
    }
    checkPath(name, prefix !== '')
    if (isDoc(value) && value.size > 0 && ![...value.keys()][0]!.startsWith('$')) {
      const inner: Fields = new Map()
      readFields(value, `${path}.`, inner, options, note)
      put(fields, name, { kind: 'fields', fields: inner })
      continue
    }
    if (isDoc(value) && value.size === 0)
      throw refusal(51270, 'An empty sub-projection is not a valid value. Found empty object at path')
    const node = readNode(path, value, options, prefix !== '')
    note(path, node)
    put(fields, name, node)
  }
}

function isMark(value: Value): boolean {
  return typeof value === 'boolean' || isNumber(value)
}

function readNode(path: string, value: Value, options: Options, nested: boolean): Node {
  if (isMark(value)) return { kind: truthy(value) ? 'keep' : 'drop' }
  if (options.forFind && isDoc(value)) {
    const [name, argument] = [...value][0] as [string, Value]
    if (name === '$slice') {
      const slice = readSlice(argument)
      if (slice) return slice
    }
    if (name === '$elemMatch') return readElemMatch(path, argument, nested)
  }
  try {
    return { kind: 'compute', evaluate: compileIn(value, options.vars ?? new Set()) }
  } catch (error) {
    // A projection names an unknown expression with another code than the rest.
    throw isRefusal(error) && error.code === 168 ? refusal(31325, error.message) : error
  }
}

/** https://www.mongodb.com/docs/manual/reference/operator/projection/slice/; undefined when it is the expression. */
function readSlice(argument: Value): Node | undefined {
  if (isNumber(argument)) {
    const limit = clampInt(argument)
    return limit < 0
      ? { kind: 'slice', skip: limit, limit: -limit }
      : { kind: 'slice', skip: undefined, limit }
  }
  if (!Array.isArray(argument)) throw refusal(28667, '$slice only supports numbers and [skip, limit] arrays')
  if (argument.length < 2 || argument.length > 3)
    throw refusal(
      28667,
      `Expression $slice takes at least 2 arguments, and at most 3, but ${argument.length} were passed in.`,
    )
  const [skip, limit] = argument
  if (argument.length === 3 || !isNumber(skip)) return undefined
  if (!isNumber(limit)) return undefined
  if (clampInt(limit) <= 0) throw refusal(28724, '$slice limit must be positive')
  return { kind: 'slice', skip: clampInt(skip), limit: clampInt(limit) }
}

function clampInt(value: Value): number {
  const float = isNumber(value) ? toFloat(value) : 0
  return Number.isNaN(float) ? 0 : Math.max(-2147483648, Math.min(2147483647, Math.trunc(float)))
}

function readElemMatch(path: string, argument: Value, nested: boolean): Node {
  if (nested || path.includes('.'))
    throw refusal(31275, 'Cannot use $elemMatch projection on a nested field.')
  if (!isDoc(argument))
    throw refusal(31274, `elemMatch: Invalid argument, object required, but got ${typeName(argument)}`)
  const filter = parseFilter(new Map([['0', new Map<string, Value>([['$elemMatch', argument]])]]))
  const test: Test = compileFilter(filter)
  return { kind: 'elemMatch', test: item => test(new Map([['0', [item]]])) }
}

/** Keeps what is asked for, in the order of the document. */
function include(doc: Doc, fields: Fields): Doc {
  const kept: Doc = new Map()
  const matched: Array<[string, Value]> = []
  for (const [name, value] of doc) {
    const node = fields.get(name)
    if (node?.kind === 'keep' || node?.kind === 'position' || node?.kind === 'compute') kept.set(name, value)
    else if (node?.kind === 'fields') {
      const inner = includeIn(value, node.fields)
      if (inner !== undefined) kept.set(name, inner)
    } else if (node?.kind === 'slice') kept.set(name, slice(value, node))
    else if (node?.kind === 'elemMatch') {
      const found = firstMatch(value, node.test)
      if (found) matched.push([name, found])
    }
  }
  for (const [name, value] of matched) kept.set(name, value)
  return kept
}

function includeIn(value: Value, fields: Fields): Value | undefined {
  if (isDoc(value)) return include(value, fields)
  // A value that is no document makes room for computed fields, or goes.
  if (!Array.isArray(value)) return needsCompute(fields) ? new Map() : undefined
  return value.map(item => includeIn(item, fields)).filter(item => item !== undefined)
}

function exclude(doc: Doc, fields: Fields, nested = false): Doc {
  const kept: Doc = new Map()
  for (const [name, value] of doc) {
    const node = fields.get(name)
    if (node?.kind === 'fields') kept.set(name, excludeIn(value, node.fields, 0, nested))
    else if (node?.kind === 'slice' && !nested) kept.set(name, slice(value, node))
    else if (node?.kind === 'elemMatch') {
      const found = firstMatch(value, node.test)
      if (found) kept.set(name, found)
    } else if (node?.kind !== 'drop') kept.set(name, value)
  }
  return kept
}

/** $slice looks into arrays of documents, but not into arrays in arrays. */
function excludeIn(value: Value, fields: Fields, depth: number, nested: boolean): Value {
  if (isDoc(value)) return exclude(value, fields, nested || depth > 1)
  return Array.isArray(value) ? value.map(item => excludeIn(item, fields, depth + 1, nested)) : value
}

function slice(value: Value, { skip, limit }: { skip: number | undefined; limit: number }): Value {
  if (!Array.isArray(value)) return value
  const start = skip === undefined ? 0 : skip < 0 ? Math.max(0, value.length + skip) : skip
  return value.slice(start, start + limit)
}

function firstMatch(value: Value, test: (item: Value) => boolean): Value[] | undefined {
  const found = Array.isArray(value) ? value.findIndex(test) : -1
  return found >= 0 ? [(value as Value[])[found]!] : undefined
}

/** Leaves of the first array on the path only the element at the place where the filter matched. */
function atPosition(doc: Doc, path: string, positionOf: Options['positionOf']): Doc {
  const cut = (value: Value | undefined, parts: string[]): Value | undefined => {
    if (isDoc(value) && parts.length > 0) {
      const inner = cut(value.get(parts[0]!), parts.slice(1))
      return inner === undefined ? value : new Map([...value, [parts[0]!, inner]])
    }
    if (!Array.isArray(value)) return value
    const position = positionOf?.(doc, path)
    if (position === undefined)
      throw refusal(
        51246,
        "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array",
      )
    if (position >= value.length)
      throw refusal(
        51247,
        "Executor error during find command :: caused by :: positional operator '.$' element mismatch",
      )
    return [value[position]!]
  }
  return cut(doc, path.split('.')) as Doc
}

/** Adds computed fields at the end, or in place; through arrays into each element. */
function compute(value: Value | undefined, fields: Fields, scope: Scope): Value {
  if (!needsCompute(fields)) return value ?? new Map()
  if (Array.isArray(value)) return value.map(item => compute(item, fields, scope))
  const doc: Doc = isDoc(value) ? new Map(value) : new Map()
  for (const [name, node] of fields) {
    if (node.kind === 'compute') {
      const result = node.evaluate(scope)
      if (result === undefined) doc.delete(name)
      else doc.set(name, result)
    } else if (node.kind === 'fields' && needsCompute(node.fields))
      doc.set(name, compute(doc.get(name), node.fields, scope))
  }
  return doc
}

const needs = new WeakMap<Fields, boolean>()

function needsCompute(fields: Fields): boolean {
  let known = needs.get(fields)
  if (known === undefined) {
    known = [...fields.values()].some(
      node =>
        node.kind === 'compute' ||
        (node.kind === 'fields' && (node.fields.size === 0 || needsCompute(node.fields))),
    )
    needs.set(fields, known)
  }
  return known
}

/** $replaceRoot and $replaceWith: https://www.mongodb.com/docs/manual/reference/operator/aggregation/replaceRoot/ */
export function compileReplaceRoot(expression: Value, vars?: ReadonlySet<string>): Transform {
  const evaluate = compileExpression(expression, vars)
  return doc => {
    const value = evaluate(doc)
    if (!isDoc(value))
      throw refusal(
        40228,
        `'newRoot' expression must evaluate to an object, but resulting value was of type: ${typeName(value)}`,
      )
    return value
  }
}
