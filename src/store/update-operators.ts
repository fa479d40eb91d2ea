import { BSONRegExp, Decimal128, Double, Timestamp } from 'bson'
import { refusal } from './errors'
import { parseFilter } from './filter'
import { compileFilter } from './match'
import { add, isLongOverflow, multiply, numericType, toBig, toIndex } from './number'
import { arrayIndex } from './path'
import { parseSort } from './sort'
import { compare, equal, isDoc, isNumber, typeName, type Doc, type Numeric, type Value } from './value'

/** The field stays as it is. */
export const unchanged = Symbol('unchanged')

/** From the value of a field to its next one; undefined removes the field. */
export type Change = (
  value: Value | undefined,
  where: { path: string; id: Value | undefined; now: Date },
) => Value | undefined | typeof unchanged

export interface UpdateOperator {
  /** Whether a missing field, and the way to it, is made. */
  creates: boolean
  compile(argument: Value, path: string): Change
}

/** https://www.mongodb.com/docs/manual/reference/operator/update/ */
export const updateOperators: Record<string, UpdateOperator> = {
  $set: { creates: true, compile: value => () => value },
  $setOnInsert: { creates: true, compile: value => () => value },
  $unset: { creates: false, compile: () => () => undefined },
  $inc: { creates: true, compile: (value, path) => arithmetic('$inc', value, path) },
  $mul: { creates: true, compile: (value, path) => arithmetic('$mul', value, path) },
  $min: {
    creates: true,
    compile: value => old => (old === undefined || compare(value, old) < 0 ? value : unchanged),
  },
  $max: {
    creates: true,
    compile: value => old => (old === undefined || compare(value, old) > 0 ? value : unchanged),
  },
  $currentDate: { creates: true, compile: currentDate },
  $push: { creates: true, compile: push },
  $addToSet: { creates: true, compile: addToSet },
  $pull: { creates: false, compile: pull },
  $pullAll: { creates: false, compile: pullAll },
  $pop: { creates: false, compile: pop },
  $bit: { creates: true, compile: bit },
}

/** Their names, with the parts of $push and $rename, which `update` itself does. */
export const updateNames = [
  ...Object.keys(updateOperators),
  '$rename',
  '$each',
  '$slice',
  '$sort',
  '$position',
]

function arithmetic(name: '$inc' | '$mul', by: Value, path: string): Change {
  const word = name === '$inc' ? 'increment' : 'multiply'
  if (!isNumber(by)) throw refusal(14, `Cannot ${word} with non-numeric argument: {${path}: ${show(by)}}`)
  return (old, { id }) => {
    if (old === undefined) return name === '$inc' ? by : zeroOf(by)
    if (!isNumber(old))
      throw refusal(
        14,
        `Cannot apply ${name} to a value of non-numeric type. {_id: ${show(id)}} has the field '${path.split('.').at(-1)}' of non-numeric type ${typeName(old)}`,
      )
    const result = name === '$inc' ? add(old, by) : multiply(old, by)
    if (isLongOverflow(old, by, result))
      throw refusal(
        2,
        `Failed to apply ${name} operations to current value (${show(old)}) for document {_id: ${show(id)}}`,
      )
    return result
  }
}

/** $mul of a missing field is zero of the type of the factor. */
function zeroOf(value: Numeric): Numeric {
  const zeros = { int: 0, long: 0n, double: new Double(0), decimal: new Decimal128('0') }
  return zeros[numericType(value)]
}

function currentDate(spec: Value): Change {
  if (typeof spec === 'boolean') return (_, { now }) => new Date(now)
  const bad = refusal(
    2,
    `${typeName(spec)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).`,
  )
  if (!isDoc(spec)) throw bad
  for (const name of spec.keys())
    if (name !== '$type') throw refusal(2, `Unrecognized $currentDate option: ${name}`)
  const type = spec.get('$type')
  if (type === 'date') return (_, { now }) => new Date(now)
  if (type === 'timestamp')
    return (_, { now }) => new Timestamp({ t: Math.floor(now.getTime() / 1000), i: 1 })
  throw refusal(
    2,
    "The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {field : {$type: 'date'}}}",
  )
}

