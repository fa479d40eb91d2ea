import { Decimal128, Double, Timestamp } from 'bson'
import { serverError } from './errors'
import { formatValue, unchanged, type FieldUpdate } from './field-update'
import { add, asBigInt, isLongOverflow, multiply, numericType } from './number'
import { addToSet, pop, pull, pullAll, push } from './update-arrays'
import { compare, isDoc, isNumber, typeName, type Numeric, type Value } from './value'

/** An update operator. */
export interface UpdateOperator {
  /** Whether the operator creates a missing field and the path to it. */
  createsPath: boolean
  /** Whether a value that has no fields, or no such field, on the way to the path is an error. */
  needsPath?: boolean
  compile(argument: Value, path: string): FieldUpdate
}

/**
 * The update operators, by name. MongoDB manual, "Update Operators":
 * https://www.mongodb.com/docs/manual/reference/operator/update/
 */
export const updateOperators: Record<string, UpdateOperator> = {
  $set: { createsPath: true, compile: value => () => value },
  $setOnInsert: { createsPath: true, compile: value => () => value },
  $unset: { createsPath: false, compile: () => () => undefined },
  $inc: { createsPath: true, compile: (value, path) => arithmetic('$inc', value, path) },
  $mul: { createsPath: true, compile: (value, path) => arithmetic('$mul', value, path) },
  $min: {
    createsPath: true,
    compile: value => old => (old === undefined || compare(value, old) < 0 ? value : unchanged),
  },
  $max: {
    createsPath: true,
    compile: value => old => (old === undefined || compare(value, old) > 0 ? value : unchanged),
  },
  $currentDate: { createsPath: true, compile: currentDate },
  $push: { createsPath: true, compile: push },
  $addToSet: { createsPath: true, compile: addToSet },
  $pull: { createsPath: false, needsPath: true, compile: pull },
  $pullAll: { createsPath: false, needsPath: true, compile: pullAll },
  $pop: { createsPath: false, needsPath: true, compile: pop },
  $bit: { createsPath: true, compile: bit },
}

/**
 * The names of all update operators, including $rename, which update.ts implements, and the modifiers of
 * $push.
 */
export const updateOperatorNames = [
  ...Object.keys(updateOperators),
  '$rename',
  '$each',
  '$slice',
  '$sort',
  '$position',
]

function arithmetic(name: '$inc' | '$mul', by: Value, path: string): FieldUpdate {
  const word = name === '$inc' ? 'increment' : 'multiply'
  if (!isNumber(by))
    throw serverError(14, `Cannot ${word} with non-numeric argument: {${path}: ${formatValue(by)}}`)
  return (old, { id }) => {
    if (old === undefined) return name === '$inc' ? by : zeroOf(by)
    if (!isNumber(old))
      throw serverError(
        14,
        `Cannot apply ${name} to a value of non-numeric type. {_id: ${formatValue(id)}} has the field ` +
          `'${path.split('.').at(-1)}' of non-numeric type ${typeName(old)}`,
      )
    const result = name === '$inc' ? add(old, by) : multiply(old, by)
    if (isLongOverflow(old, by, result))
      throw serverError(
        2,
        `Failed to apply ${name} operations to current value (${formatValue(old)}) for document {_id: ` +
          `${formatValue(id)}}`,
      )
    return result
  }
}

/** $mul sets a missing field to zero, in the type of its argument. */
function zeroOf(value: Numeric): Numeric {
  const zeros = { int: 0, long: 0n, double: new Double(0), decimal: new Decimal128('0') }
  return zeros[numericType(value)]
}

function currentDate(spec: Value): FieldUpdate {
  if (typeof spec === 'boolean') return (_, { now }) => new Date(now)
  const bad = serverError(
    2,
    `${typeName(spec)} is not valid type for $currentDate. Please use a boolean ('true') or a $type ` +
      "expression ({$type: 'timestamp/date'}).",
  )
  if (!isDoc(spec)) throw bad
  for (const name of spec.keys())
    if (name !== '$type') throw serverError(2, `Unrecognized $currentDate option: ${name}`)
  const type = spec.get('$type')
  if (type === 'date') return (_, { now }) => new Date(now)
  if (type === 'timestamp')
    return (_, { now }) => new Timestamp({ t: Math.floor(now.getTime() / 1000), i: 1 })
  throw serverError(
    2,
    "The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {field : {$type: 'date'}}}",
  )
}

function bit(argument: Value, path: string): FieldUpdate {
  if (!isDoc(argument))
    throw serverError(
      2,
      `The $bit modifier is not compatible with a ${typeName(argument)}. You must pass in an embedded ` +
        'document: {$bit: {field: {and/or/xor: #}}',
    )
  if (argument.size === 0)
    throw serverError(
      2,
      `You must pass in at least one bitwise operation. The format is: {$bit: {field: {and/or/xor: #}}`,
    )
  const operations = [...argument].map(([name, value]) => {
    if (!['and', 'or', 'xor'].includes(name))
      throw serverError(
        2,
        `The $bit modifier only supports 'and', 'or', and 'xor', not '${name}' which is an unknown ` +
          `operator: {${name}: ${formatValue(value)}}`,
      )
    if (!isNumber(value) || !['int', 'long'].includes(numericType(value)))
      throw serverError(
        2,
        `The $bit modifier field must be an Integer(32/64 bit); a '${typeName(value)}' is not supported ` +
          `here: {${name}: ${formatValue(value)}}`,
      )
    return { name, value }
  })
  return (old, { id }) => {
    let result: Numeric = 0
    if (old !== undefined) {
      if (!isNumber(old) || !['int', 'long'].includes(numericType(old)))
        throw serverError(
          2,
          `Cannot apply $bit to a value of non-integral type. {_id: ${formatValue(id)}} has the field ` +
            `${path} of non-integer type ${typeName(old)}`,
        )
      result = old
    }
    for (const { name, value } of operations) {
      const [a, b]: [bigint, bigint] = [asBigInt(result), asBigInt(value)]
      const combined = name === 'and' ? a & b : name === 'or' ? a | b : a ^ b
      result = typeof result === 'bigint' || typeof value === 'bigint' ? combined : Number(combined)
    }
    return result
  }
}
