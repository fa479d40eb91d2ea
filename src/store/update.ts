import { compileUpdatePipeline } from './aggregate'
import { serverError } from './errors'
import { formatValue, unchanged } from './field-update'
import { parseArrayIndex } from './path'
import { checkArrayFiltersUsed, parseArrayFilters, resolvePositions, type Step } from './positional'
import { updateOperators } from './update-operators'
import { equal, isDoc, type Doc, type Value } from './value'
import { deepCopy } from './value'

/** A compiled update. */
export interface Update {
  kind: 'operators' | 'replacement' | 'pipeline'
  apply(
    doc: Doc,
    context: { insert: boolean; now: Date; positionOf?: (doc: Doc, path: string) => number | undefined },
  ): Doc
}

/**
 * Compiles an update: operators, a replacement document, or a pipeline. MongoDB manual, "update":
 * https://www.mongodb.com/docs/manual/reference/command/update/
 *
 * @throws 9 for an unknown operator or a misplaced argument, 40 for conflicting paths, 56 or 52 for an
 *   invalid path, and what the operators throw. Applying it throws 66 when `_id` would change and 28 when a
 *   path leads nowhere
 */
export function compileUpdate(update: Value, arrayFilters: Value[] = []): Update {
  if (Array.isArray(update)) {
    if (arrayFilters.length > 0)
      throw serverError(9, 'arrayFilters may not be specified for pipeline-syle updates')
    const transform = compileUpdatePipeline(update)
    return { kind: 'pipeline', apply: doc => withOriginalId(doc, transform(doc)) }
  }
  if (!isDoc(update)) throw serverError(9, 'Update argument must be either an object or an array')
  const first = update.keys().next().value
  if (first !== undefined && first.startsWith('$')) return compileOperators(update, arrayFilters)
  if (arrayFilters.length > 0)
    throw serverError(9, 'arrayFilters may not be specified for replacement-style updates')
  for (const name of update.keys())
    if (name.startsWith('$'))
      throw serverError(
        52,
        `The dollar ($) prefixed field '${name}' in '${name}' is not allowed in the context of an update's ` +
          'replacement document. Consider using an aggregation pipeline with $replaceWith.',
      )
  return { kind: 'replacement', apply: doc => withOriginalId(doc, update) }
}

/**
 * Returns `after` with the `_id` of `before` as its first field.
 *
 * @throws 66 when `after` has another `_id`
 */
function withOriginalId(before: Doc, after: Doc): Doc {
  const id = before.get('_id')
  const next = after.get('_id')
  if (id !== undefined && next !== undefined && !equal(id, next))
    throw serverError(
      66,
      "After applying the update, the (immutable) field '_id' was found to have been altered to _id: " +
        `${formatValue(next)}`,
    )
  const kept = id ?? next
  const doc: Doc = kept === undefined ? new Map() : new Map([['_id', kept]])
  for (const [name, value] of after) if (name !== '_id') doc.set(name, value)
  return doc
}

function compileOperators(update: Doc, arrayFilters: Value[]): Update {
  const filters = parseArrayFilters(arrayFilters)
  const steps: Step[] = []
  const renames: Array<{ from: string; to: string }> = []
  for (const [name, fields] of update) {
    const operator = Object.hasOwn(updateOperators, name) ? updateOperators[name] : undefined
    if (!operator && name !== '$rename')
      throw serverError(
        9,
        `Unknown modifier: ${name}. Expected a valid update modifier or pipeline-style update specified as an array`,
      )
    if (!isDoc(fields))
      throw serverError(
        9,
        `Modifiers operate on fields but we found type ${typeof fields} instead. For example: {$mod: ` +
          `{<field>: ...}} not {${name}: ${formatValue(fields)}}`,
      )
    for (const [path, argument] of fields) {
      const parts = checkPath(path)
      if (operator)
        steps.push({
          path,
          parts,
          createsPath: operator.createsPath,
          needsPath: operator.needsPath,
          onlyOnInsert: name === '$setOnInsert',
          update: operator.compile(argument, path),
        })
      else renames.push(checkRename(path, argument))
    }
  }
  checkConflicts([...steps.map(step => step.path), ...renames.flatMap(({ from, to }) => [from, to])])
  checkArrayFiltersUsed(filters, steps)
  return {
    kind: 'operators',
    apply: (doc, { insert, now, positionOf }) => {
      // What does not change is shared with the document before, so that it is known to be the same.
      const changed: Doc = new Map(doc)
      const own = new Set<Value>([changed])
      const id = doc.get('_id')
      const all = [...steps.filter(step => insert || !step.onlyOnInsert), ...renameSteps(doc, renames)]
      const concrete = all.flatMap(step => resolvePositions(step, doc, filters, positionOf))
      checkConflicts(concrete.map(step => step.parts.join('.')))
      concrete.sort((a, b) => comparePaths(a.parts, b.parts))
      for (const step of concrete) {
        if (step.parts[0] === '_id' && (!insert || id !== undefined) && !leavesIdUnchanged(doc, step, now))
          throw serverError(
            66,
            `Performing an update on the path '_id' would modify the immutable field '_id'`,
          )
        applyStep(changed, step, 0, { id, now, own })
      }
      return idFirst(changed)
    },
  }
}

