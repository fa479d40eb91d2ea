import { Decimal128 } from 'bson'
import * as decimal from '../decimal'
import { refusal } from '../errors'
import {
  add,
  asDecimal,
  fold,
  fromWhole,
  maxLong,
  minLong,
  multiply,
  numericType,
  subtract,
  toBig,
  toWhole,
  widest,
} from '../number'
import { double, isNumber, toFloat, typeName, type Numeric, type Value } from '../value'
import { isNullish, takes, type Operator, type Operators } from './operator'

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/#arithmetic-expression-operators */
export const arithmetic: Operators = {
  $add: takes(0, Infinity, values => {
    const numbers: Numeric[] = []
    let date: Date | undefined
    for (const value of values) {
      if (isNullish(value)) return null
      if (value instanceof Date) {
        if (date) throw refusal(16612, 'only one date allowed in an $add expression')
        date = value
      } else if (isNumber(value)) numbers.push(value)
      else throw refusal(14, `$add only supports numeric or date types, not ${typeName(value)}`)
    }
    const sum = fold(numbers, add)
    return date ? dateAt(date.getTime(), sum, 1) : sum
  }),
  $subtract: takes(2, 2, ([a, b]): Value => {
    if (isNullish(a) || isNullish(b)) return null
    if (isNumber(a) && isNumber(b)) return subtract(a, b)
    if (a instanceof Date && b instanceof Date) return BigInt(a.getTime() - b.getTime())
    if (a instanceof Date && isNumber(b)) return dateAt(a.getTime(), toWhole(b) ?? b, -1)
    throw refusal(14, `can't $subtract ${typeName(b)} from ${typeName(a)}`)
  }),
  $multiply: takes(0, Infinity, values => {
    for (const value of values) {
      if (isNullish(value)) return null
      if (!isNumber(value)) throw refusal(14, `$multiply only supports numeric types, not ${typeName(value)}`)
    }
    return fold(values as Numeric[], multiply)
  }),
  $divide: takes(2, 2, ([a, b]): Value => {
    if (isNullish(a) || isNullish(b)) return null
    if (!isNumber(a) || !isNumber(b))
      throw refusal(14, `$divide only supports numeric types, not ${typeName(a)} and ${typeName(b)}`)
    if (toFloat(b) === 0 && isZero(b)) throw refusal(2, "can't $divide by zero")
    if (widest(a, b) === 'decimal') return decimal.toDecimal128(decimal.divide(asDecimal(a), asDecimal(b)))
    return double(toFloat(a) / toFloat(b))
  }),
  $mod: takes(2, 2, ([a, b]): Value => {
    if (isNullish(a) || isNullish(b)) return null
    if (!isNumber(a) || !isNumber(b))
      throw refusal(16611, `$mod only supports numeric types, not ${typeName(a)} and ${typeName(b)}`)
    if (isZero(b)) throw refusal(16610, "can't $mod by zero")
    if (widest(a, b) === 'decimal') return decimal.toDecimal128(decimal.remainder(asDecimal(a), asDecimal(b)))
    // A double that is whole goes with an int or a long as one of them.
    const [left, right] = [wholeOf(a), wholeOf(b)]
    const bothDouble = numericType(a) === 'double' && numericType(b) === 'double'
    if (bothDouble || left === undefined || right === undefined) return double(toFloat(a) % toFloat(b))
    const type = typeof a === 'bigint' || typeof b === 'bigint' ? 'long' : 'int'
    return fromWhole(left % right, type)
  }),
  $abs: unary('$abs', value => {
    if (typeof value === 'bigint') {
      if (value === minLong) throw refusal(28680, "can't take $abs of long long min")
      return value < 0n ? -value : value
    }
    if (value instanceof Decimal128) {
      const exact = decimal.fromDecimal128(value)
      return decimal.toDecimal128({ ...exact, negative: false })
    }
    if (numericType(value) === 'int') return fromWhole(BigInt(Math.abs(value as number)), 'int')
    return double(Math.abs(toFloat(value)))
  }),
  $ceil: unary('$ceil', value => toPlace(value, 0, 'ceil')),
  $floor: unary('$floor', value => toPlace(value, 0, 'floor')),
  $round: rounding('$round', 'half-even'),
  $trunc: rounding('$trunc', 'trunc'),
}

function wholeOf(value: Numeric): bigint | undefined {
  return typeof value === 'bigint' || Number.isInteger(toFloat(value)) ? toWhole(value) : undefined
}

function isZero(value: Numeric): boolean {
  return value instanceof Decimal128 ? decimal.isZero(decimal.fromDecimal128(value)) : toFloat(value) === 0
}

/** Milliseconds round to the nearest, halves away from zero; a date beyond those of JavaScript overflows. */
function dateAt(time: number, amount: Numeric, sign: 1 | -1): Date {
  const milliseconds = toFloat(amount)
  const date = new Date(time + sign * Math.sign(milliseconds) * Math.round(Math.abs(milliseconds)))
  if (Number.isNaN(date.getTime())) throw refusal(15, 'date overflow')
  return date
}

function unary(name: string, evaluate: (value: Numeric) => Value): Operator {
  return takes(1, 1, ([value]) => {
    if (isNullish(value)) return null
    if (!isNumber(value)) throw refusal(28765, `${name} only supports numeric types, not ${typeName(value)}`)
    return evaluate(value)
  })
}

type How = Parameters<typeof decimal.roundAt>[2]

function rounding(name: string, how: How): Operator {
  return takes(1, 2, values => {
    const [value, place] = values
    if (isNullish(value)) return null
    const digits = values.length === 1 ? 0n : placeOf(name, place)
    if (digits === null) return null
    if (!isNumber(value)) throw refusal(51081, `${name} only supports numeric types, not ${typeName(value)}`)
    return toPlace(value, Number(digits), how)
  })
}

function placeOf(name: string, place: Value | undefined): bigint | null {
  if (isNullish(place)) return null
  if (!isNumber(place)) throw refusal(16004, `can't convert from BSON type ${typeName(place)} to long`)
  const whole = toWhole(place)
  if (whole === undefined) throw refusal(31109, `Can't coerce out of range value to long`)
  if (toFloat(place) !== Number(whole))
    throw refusal(51082, `precision argument to ${name} must be a integral value`)
  if (whole < -20n || whole > 100n)
    throw refusal(51083, `cannot apply ${name} with precision value ${whole} value must be in [-20, 100]`)
  return whole
}

/** Rounds at a number of decimal places, half to even for $round: https://www.mongodb.com/docs/manual/reference/operator/aggregation/round/ */
function toPlace(value: Numeric, places: number, how: How): Value {
  const type = numericType(value)
  if (type === 'decimal') {
    const exact = decimal.fromDecimal128(value as Decimal128)
    return decimal.toDecimal128(
      -places > exact.exponent ? decimal.roundAt(exact, -places, how) : decimal.extend(exact, -places),
    )
  }
  if (type === 'double') {
    const float = toFloat(value)
    if (!Number.isFinite(float)) return value
    if (places === 0 && how === 'trunc') return double(Math.trunc(float))
    const rounded = decimal.roundAt(decimal.exactly(float), -places, how)
    return double(decimal.toNumber(rounded) || (float < 0 || Object.is(float, -0) ? -0 : 0))
  }
  if (places >= 0) return value
  const rounded = decimal.toBigint(decimal.roundAt(decimal.fromBigint(toBig(value)), -places, how))!
  if (rounded > maxLong || rounded < minLong)
    throw refusal(51080, 'invalid conversion from Decimal128 result in $round resulting from arguments')
  return fromWhole(rounded, type)
}
