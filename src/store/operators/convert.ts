import { Decimal128, Double, ObjectId, Timestamp } from 'bson'
import * as decimal from '../decimal'
import { isServerError, serverError } from '../errors'
import { asDecimal, isInt32, maxLong, minLong, numericType, toLong } from '../number'
import {
  asDouble,
  isNumber,
  toFloat,
  typeCodes,
  typeName,
  type Numeric,
  type TypeName,
  type Value,
} from '../value'
import { formatIsoDate, parseDate } from './date-format'
import { isNullish, namedArguments, withArity, type Operator, type Operators } from './operator'

/**
 * MongoDB manual, "Aggregation Operators", type expression operators:
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/#type-expression-operators
 */
export const convert: Operators = {
  $type: withArity(1, 1, ([value]) => typeName(value)),
  $isNumber: withArity(1, 1, ([value]) => isNumber(value)),
  $toString: to('string'),
  $toInt: to('int'),
  $toLong: to('long'),
  $toDouble: to('double'),
  $toDecimal: to('decimal'),
  $toBool: to('bool'),
  $toDate: to('date'),
  $toObjectId: to('objectId'),
  $convert: (argument, compile, name) => {
    const parts = namedArguments(name, argument, ['input', 'to'], ['onError', 'onNull'], {
      object: 9,
      unknown: 9,
      missing: 9,
    })
    const [input, target] = [compile(parts.get('input')!), compile(parts.get('to')!)]
    const [onError, onNull] = ['onError', 'onNull'].map(part =>
      parts.has(part) ? compile(parts.get(part)!) : undefined,
    )
    return scope => {
      const [value, type] = [input(scope), target(scope)]
      const wanted = isNullish(type) ? undefined : targetType(type)
      if (isNullish(value)) return onNull ? onNull(scope) : null
      if (!wanted) return null
      try {
        return convertTo(value, wanted)
      } catch (error) {
        if (!onError || !isServerError(error) || error.code !== 241) throw error
        return onError(scope)
      }
    }
  },
}

function to(type: TypeName): Operator {
  return withArity(1, 1, ([value]) => (isNullish(value) ? null : convertTo(value, type)))
}

function targetType(type: Value): TypeName {
  if (typeof type === 'string') {
    if (Object.hasOwn(typeCodes, type) || type === 'missing') return type as TypeName
    throw serverError(2, `Unknown type name: ${type}`)
  }
  if (!isNumber(type))
    throw serverError(9, `$convert's 'to' argument must be a string or number, but is ${typeName(type)}`)
  if (!isInt32(type)) throw serverError(9, "In $convert, numeric 'to' argument is not an integer")
  const found = Object.entries(typeCodes).find(([, code]) => code === toFloat(type))
  if (!found)
    throw serverError(
      9,
      `In $convert, numeric value for 'to' does not correspond to a BSON type: ${toFloat(type)}`,
    )
  return found[0] as TypeName
}

function conversionFailure(message: string): Error {
  return serverError(241, `${message} in $convert with no onError value`)
}

/**
 * MongoDB manual, "$convert (aggregation)":
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/convert/
 *
 * @throws 241 when the value cannot be converted
 */
function convertTo(value: Value, type: TypeName): Value {
  const from = typeName(value)
  const table: Partial<Record<TypeName, (value: Value) => Value | undefined>> = {
    string: toStringValue,
    int: each => toIntegerValue(each, 'int'),
    long: each => toIntegerValue(each, 'long'),
    double: toDoubleValue,
    decimal: toDecimalValue,
    bool: toBooleanValue,
    date: toDateValue,
    objectId: toObjectIdValue,
  }
  const result = table[type]?.(value)
  if (result === undefined) throw conversionFailure(`Unsupported conversion from ${from} to ${type}`)
  return result
}

function toStringValue(value: Value): Value | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  if (isNumber(value)) return formatNumber(value)
  if (value instanceof Date) return formatIsoDate(value)
  return value instanceof ObjectId ? value.toHexString() : undefined
}

/**
 * Formats a number as MongoDB does: doubles in their shortest form, with an exponent below 1e-4 and from 1e16
 * on.
 */