function leavesIdUnchanged(doc: Doc, step: Step, now: Date): boolean {
  if (step.parts.length > 1) {
    const trial: Doc = new Map(doc)
    applyStep(trial, step, 0, { id: doc.get('_id'), now, own: new Set([trial]) })
    return equal(trial.get('_id'), doc.get('_id'))
  }
  const next = step.update(doc.get('_id'), { path: '_id', id: doc.get('_id'), now })
  return next === unchanged || (next !== undefined && equal(next, doc.get('_id')))
}

/** Returns the document with `_id` as its first field, where MongoDB always stores it. */
export function idFirst(doc: Doc): Doc {
  const first = doc.keys().next().value
  if (first === '_id' || !doc.has('_id')) return doc
  return new Map([['_id', doc.get('_id')!], ...doc])
}

function checkPath(path: string): string[] {
  if (path === '') throw serverError(56, 'An empty update path is not valid.')
  const parts = path.split('.')
  if (parts.includes(''))
    throw serverError(56, `The update path '${path}' contains an empty field name, which is not allowed.`)
  for (const [i, part] of parts.entries()) {
    if (/^\$(\[[^\]]*\])?$/.test(part)) {
      if (i === 0)
        throw serverError(
          2,
          `Cannot have positional (i.e. '$') element in the first position in path '${path}'`,
        )
      if (part === '$' && parts.filter(other => other === '$').length > 1)
        throw serverError(2, `Too many positional (i.e. '$') elements found in path '${path}'`)
    } else if (part.startsWith('$['))
      throw serverError(2, `Cannot have trailing characters after array filter identifier in path '${path}'`)
    else if (part.startsWith('$') && !['$id', '$ref', '$db'].includes(part))
      throw serverError(52, `The dollar ($) prefixed field '${part}' in '${path}' is not valid for storage.`)
  }
  return parts
}

function checkRename(from: string, to: Value): { from: string; to: string } {
  if (typeof to !== 'string')
    throw serverError(2, `The 'to' field for $rename must be a string: ${from}: ${formatValue(to)}`)
  if (to.includes('\0'))
    throw serverError(2, "The 'to' field for $rename cannot contain an embedded null byte")
  checkPath(to)
  for (const path of [from, to])
    if (path.split('.').some(part => /^\$(\[|$)/.test(part)))
      throw serverError(2, `The source and target field for $rename may not be dynamic: ${path}`)
  if (from === to)
    throw serverError(2, `The source and target field for $rename must differ: ${from}: "${to}"`)
  if (from.startsWith(`${to}.`) || to.startsWith(`${from}.`))
    throw serverError(
      2,
      `The source and target field for $rename must not be on the same path: ${from}: "${to}"`,
    )
  return { from, to }
}

function renameSteps(doc: Doc, renames: Array<{ from: string; to: string }>): Step[] {
  return renames.flatMap(({ from, to }) => {
    const value = readRenamePath(doc, from, 'source')
    if (value === undefined) return []
    readRenamePath(doc, to, 'destination')
    const base = { createsPath: false, onlyOnInsert: false }
    return [
      { ...base, path: from, parts: from.split('.'), update: () => undefined },
      { ...base, createsPath: true, path: to, parts: to.split('.'), update: () => deepCopy(value) },
    ]
  })
}

function readRenamePath(doc: Doc, path: string, what: 'source' | 'destination'): Value | undefined {
  let here: Value | undefined = doc
  let array: string | undefined
  const parts = path.split('.')
  for (const [i, part] of parts.entries()) {
    if (here === undefined) return undefined
    const index: number = Array.isArray(here) ? parseArrayIndex(part) : -1
    if (Array.isArray(here) && (index >= 0 || what === 'destination')) array ??= parts[i - 1]
    else if (!isDoc(here)) {
      if (what === 'destination') return undefined
      throw serverError(
        28,
        `Cannot create field '${part}' in element {${parts[i - 1]}: ${formatValue(here)}}`,
      )
    }
    here = isDoc(here) ? here.get(part) : (here as Value[])[index]
  }
  if (array !== undefined && (here !== undefined || what === 'destination'))
    throw serverError(
      2,
      `The ${what} field cannot be an array element, '${path}' in doc with _id: ` +
        `${formatValue(doc.get('_id'))} has an array field called '${array}'`,
    )
  return here
}

function checkConflicts(paths: string[]): void {
  const known = new Set<string>()
  const conflict = (path: string, other: string) =>
    serverError(40, `Updating the path '${other}' would create a conflict at '${path}'`)
  // A path follows those that it begins with.
  for (const path of [...paths].sort()) {
    if (known.has(path)) throw conflict(path, path)
    for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1))
      if (known.has(path.slice(0, dot))) throw conflict(path.slice(0, dot), path)
    known.add(path)
  }
}

