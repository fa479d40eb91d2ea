import { Decimal128 } from 'bson'
import * as decimal from '../decimal'
import { serverError } from '../errors'
import {
  add,
  asBigInt,
  asDecimal,
  commonType,
  fold,
  fromInteger,
  maxLong,
  minLong,
  multiply,
  numericType,
  subtract,
  toLong,
} from '../number'
import { asDouble, isNumber, toFloat, typeName, type Numeric, type Value } from '../value'
import { isNullish, withArity, type Operator, type Operators } from './operator'

/**
 * MongoDB manual, "Aggregation Operators", arithmetic expression operators:
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/#arithmetic-expression-operators
 */
export const arithmetic: Operators = {
  $add: withArity(0, Infinity, values => {
    const numbers: Numeric[] = []
    let date: Date | undefined
    for (const value of values) {
      if (isNullish(value)) return null
      if (value instanceof Date) {
        if (date) throw serverError(16612, 'only one date allowed in an $add expression')
        date = value
      } else if (isNumber(value)) numbers.push(value)
      else throw serverError(14, `$add only supports numeric or date types, not ${typeName(value)}`)
    }
    const sum = fold(numbers, add)
    return date ? shiftDate(date.getTime(), sum, 1) : sum
  }),
  $subtract: withArity(2, 2, ([a, b]): Value => {
    if (isNullish(a) || isNullish(b)) return null
    if (isNumber(a) && isNumber(b)) return subtract(a, b)
    if (a instanceof Date && b instanceof Date) return BigInt(a.getTime() - b.getTime())
    if (a instanceof Date && isNumber(b)) return shiftDate(a.getTime(), toLong(b) ?? b, -1)
    throw serverError(14, `can't $subtract ${typeName(b)} from ${typeName(a)}`)
  }),
  $multiply: withArity(0, Infinity, values => {
    for (const value of values) {
      if (isNullish(value)) return null
      if (!isNumber(value))
        throw serverError(14, `$multiply only supports numeric types, not ${typeName(value)}`)
    }
    return fold(values as Numeric[], multiply)
  }),
  $divide: withArity(2, 2, ([a, b]): Value => {
    if (isNullish(a) || isNullish(b)) return null
    if (!isNumber(a) || !isNumber(b))
      throw serverError(14, `$divide only supports numeric types, not ${typeName(a)} and ${typeName(b)}`)
    if (toFloat(b) === 0 && isZero(b)) throw serverError(2, "can't $divide by zero")
    if (commonType(a, b) === 'decimal')
      return decimal.toDecimal128(decimal.divide(asDecimal(a), asDecimal(b)))
    return asDouble(toFloat(a) / toFloat(b))
  }),
  $mod: withArity(2, 2, ([a, b]): Value => {
    if (isNullish(a) || isNullish(b)) return null
    if (!isNumber(a) || !isNumber(b))
      throw serverError(16611, `$mod only supports numeric types, not ${typeName(a)} and ${typeName(b)}`)
    if (isZero(b)) throw serverError(16610, "can't $mod by zero")
    if (commonType(a, b) === 'decimal')
      return decimal.toDecimal128(decimal.remainder(asDecimal(a), asDecimal(b)))
    // A whole double together with an int or a long is treated as an integer.
    const [left, right] = [integerOf(a), integerOf(b)]
    const bothDouble = numericType(a) === 'double' && numericType(b) === 'double'
    if (bothDouble || left === undefined || right === undefined) return asDouble(toFloat(a) % toFloat(b))
    const type = typeof a === 'bigint' || typeof b === 'bigint' ? 'long' : 'int'
    return fromInteger(left % right, type)
  }),
  $abs: unary('$abs', value => {
    if (typeof value === 'bigint') {
      if (value === minLong) throw serverError(28680, "can't take $abs of long long min")
      return value < 0n ? -value : value
    }
    if (value instanceof Decimal128) {
      const exact = decimal.fromDecimal128(value)
      return decimal.toDecimal128({ ...exact, negative: false })
    }
    if (numericType(value) === 'int') return fromInteger(BigInt(Math.abs(value as number)), 'int')
    return asDouble(Math.abs(toFloat(value)))
  }),
  $ceil: unary('$ceil', value => toPlace(value, 0, 'ceil')),
  $floor: unary('$floor', value => toPlace(value, 0, 'floor')),
  $round: rounding('$round', 'half-even'),
  $trunc: rounding('$trunc', 'trunc'),
}

