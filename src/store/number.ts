import { Decimal128, Double } from 'bson'
import * as decimal from './decimal'
import { asDouble, isInt, toDecimal, toFloat, type Numeric, type Value } from './value'

export const minLong = -(1n << 63n)
export const maxLong = (1n << 63n) - 1n

export type NumericType = 'int' | 'long' | 'double' | 'decimal'

export function numericType(value: Numeric): NumericType {
  if (typeof value === 'bigint') return 'long'
  if (typeof value === 'number') return isInt(value) ? 'int' : 'double'
  return value instanceof Double ? 'double' : 'decimal'
}

/** The number as a whole one, cut towards zero; undefined for NaN, infinity and what no long can hold. */
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

/** The number when it is whole and safe for JavaScript; undefined otherwise: for limits, positions, options. */
export function toSafeInteger(value: Value | undefined): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? value : undefined
  if (typeof value !== 'bigint' && !(value instanceof Double) && !(value instanceof Decimal128))
    return undefined
  const float = toFloat(value)
  return Number.isSafeInteger(float) ? float : undefined
}

/** A whole result in the smaller of the types that holds it; beyond a long it is the double that arithmetic of doubles gives. */
export function fromInteger(value: bigint, type: 'int' | 'long', float = Number(value)): Numeric {
  if (type === 'int' && value >= -2147483648n && value <= 2147483647n) return Number(value)
  return value >= minLong && value <= maxLong ? value : asDouble(float)
}

const order: NumericType[] = ['int', 'long', 'double', 'decimal']

export function widerType(a: NumericType, b: NumericType): NumericType {
  return order[Math.max(order.indexOf(a), order.indexOf(b))]!
}

/** In mixed arithmetic decimal wins over double, double over long, long over int. */
export function commonType(a: Numeric, b: Numeric): NumericType {
  return widerType(numericType(a), numericType(b))
}

/** Doubles join decimals with 15 digits. */
export function asDecimal(value: Numeric): decimal.Decimal {
  if (numericType(value) !== 'double') return toDecimal(value)
  return decimal.fromDoubleRounded(toFloat(value))
}

export function asBigInt(value: Numeric): bigint {
  return typeof value === 'bigint' ? value : BigInt(toFloat(value))
}

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

export function subtract(a: Numeric, b: Numeric): Numeric {
  const type = commonType(a, b)
  if (type === 'decimal')
    return decimal.toDecimal128(decimal.addExact(asDecimal(a), decimal.negate(asDecimal(b))))
  const float = toFloat(a) - toFloat(b)
  return type === 'double' ? asDouble(float) : fromInteger(asBigInt(a) - asBigInt(b), type, float)
}

export function multiply(a: Numeric, b: Numeric): Numeric {
  const type = commonType(a, b)
  if (type === 'decimal') return decimal.toDecimal128(decimal.multiplyExact(asDecimal(a), asDecimal(b)))
  const float = toFloat(a) * toFloat(b)
  return type === 'double' ? asDouble(float) : fromInteger(asBigInt(a) * asBigInt(b), type, float)
}

/** The sum or product of several numbers: whole ones keep 64 bits until the end, and turn to a double when those overflow. */
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

/** $inc and $mul refuse what overflows a long, where expressions turn to a double. */
export function isLongOverflow(a: Numeric, b: Numeric, result: Numeric): boolean {
  const type = commonType(a, b)
  return (type === 'int' || type === 'long') && numericType(result) === 'double'
}

/** A whole number that fits into an int, whatever its type. */
export function isInt32(value: Numeric): boolean {
  const float = toFloat(value)
  return Number.isInteger(float) && float >= -2147483648 && float <= 2147483647
}
