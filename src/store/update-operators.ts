import { Decimal128, Double, Timestamp } from 'bson'
import { show, unchanged, type Change } from './change'
import { refusal } from './errors'
import { add, isLongOverflow, multiply, numericType, toBig } from './number'
import { addToSet, pop, pull, pullAll, push } from './update-arrays'
import { compare, isDoc, isNumber, typeName, type Numeric, type Value } from './value'

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