export function formatNumber(value: Numeric): string {
  if (value instanceof Decimal128) return value.toString()
  const float = toFloat(value)
  if (typeof value === 'bigint') return value.toString()
  if (!Number.isFinite(float)) return Number.isNaN(float) ? 'NaN' : float > 0 ? 'Infinity' : '-Infinity'
  if (Object.is(float, -0)) return '-0'
  const size = Math.abs(float)
  const text = size !== 0 && (size < 1e-4 || size >= 1e16) ? float.toExponential() : String(float)
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}

function toIntegerValue(value: Value, type: 'int' | 'long'): Value | undefined {
  const [low, high] = type === 'int' ? [-2147483648n, 2147483647n] : [minLong, maxLong]
  const made = (whole: bigint): Value => (type === 'int' ? Number(whole) : whole)
  if (typeof value === 'boolean') return made(value ? 1n : 0n)
  if (value instanceof Date) return type === 'long' ? BigInt(value.getTime()) : undefined
  if (typeof value === 'string') {
    if (!/^[+-]?\d+$/.test(value)) throw conversionFailure(`Failed to parse number '${value}'`)
    const whole = BigInt(value.replace(/^\+/, ''))
    if (whole < low || whole > high) throw conversionFailure(`Failed to parse number '${value}'`)
    return made(whole)
  }
  if (!isNumber(value)) return undefined
  const whole = toLong(value)
  if (whole === undefined || whole < low || whole > high)
    throw conversionFailure(`Conversion would overflow target type`)
  return made(whole)
}

function toDoubleValue(value: Value): Value | undefined {
  if (typeof value === 'boolean') return new Double(value ? 1 : 0)
  if (value instanceof Date) return asDouble(value.getTime())
  if (typeof value === 'string') {
    const read = /^\s|\s$/.test(value) ? undefined : decimal.parseDecimal(value)
    if (!read) throw conversionFailure(`Failed to parse number '${value}'`)
    const float = Number(value.replace(/^([+-]?)inf(inity)?$/i, '$1Infinity').replace(/^[+-]?nan$/i, 'NaN'))
    if (!Number.isFinite(float) && read.kind === 'finite')
      throw conversionFailure(`Failed to parse number '${value}' Out of range`)
    return asDouble(float)
  }
  if (!isNumber(value)) return undefined
  const float = toFloat(value)
  const exact = value instanceof Decimal128 ? decimal.fromDecimal128(value) : undefined
  if (exact?.kind === 'finite' && (!Number.isFinite(float) || (float === 0 && !decimal.isZero(exact))))
    throw conversionFailure('Conversion would overflow target type')
  return asDouble(float)
}

function toDecimalValue(value: Value): Value | undefined {
  if (typeof value === 'boolean') return new Decimal128(value ? '1' : '0')
  if (value instanceof Date) return decimal.toDecimal128(decimal.fromBigint(BigInt(value.getTime())))
  if (typeof value === 'string') {
    const read = decimal.parseDecimal(value)
    if (!read || (read.kind === 'infinite' && /\d/.test(value)))
      throw conversionFailure(`Failed to parse number '${value}'`)
    return decimal.toDecimal128(read)
  }
  return isNumber(value)
    ? numericType(value) === 'decimal'
      ? value
      : decimal.toDecimal128(asDecimal(value))
    : undefined
}

function toBooleanValue(value: Value): Value {
  if (typeof value === 'boolean') return value
  return !isNumber(value) || toFloat(value) !== 0
}

function toDateValue(value: Value): Value | undefined {
  if (value instanceof Date) return value
  if (value instanceof ObjectId) return value.getTimestamp()
  if (value instanceof Timestamp) return new Date(value.t * 1000)
  if (typeof value === 'string') return parseDate(value)
  if (!isNumber(value) || numericType(value) === 'int') return undefined
  const whole = toLong(value)
  const date = whole === undefined ? undefined : new Date(Number(whole))
  if (!date || Number.isNaN(date.getTime())) throw conversionFailure('Conversion would overflow target type')
  return date
}

function toObjectIdValue(value: Value): Value | undefined {
  if (value instanceof ObjectId) return value
  if (typeof value !== 'string') return undefined
  if (!/^[0-9a-f]{24}$/i.test(value))
    throw conversionFailure(`Failed to parse objectId '${value}': Invalid string length for parsing to OID`)
  return new ObjectId(value)
}