/** Compares field names as text and array indexes as numbers. New fields are created in this order. */
function comparePaths(a: string[], b: string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] === b[i]) continue
    const [left, right] = [parseArrayIndex(a[i]!), parseArrayIndex(b[i]!)]
    if (left >= 0 && right >= 0) return left - right
    return a[i]! < b[i]! ? -1 : 1
  }
  return a.length - b.length
}

function blockedPath({ parts }: Step, at: number, value: Value): Error {
  return serverError(
    28,
    `Cannot use the part (${parts[at]}) of (${parts.join('.')}) to traverse the element ` +
      `({${parts[at - 1]}: ${formatValue(value)}})`,
  )
}

interface StepContext {
  id: Value | undefined
  now: Date
  /** The documents and arrays that are copies. Others are copied before they are changed. */
  own: Set<Value>
}

/** Applies a step to a document or array that is a copy, creating the path where the operator does. */
function applyStep(container: Doc | Value[], step: Step, at: number, context: StepContext): void {
  const part = step.parts[at]!
  const index = Array.isArray(container) ? parseArrayIndex(part) : -1
  if (Array.isArray(container) && index < 0) {
    if (step.needsPath) throw blockedPath(step, at, container)
    if (!step.createsPath) return
    throw serverError(
      28,
      `Cannot create field '${part}' in element {${step.parts[at - 1]}: ${formatValue(container)}}`,
    )
  }
  const value = Array.isArray(container) ? container[index] : container.get(part)
  const put = (next: Value) => {
    if (!Array.isArray(container)) container.set(part, next)
    else {
      if (index > container.length + 1_500_000)
        throw serverError(34, `Cannot add field at position ${index}: too many elements to pad`)
      while (container.length < index) container.push(null)
      container[index] = next
    }
  }
  if (at === step.parts.length - 1) {
    if (value === undefined && !step.createsPath) return
    const { id, now } = context
    const next = step.update(value, { path: step.parts.join('.'), id, now })
    if (next === unchanged) return
    if (next !== undefined) put(next)
    else if (!Array.isArray(container)) container.delete(part)
    else if (index < container.length) container[index] = null
    return
  }
  if (isDoc(value) || Array.isArray(value)) {
    const copy = context.own.has(value) ? value : isDoc(value) ? new Map(value) : [...value]
    context.own.add(copy)
    if (copy !== value) put(copy)
    return applyStep(copy, step, at + 1, context)
  }
  if (step.needsPath && value !== undefined) throw blockedPath(step, at + 1, value)
  if (!step.createsPath) return
  if (value !== undefined)
    throw serverError(
      28,
      `Cannot create field '${step.parts[at + 1]}' in element {${part}: ${formatValue(value)}}`,
    )
  const made: Doc = new Map()
  context.own.add(made)
  applyStep(made, step, at + 1, context)
  if (made.size > 0) put(made)
}
