import { BSONRegExp } from 'bson'
import { serverError } from './errors'
import { formatValue, unchanged, type FieldUpdate } from './field-update'
import { parseFilter } from './filter'
import { equalityKey } from './keys'
import { compileFilter } from './match'
import { toSafeInteger } from './number'
import { parseArrayIndex } from './path'
import { parseSort } from './sort'
import { compare, equal, isDoc, isNumber, typeName, type Value } from './value'

function requireArray(
  value: Value | undefined,
  path: string,
  id: Value | undefined,
  message?: string,
): Value[] {
  if (Array.isArray(value)) return value
  throw serverError(
    2,
    message ??
      `The field '${path}' must be an array but is of type ${typeName(value)} in document {_id: ${formatValue(id)}}`,
  )
}

/**
 * Compiles $push with its modifiers $each, $slice, $sort and $position. MongoDB manual, "$push":
 * https://www.mongodb.com/docs/manual/reference/operator/update/push/
 *
 * @throws 2 for an invalid modifier and, while running, for a field that is not an array
 */
export function push(argument: Value): FieldUpdate {
  const spec = isDoc(argument) && argument.has('$each') ? argument : undefined
  if (!spec) {
    return (old, { path, id }) =>
      old === undefined ? [argument] : [...requireArray(old, path, id), argument]
  }
  for (const name of spec.keys())
    if (!['$each', '$slice', '$sort', '$position'].includes(name))
      throw serverError(2, `Unrecognized clause in $push: ${name}`)
  const each = spec.get('$each')!
  if (!Array.isArray(each))
    throw serverError(
      2,
      `The argument to $each in $push must be an array but it was of type: ${typeName(each)}`,
    )
  const slice = integerOption(spec.get('$slice'), '$slice')
  const position = integerOption(spec.get('$position'), '$position')
  const order = spec.has('$sort') ? pushSort(spec.get('$sort')!) : undefined
  return (old, { path, id }) => {
    const before = old === undefined ? [] : requireArray(old, path, id)
    const at =
      position === undefined
        ? before.length
        : position < 0
          ? Math.max(0, before.length + position)
          : Math.min(position, before.length)
    const list = [...before.slice(0, at), ...each, ...before.slice(at)]
    if (order) list.sort(order)
    if (slice === undefined) return list
    return slice >= 0 ? list.slice(0, slice) : list.slice(slice)
  }
}

function integerOption(value: Value | undefined, name: string): number | undefined {
  if (value === undefined) return undefined
  const index = toSafeInteger(value)
  if (index === undefined)
    throw serverError(
      2,
      `The value for ${name} must be an integer value but was given type: ${typeName(value)}`,
    )
  return index
}

function pushSort(spec: Value): (a: Value, b: Value) => number {
  if (isDoc(spec)) {
    if (spec.size === 0) throw serverError(2, 'The $sort pattern is empty when it should be a set of fields.')
    for (const [name, direction] of spec) {
      if (name === '' || name.startsWith('.') || name.endsWith('.') || name.includes('..'))
        throw serverError(2, `The $sort field cannot be empty or have empty parts: ${name}`)
      if (!isNumber(direction) || Math.abs(toSafeInteger(direction) ?? 0) !== 1)
        throw serverError(2, 'The $sort element value must be either 1 or -1')
    }
    const fields = parseSort(spec)
    return (a, b) => {
      for (const field of fields) {
        const order = compare(elementSortKey(a, field.parts), elementSortKey(b, field.parts))
        if (order !== 0) return order * field.direction
      }
      return 0
    }
  }
  const direction = toSafeInteger(spec)
  if (!isNumber(spec) || (direction !== 1 && direction !== -1))
    throw serverError(
      2,
      'The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields',
    )
  return (a, b) => compare(a, b) * direction
}

/**
 * Returns the value that $push with $sort sorts an element by. Paths may contain array indexes, but arrays
 * are not expanded.
 */
function elementSortKey(item: Value, parts: string[]): Value {
  let here: Value | undefined = item
  for (const part of parts)
    here = isDoc(here) ? here.get(part) : Array.isArray(here) ? here[parseArrayIndex(part)] : undefined
  return here ?? null
}