function integerOf(value: Numeric): bigint | undefined {
  return typeof value === 'bigint' || Number.isInteger(toFloat(value)) ? toLong(value) : undefined
}

function isZero(value: Numeric): boolean {
  return value instanceof Decimal128 ? decimal.isZero(decimal.fromDecimal128(value)) : toFloat(value) === 0
}

/**
 * Moves a date by a number of milliseconds, rounded to the nearest, halves away from zero.
 *
 * @throws 15 when the result is outside the range of a Date
 */
function shiftDate(time: number, amount: Numeric, sign: 1 | -1): Date {
  const milliseconds = toFloat(amount)
  const date = new Date(time + sign * Math.sign(milliseconds) * Math.round(Math.abs(milliseconds)))
  if (Number.isNaN(date.getTime())) throw serverError(15, 'date overflow')
  return date
}

function unary(name: string, evaluate: (value: Numeric) => Value): Operator {
  return withArity(1, 1, ([value]) => {
    if (isNullish(value)) return null
    if (!isNumber(value))
      throw serverError(28765, `${name} only supports numeric types, not ${typeName(value)}`)
    return evaluate(value)
  })
}

type Rounding = Parameters<typeof decimal.roundAt>[2]

function rounding(name: string, how: Rounding): Operator {
  return withArity(1, 2, values => {
    const [value, place] = values
    if (isNullish(value)) return null
    const digits = values.length === 1 ? 0n : placeOf(name, place)
    if (digits === null) return null
    if (!isNumber(value))
      throw serverError(51081, `${name} only supports numeric types, not ${typeName(value)}`)
    return toPlace(value, Number(digits), how)
  })
}

function placeOf(name: string, place: Value | undefined): bigint | null {
  if (isNullish(place)) return null
  if (!isNumber(place)) throw serverError(16004, `can't convert from BSON type ${typeName(place)} to long`)
  const whole = toLong(place)
  if (whole === undefined) throw serverError(31109, `Can't coerce out of range value to long`)
  if (toFloat(place) !== Number(whole))
    throw serverError(51082, `precision argument to ${name} must be a integral value`)
  if (whole < -20n || whole > 100n)
    throw serverError(51083, `cannot apply ${name} with precision value ${whole} value must be in [-20, 100]`)
  return whole
}

/**
 * Rounds to a number of decimal places, half to even for $round. MongoDB manual, "$round (aggregation)":
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/round/
 */
function toPlace(value: Numeric, places: number, how: Rounding): Value {
  const type = numericType(value)
  if (type === 'decimal') {
    const exact = decimal.fromDecimal128(value as Decimal128)
    return decimal.toDecimal128(
      -places > exact.exponent ? decimal.roundAt(exact, -places, how) : decimal.padZeros(exact, -places),
    )
  }
  if (type === 'double') {
    const float = toFloat(value)
    if (!Number.isFinite(float)) return value
    if (places === 0 && how === 'trunc') return asDouble(Math.trunc(float))
    const rounded = decimal.roundAt(decimal.fromDoubleExact(float), -places, how)
    return asDouble(decimal.toNumber(rounded) || (float < 0 || Object.is(float, -0) ? -0 : 0))
  }
  if (places >= 0) return value
  const rounded = decimal.toBigint(decimal.roundAt(decimal.fromBigint(asBigInt(value)), -places, how))!
  if (rounded > maxLong || rounded < minLong)
    throw serverError(51080, 'invalid conversion from Decimal128 result in $round resulting from arguments')
  return fromInteger(rounded, type)
}
