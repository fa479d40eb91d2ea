import { serverError } from './errors'
import { formatValue, type FieldUpdate } from './field-update'
import { parseFilter, type Filter, type Predicate } from './filter'
import { compileFilter } from './match'
import { parseArrayIndex } from './path'
import { isDoc, type Doc, type Value } from './value'

/** One update of one field. The path may still contain `$`, `$[]` and `$[name]`. */
export interface Step {
  path: string
  parts: string[]
  createsPath: boolean
  needsPath?: boolean
  onlyOnInsert: boolean
  update: FieldUpdate
}

/** An entry of arrayFilters, compiled. */
export interface ArrayFilter {
  name: string
  test: Predicate
}

/**
 * Parses arrayFilters. MongoDB manual, "$[<identifier>] (filtered positional)":
 * https://www.mongodb.com/docs/manual/reference/operator/update/positional-filtered/
 *
 * @throws 14, 9 or 2 when a filter is not an object, does not have exactly one valid identifier, or repeats
 *   one
 */
export function parseArrayFilters(arrayFilters: Value[]): ArrayFilter[] {
  const filters: ArrayFilter[] = []
  for (const spec of arrayFilters) {
    if (!isDoc(spec)) throw serverError(14, 'each element of arrayFilters must be an object')
    const parsed = parseFilter(spec)
    const names = new Set(topNames(spec))
    if (names.size !== 1)
      throw serverError(
        9,
        'Error parsing array filter :: caused by :: Expected a single top-level field name, found ' +
          `${[...names].map(name => `'${name}'`).join(' and ') || 'none'}`,
      )
    const [name = ''] = names
    if (!/^[a-z][a-zA-Z0-9]*$/.test(name))
      throw serverError(
        2,
        'Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric ' +
          `string beginning with a lowercase letter, found '${name}'`,
      )
    if (filters.some(filter => filter.name === name))
      throw serverError(9, `Found multiple array filters with the same top-level field name ${name}`)
    filters.push({ name, test: compileFilter(parsed) })
  }
  return filters
}

function topNames(spec: Doc): string[] {
  return [...spec].flatMap(([name, value]) =>
    ['$and', '$or', '$nor'].includes(name) && Array.isArray(value)
      ? value.flatMap(item => (isDoc(item) ? topNames(item) : []))
      : [name.split('.')[0]!],
  )
}

/**
 * Checks that every identifier in a path has a filter, and that every filter is used.
 *
 * @throws 2 for an identifier without a filter, 9 for a filter that is not used
 */
export function checkArrayFiltersUsed(filters: ArrayFilter[], steps: Step[]): void {
  const used = new Set(
    steps.flatMap(step => step.parts.flatMap(part => /^\$\[(.+)\]$/.exec(part)?.[1] ?? [])),
  )
  for (const name of used)
    if (!filters.some(filter => filter.name === name))
      throw serverError(2, `No array filter found for identifier '${name}' in path`)
  for (const { name } of filters)
    if (!used.has(name))
      throw serverError(9, `The array filter for identifier '${name}' was not used in the update`)
}

/**
 * Replaces `$`, `$[]` and `$[name]` in the path of a step with array indexes of the document.
 *
 * @returns the steps to run, one for each index
 * @throws 2 when there is no array at the path, or when the filter matched no element for `$`
 */
export function resolvePositions(
  step: Step,
  doc: Doc,
  filters: ArrayFilter[],
  positionOf?: (doc: Doc, path: string) => number | undefined,
): Step[] {
  const at = step.parts.findIndex(part => /^\$(\[|$)/.test(part))
  if (at < 0) return [step]
  const part = step.parts[at]!
  const before = step.parts.slice(0, at)
  let value: Value | undefined = doc
  for (const name of before)
    value = isDoc(value) ? value.get(name) : Array.isArray(value) ? value[parseArrayIndex(name)] : undefined
  const place = (i: number) =>
    resolvePositions(
      { ...step, parts: [...before, String(i), ...step.parts.slice(at + 1)] },
      doc,
      filters,
      positionOf,
    )
  if (part === '$') {
    const position = positionOf?.(doc, before.join('.'))
    if (position === undefined)
      throw serverError(2, 'The positional operator did not find the match needed from the query.')
    return place(position)
  }
  if (value === undefined)
    throw serverError(
      2,
      `The path '${before.join('.')}' must exist in the document in order to apply array updates.`,
    )
  if (!Array.isArray(value))
    throw serverError(
      2,
      `Cannot apply array updates to non-array element ${before.at(-1)}: ${formatValue(value)}`,
    )
  const filter = filters.find(({ name }) => part === `$[${name}]`)
  return value.flatMap((item, i) => (!filter || filter.test(new Map([[filter.name, item]])) ? place(i) : []))
}

/**
 * Returns the index in the array at `path` at which the filter matched, or undefined. It is what `$` refers
 * to. MongoDB manual, "$ (update)": https://www.mongodb.com/docs/manual/reference/operator/update/positional/
 */
export function matchedPosition(filter: Filter, doc: Doc, path: string): number | undefined {
  let value: Value | undefined = doc
  const parts = path.split('.')
  for (const part of parts)
    value = isDoc(value) ? value.get(part) : Array.isArray(value) ? value[parseArrayIndex(part)] : undefined
  const leaves = leavesOf(filter)
  const own = leaves.filter(leaf => leaf.path.text === path || leaf.path.text.startsWith(`${path}.`))
  for (const leaf of own.toReversed()) {
    const found = Array.isArray(value) ? positionIn(value, leaf, parts.length) : undefined
    if (found !== undefined) return found
  }
  for (const leaf of leaves.toReversed()) {
    let here: Value | undefined = doc
    for (const [i, part] of leaf.path.parts.entries()) {
      here = isDoc(here) ? here.get(part) : undefined
      if (!Array.isArray(here)) continue
      const found = positionIn(here, leaf, i + 1)
      if (found !== undefined) return found
      break
    }
  }
  return undefined
}

type Leaf = Extract<Filter, { path: unknown }>

function leavesOf(filter: Filter): Leaf[] {
  // It is not known which branch of an $or matched. The same is true of MongoDB.
  if (filter.op === '$and' || (filter.op === '$or' && filter.filters.length === 1))
    return filter.filters.flatMap(leavesOf)
  return 'path' in filter ? [filter] : []
}

function positionIn(array: Value[], leaf: Leaf, depth: number): number | undefined {
  const rest = leaf.path.parts.slice(depth)
  if (rest.length > 0 && parseArrayIndex(rest[0]!) >= 0 && rest.length === 1) return undefined
  const path = {
    text: ['0', ...rest].join('.'),
    parts: ['0', ...rest],
    indexes: [-1, ...leaf.path.indexes.slice(depth)],
  }
  const inner: Filter = { ...leaf, path }
  const test =
    leaf.op === '$elemMatch' && rest.length === 0
      ? (doc: Doc) => compileFilter(inner)(new Map([['0', [doc.get('0')!]]]))
      : compileFilter(inner)
  const found = array.findIndex(item => test(new Map([['0', item]])))
  return found >= 0 ? found : undefined
}
