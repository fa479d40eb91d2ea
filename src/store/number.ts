import { Decimal128, Double } from 'bson'
import * as decimal from './decimal'
import { asDouble, isInt, toDecimal, toFloat, type Numeric, type Value } from './value'

/** The smallest BSON long. */
export const minLong = -(1n << 63n)
/** The largest BSON long. */
export const maxLong = (1n << 63n) - 1n

/** The numeric BSON types. */
export type NumericType = 'int' | 'long' | 'double' | 'decimal'

/** Returns the BSON type of a number. */
export function numericType(value: Numeric): NumericType {
  if (typeof value === 'bigint') return 'long'
  if (typeof value === 'number') return isInt(value) ? 'int' : 'double'
  return value instanceof Double ? 'double' : 'decimal'
}

/**
 * Truncates a number towards zero. Returns undefined for NaN, infinity and numbers that do not fit into a
 * long.
 */
export function toLong(value: Numeric): bigint | undefined {
  if (typeof value === 'bigint') return value
  if (value instanceof Decimal128) {
    const exact = decimal.toBigint(toDecimal(value))
    return exact !== undefined && exact >= minLong && exact <= maxLong ? exact : undefined
  }
  const float = toFloat(value)
  if (!Number.isFinite(float) || float >= 2 ** 63 || float < -(2 ** 63)) return undefined
  return BigInt(Math.trunc(float))
}

/**
 * Returns a number that is a whole and safe JavaScript integer, otherwise undefined. For limits, positions
 * and options.
 */
export function toSafeInteger(value: Value | undefined): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? value : undefined
  if (typeof value !== 'bigint' && !(value instanceof Double) && !(value instanceof Decimal128))
    return undefined
  const float = toFloat(value)
  return Number.isSafeInteger(float) ? float : undefined
}

/**
 * Returns an integer as an int if `type` is int and it fits, otherwise as a long. Beyond the range of a long
 * it returns the double `float`, which is what MongoDB's arithmetic yields.
 */
export function fromInteger(value: bigint, type: 'int' | 'long', float = Number(value)): Numeric {
  if (type === 'int' && value >= -2147483648n && value <= 2147483647n) return Number(value)
  return value >= minLong && value <= maxLong ? value : asDouble(float)
}

const order: NumericType[] = ['int', 'long', 'double', 'decimal']

/** Returns the wider of two types, in the order int, long, double, decimal. */
export function widerType(a: NumericType, b: NumericType): NumericType {
  return order[Math.max(order.indexOf(a), order.indexOf(b))]!
}

/** Returns the type of the result of mixed arithmetic: decimal before double before long before int. */
export function commonType(a: Numeric, b: Numeric): NumericType {
  return widerType(numericType(a), numericType(b))
}

/** Converts a number for arithmetic with decimals. Doubles are rounded to 15 digits. */
export function asDecimal(value: Numeric): decimal.Decimal {
  if (numericType(value) !== 'double') return toDecimal(value)
  return decimal.fromDoubleRounded(toFloat(value))
}

/** Returns an int or a long as a bigint. */
export function asBigInt(value: Numeric): bigint {
  return typeof value === 'bigint' ? value : BigInt(toFloat(value))
}

/** Adds two numbers. Whole sums widen from int to long to double as needed. */
export function add(a: Numeric, b: Numeric): Numeric {
  if (typeof a === 'number' && typeof b === 'number' && isInt(a) && isInt(b)) {
    const sum = a + b
    return isInt(sum) ? sum : BigInt(sum)
  }
  const type = commonType(a, b)
  if (type === 'decimal') return decimal.toDecimal128(decimal.addExact(asDecimal(a), asDecimal(b)))
  const float = toFloat(a) + toFloat(b)
  return type === 'double' ? asDouble(float) : fromInteger(asBigInt(a) + asBigInt(b), type, float)
}

/** Subtracts `b` from `a`. Whole differences widen from int to long to double as needed. */
export function subtract(a: Numeric, b: Numeric): Numeric {
  const type = commonType(a, b)
  if (type === 'decimal')
    return decimal.toDecimal128(decimal.addExact(asDecimal(a), decimal.negate(asDecimal(b))))
  const float = toFloat(a) - toFloat(b)
  return type === 'double' ? asDouble(float) : fromInteger(asBigInt(a) - asBigInt(b), type, float)
}

/** Multiplies two numbers. Whole products widen from int to long to double as needed. */
export function multiply(a: Numeric, b: Numeric): Numeric {
  const type = commonType(a, b)
  if (type === 'decimal') return decimal.toDecimal128(decimal.multiplyExact(asDecimal(a), asDecimal(b)))
  const float = toFloat(a) * toFloat(b)
  return type === 'double' ? asDouble(float) : fromInteger(asBigInt(a) * asBigInt(b), type, float)
}

/**
 * Returns the sum or product of several numbers. Integers are accumulated in 64 bits and become a double if
 * those overflow.
 */
export function fold(values: Numeric[], combine: typeof add): Numeric {
  let result: Numeric = combine === multiply ? 1 : 0
  let onlyInts = true
  for (const value of values) {
    onlyInts &&= numericType(value) === 'int'
    result = combine(result, value)
  }
  const isSmall = onlyInts && typeof result === 'bigint' && result === BigInt.asIntN(32, result)
  return isSmall ? Number(result) : result
}

/**
 * Returns true when the result overflowed a long. $inc and $mul refuse that, whereas expressions yield a
 * double.
 */
export function isLongOverflow(a: Numeric, b: Numeric, result: Numeric): boolean {
  const type = commonType(a, b)
  return (type === 'int' || type === 'long') && numericType(result) === 'double'
}

/** Returns true for a whole number of any type that fits into an int. */
export function isInt32(value: Numeric): boolean {
  const float = toFloat(value)
  return Number.isInteger(float) && float >= -2147483648 && float <= 2147483647
}
