import { serverError } from './errors'
import { compileExpression, rootScope } from './expression'
import type { Scope } from './operators/operator'
import {
  parseAddFields,
  parseProjection,
  parseUnset,
  type FieldNodes,
  type Projection,
} from './projection-spec'
import { isDoc, typeName, type Doc, type Value } from './value'

/** Turns a document into another one. */
export type Transform = (doc: Doc) => Doc

/** Returns the array index at which the filter of a find matched a document. */
export type PositionOf = (doc: Doc, path: string) => number | undefined

/** Compiles the projection of find and findAndModify. Throws what `parseProjection` throws. */
export function compileFindProjection(spec: Doc, positionOf: PositionOf): Transform {
  return spec.size === 0 ? doc => doc : compileParsed(parseProjection(spec, true), positionOf)
}

/**
 * Compiles $project. MongoDB manual, "$project (aggregation)":
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/project/
 *
 * @throws 51272 when the specification is empty, and what `parseProjection` throws
 */
export function compileProjection(spec: Doc): Transform {
  if (spec.size === 0)
    throw serverError(
      51272,
      'Invalid $project :: caused by :: projection specification must have at least one field',
    )
  return compileParsed(parseProjection(spec, false))
}

function compileParsed({ fields, includes, position }: Projection, positionOf?: PositionOf): Transform {
  return doc => {
    const source = position ? atPosition(doc, position, positionOf) : doc
    return addComputed(
      includes ? include(source, fields) : exclude(source, fields),
      fields,
      rootScope(doc),
    ) as Doc
  }
}

/**
 * Compiles $addFields or $set. MongoDB manual, "$addFields (aggregation)":
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/addFields/
 *
 * @throws 40177 when the specification is empty, and what `parseAddFields` throws
 */
export function compileAddFields(spec: Doc, stage: string): Transform {
  if (spec.size === 0)
    throw serverError(40177, `Invalid ${stage} :: caused by :: specification must have at least one field`)
  const fields = parseAddFields(spec)
  return doc => addComputed(doc, fields, rootScope(doc)) as Doc
}

/**
 * Compiles $unset. MongoDB manual, "$unset (aggregation)":
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/unset/
 */
export function compileUnset(value: Value): Transform {
  const fields = parseUnset(value)
  return doc => exclude(doc, fields)
}

/** Returns the included fields, in the order of the document. */
function include(doc: Doc, fields: FieldNodes): Doc {
  const kept: Doc = new Map()
  const matched: Array<[string, Value]> = []
  for (const [name, value] of doc) {
    const node = fields.get(name)
    if (node?.kind === 'include' || node?.kind === 'position' || node?.kind === 'compute')
      kept.set(name, value)
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

function includeIn(value: Value, fields: FieldNodes): Value | undefined {
  if (isDoc(value)) return include(value, fields)
  // A value that is not a document is replaced if fields are computed below it, otherwise dropped.
  if (!Array.isArray(value)) return computesAny(fields) ? new Map() : undefined
  return value.map(item => includeIn(item, fields)).filter(item => item !== undefined)
}

function exclude(doc: Doc, fields: FieldNodes, nested = false): Doc {
  const kept: Doc = new Map()
  for (const [name, value] of doc) {
    const node = fields.get(name)
    if (node?.kind === 'fields') kept.set(name, excludeIn(value, node.fields, 0, nested))
    else if (node?.kind === 'slice' && !nested) kept.set(name, slice(value, node))
    else if (node?.kind === 'elemMatch') {
      const found = firstMatch(value, node.test)
      if (found) kept.set(name, found)
    } else if (node?.kind !== 'exclude') kept.set(name, value)
  }
  return kept
}

/** $slice applies in arrays of documents, but not in arrays of arrays. */
function excludeIn(value: Value, fields: FieldNodes, depth: number, nested: boolean): Value {
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

/** Reduces the first array on the path to the element at which the filter matched. */
function atPosition(doc: Doc, path: string, positionOf?: PositionOf): Doc {
  const cut = (value: Value | undefined, parts: string[]): Value | undefined => {
    if (isDoc(value) && parts.length > 0) {
      const inner = cut(value.get(parts[0]!), parts.slice(1))
      return inner === undefined ? value : new Map([...value, [parts[0]!, inner]])
    }
    if (!Array.isArray(value)) return value
    const position = positionOf?.(doc, path)
    if (position === undefined)
      throw serverError(
        51246,
        "Executor error during find command :: caused by :: positional operator '.$' couldn't find a " +
          'matching element in the array',
      )
    if (position >= value.length)
      throw serverError(
        51247,
        "Executor error during find command :: caused by :: positional operator '.$' element mismatch",
      )
    return [value[position]!]
  }
  return cut(doc, path.split('.')) as Doc
}

/** Adds computed fields: existing ones in place, new ones at the end, and in every element of an array. */
function addComputed(value: Value | undefined, fields: FieldNodes, scope: Scope): Value {
  if (!computesAny(fields)) return value ?? new Map()
  if (Array.isArray(value)) return value.map(item => addComputed(item, fields, scope))
  const doc: Doc = isDoc(value) ? new Map(value) : new Map()
  for (const [name, node] of fields) {
    if (node.kind === 'compute') {
      const result = node.evaluate(scope)
      if (result === undefined) doc.delete(name)
      else doc.set(name, result)
    } else if (node.kind === 'fields' && computesAny(node.fields))
      doc.set(name, addComputed(doc.get(name), node.fields, scope))
  }
  return doc
}

const computesCache = new WeakMap<FieldNodes, boolean>()

function computesAny(fields: FieldNodes): boolean {
  let known = computesCache.get(fields)
  if (known === undefined) {
    known = [...fields.values()].some(
      node =>
        node.kind === 'compute' ||
        (node.kind === 'fields' && (node.fields.size === 0 || computesAny(node.fields))),
    )
    computesCache.set(fields, known)
  }
  return known
}

/**
 * Compiles $replaceRoot and $replaceWith. MongoDB manual, "$replaceRoot (aggregation)":
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/replaceRoot/
 *
 * @throws 40228 while running, when the new root is not an object
 */
export function compileReplaceRoot(expression: Value): Transform {
  const evaluate = compileExpression(expression)
  return doc => {
    const value = evaluate(doc)
    if (!isDoc(value))
      throw serverError(
        40228,
        `'newRoot' expression must evaluate to an object, but resulting value was of type: ${typeName(value)}`,
      )
    return value
  }
}