function arrayOr(value: Value | undefined, path: string, id: Value | undefined, words?: string): Value[] {
  if (Array.isArray(value)) return value
  throw refusal(
    2,
    words ??
      `The field '${path}' must be an array but is of type ${typeName(value)} in document {_id: ${show(id)}}`,
  )
}

function modifiers(argument: Value): Doc | undefined {
  if (!isDoc(argument)) return undefined
  return argument.keys().next().value?.startsWith('$') && argument.has('$each') ? argument : undefined
}

function push(argument: Value): Change {
  const spec = modifiers(argument)
  if (!spec) {
    if (isDoc(argument) && [...argument.keys()].some(name => ['$slice', '$sort', '$position'].includes(name)))
      throw refusal(
        52,
        `The dollar ($) prefixed field '${[...argument.keys()][0]}' is not valid for storage.`,
      )
    return (old, { path, id }) => (old === undefined ? [argument] : [...arrayOr(old, path, id), argument])
  }
  for (const name of spec.keys())
    if (!['$each', '$slice', '$sort', '$position'].includes(name))
      throw refusal(2, `Unrecognized clause in $push: ${name}`)
  const each = spec.get('$each')!
  if (!Array.isArray(each))
    throw refusal(2, `The argument to $each in $push must be an array but it was of type: ${typeName(each)}`)
  const slice = whole(spec.get('$slice'), '$slice')
  const position = whole(spec.get('$position'), '$position')
  const order = spec.has('$sort') ? pushSort(spec.get('$sort')!) : undefined
  return (old, { path, id }) => {
    const list = old === undefined ? [] : [...arrayOr(old, path, id)]
    const at =
      position === undefined
        ? list.length
        : position < 0
          ? Math.max(0, list.length + position)
          : Math.min(position, list.length)
    list.splice(at, 0, ...each)
    if (order) list.sort(order)
    if (slice === undefined) return list
    return slice >= 0 ? list.slice(0, slice) : list.slice(slice)
  }
}

function whole(value: Value | undefined, name: string): number | undefined {
  if (value === undefined) return undefined
  const index = toIndex(value)
  if (index === undefined)
    throw refusal(2, `The value for ${name} must be an integer value but was given type: ${typeName(value)}`)
  return index
}

function pushSort(spec: Value): (a: Value, b: Value) => number {
  if (isDoc(spec)) {
    if (spec.size === 0) throw refusal(2, 'The $sort pattern is empty when it should be a set of fields.')
    for (const [name, direction] of spec) {
      if (name === '' || name.startsWith('.') || name.endsWith('.') || name.includes('..'))
        throw refusal(2, `The $sort field cannot be empty or have empty parts: ${name}`)
      if (!isNumber(direction) || Math.abs(toIndex(direction) ?? 0) !== 1)
        throw refusal(2, 'The $sort element value must be either 1 or -1')
    }
    const fields = parseSort(spec)
    return (a, b) => {
      for (const field of fields) {
        const order = compare(plainKey(a, field.parts), plainKey(b, field.parts))
        if (order !== 0) return order * field.direction
      }
      return 0
    }
  }
  const direction = toIndex(spec)
  if (!isNumber(spec) || (direction !== 1 && direction !== -1))
    throw refusal(
      2,
      'The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields',
    )
  return (a, b) => compare(a, b) * direction
}

/** Sorting a list that is pushed to takes positions in arrays, but does not spread over their elements. */
function plainKey(item: Value, parts: string[]): Value {
  let here: Value | undefined = item
  for (const part of parts)
    here = isDoc(here) ? here.get(part) : Array.isArray(here) ? here[arrayIndex(part)] : undefined
  return here ?? null
}