/**
 * Compiles $addToSet. MongoDB manual, "$addToSet":
 * https://www.mongodb.com/docs/manual/reference/operator/update/addToSet/
 *
 * @throws 14 or 2 for an invalid $each, 2 while running for a field that is not an array
 */
export function addToSet(argument: Value): FieldUpdate {
  const spec = isDoc(argument) && argument.keys().next().value === '$each' ? argument : undefined
  const each = spec ? spec.get('$each')! : [argument]
  if (!Array.isArray(each))
    throw serverError(
      14,
      `The argument to $each in $addToSet must be an array but it was of type ${typeName(each)}`,
    )
  if (spec && spec.size > 1)
    throw serverError(2, `Found unexpected fields after $each in $addToSet: ${[...spec.keys()].join(', ')}`)
  return (old, { path, id }) => {
    const list =
      old === undefined
        ? []
        : [
            ...requireArray(
              old,
              path,
              id,
              `Cannot apply $addToSet to non-array field. Field named '${path}' has non-array type ${typeName(old)}`,
            ),
          ]
    const known = new Set(list.map(equalityKey))
    for (const item of each) {
      const key = equalityKey(item)
      if (!known.has(key)) list.push(item)
      known.add(key)
    }
    return old !== undefined && list.length === (old as Value[]).length ? unchanged : list
  }
}

/**
 * Compiles $pull. A document without operators is a filter on elements that are documents, not a value to
 * compare with. MongoDB manual, "$pull": https://www.mongodb.com/docs/manual/reference/operator/update/pull/
 *
 * @throws what `parseFilter` throws, and 2 while running for a field that is not an array
 */
export function pull(argument: Value): FieldUpdate {
  const test = pullTest(argument)
  return old => {
    if (old === undefined) return unchanged
    if (!Array.isArray(old)) throw serverError(2, 'Cannot apply $pull to a non-array value')
    return old.filter(item => !test(item))
  }
}

function pullTest(argument: Value): (item: Value) => boolean {
  if (
    argument instanceof BSONRegExp ||
    (isDoc(argument) &&
      argument.keys().next().value?.startsWith('$') &&
      !logical.has(argument.keys().next().value!))
  ) {
    const test = compileFilter(parseFilter(new Map([['0', argument]])))
    return item => test(new Map([['0', item]]))
  }
  if (isDoc(argument)) {
    const test = compileFilter(parseFilter(argument))
    return item => isDoc(item) && test(item)
  }
  return item => equal(item, argument)
}

const logical = new Set(['$and', '$or', '$nor', '$expr'])

/**
 * Compiles $pullAll. MongoDB manual, "$pullAll":
 * https://www.mongodb.com/docs/manual/reference/operator/update/pullAll/
 *
 * @throws 2 for an argument or, while running, a field that is not an array
 */
export function pullAll(argument: Value): FieldUpdate {
  if (!Array.isArray(argument))
    throw serverError(2, `$pullAll requires an array argument but was given a ${typeName(argument)}`)
  const pulled = new Set(argument.map(equalityKey))
  return old => {
    if (old === undefined) return unchanged
    if (!Array.isArray(old)) throw serverError(2, 'Cannot apply $pull to a non-array value')
    return old.filter(item => !pulled.has(equalityKey(item)))
  }
}

/**
 * Compiles $pop. MongoDB manual, "$pop": https://www.mongodb.com/docs/manual/reference/operator/update/pop/
 *
 * @throws 9 for an argument other than 1 and -1, 14 while running for a field that is not an array
 */
export function pop(argument: Value, path: string): FieldUpdate {
  if (!isNumber(argument)) throw serverError(9, `Expected a number in: ${path}: ${formatValue(argument)}`)
  const end = toSafeInteger(argument)
  if (end !== 1 && end !== -1) throw serverError(9, `$pop expects 1 or -1, found: ${formatValue(argument)}`)
  return old => {
    if (old === undefined) return unchanged
    if (!Array.isArray(old))
      throw serverError(14, `Path '${path}' contains an element of non-array type '${typeName(old)}'`)
    return end === 1 ? old.slice(0, -1) : old.slice(1)
  }
}