function addToSet(argument: Value): Change {
  const spec = isDoc(argument) && argument.keys().next().value === '$each' ? argument : undefined
  const each = spec ? spec.get('$each')! : [argument]
  if (!Array.isArray(each))
    throw refusal(
      14,
      `The argument to $each in $addToSet must be an array but it was of type ${typeName(each)}`,
    )
  if (spec && spec.size > 1)
    throw refusal(2, `Found unexpected fields after $each in $addToSet: ${[...spec.keys()].join(', ')}`)
  return (old, { path, id }) => {
    const list =
      old === undefined
        ? []
        : [
            ...arrayOr(
              old,
              path,
              id,
              `Cannot apply $addToSet to non-array field. Field named '${path}' has non-array type ${typeName(old)}`,
            ),
          ]
    for (const item of each) if (!list.some(other => equal(other, item))) list.push(item)
    return old !== undefined && list.length === (old as Value[]).length ? unchanged : list
  }
}

/** A document without operators is a filter on elements that are documents, not an equality. */
function pull(argument: Value): Change {
  const test = pullTest(argument)
  return old => {
    if (old === undefined) return unchanged
    if (!Array.isArray(old)) throw refusal(2, 'Cannot apply $pull to a non-array value')
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

function pullAll(argument: Value): Change {
  if (!Array.isArray(argument))
    throw refusal(2, `$pullAll requires an array argument but was given a ${typeName(argument)}`)
  return old => {
    if (old === undefined) return unchanged
    if (!Array.isArray(old)) throw refusal(2, 'Cannot apply $pull to a non-array value')
    return old.filter(item => !argument.some(other => equal(other, item)))
  }
}

function pop(argument: Value, path: string): Change {
  if (!isNumber(argument)) throw refusal(9, `Expected a number in: ${path}: ${show(argument)}`)
  const end = toIndex(argument)
  if (end !== 1 && end !== -1) throw refusal(9, `$pop expects 1 or -1, found: ${show(argument)}`)
  return old => {
    if (old === undefined) return unchanged
    if (!Array.isArray(old))
      throw refusal(14, `Path '${path}' contains an element of non-array type '${typeName(old)}'`)
    return end === 1 ? old.slice(0, -1) : old.slice(1)
  }
}

function bit(argument: Value, path: string): Change {
  if (!isDoc(argument))
    throw refusal(
      2,
      `The $bit modifier is not compatible with a ${typeName(argument)}. You must pass in an embedded document: {$bit: {field: {and/or/xor: #}}`,
    )
  if (argument.size === 0)
    throw refusal(
      2,
      `You must pass in at least one bitwise operation. The format is: {$bit: {field: {and/or/xor: #}}`,
    )
  const operations = [...argument].map(([name, value]) => {
    if (!['and', 'or', 'xor'].includes(name))
      throw refusal(
        2,
        `The $bit modifier only supports 'and', 'or', and 'xor', not '${name}' which is an unknown operator: {${name}: ${show(value)}}`,
      )
    if (!isNumber(value) || !['int', 'long'].includes(numericType(value)))
      throw refusal(
        2,
        `The $bit modifier field must be an Integer(32/64 bit); a '${typeName(value)}' is not supported here: {${name}: ${show(value)}}`,
      )
    return { name, value }
  })
  return (old, { id }) => {
    let result: Numeric = 0
    if (old !== undefined) {
      if (!isNumber(old) || !['int', 'long'].includes(numericType(old)))
        throw refusal(
          2,
          `Cannot apply $bit to a value of non-integral type. {_id: ${show(id)}} has the field ${path} of non-integer type ${typeName(old)}`,
        )
      result = old
    }
    for (const { name, value } of operations) {
      const [a, b]: [bigint, bigint] = [toBig(result), toBig(value)]
      const combined = name === 'and' ? a & b : name === 'or' ? a | b : a ^ b
      result = typeof result === 'bigint' || typeof value === 'bigint' ? combined : Number(combined)
    }
    return result
  }
}

/** A value in the words of an error message. */
export function show(value: Value | undefined): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (isDoc(value)) return `{ ${[...value].map(([name, item]) => `${name}: ${show(item)}`).join(', ')} }`
  if (Array.isArray(value)) return `[ ${value.map(show).join(', ')} ]`
  if (value !== null && typeof value === 'object' && '_bsontype' in value && value._bsontype === 'ObjectId')
    return `ObjectId('${value.toHexString()}')`
  return String(value)
}
