import { Decimal128 } from 'bson'
import * as decimal from './decimal'
import { add, asBigInt, asDecimal, fromInteger, numericType, widerType, type NumericType } from './number'
import { asDouble, isNumber, toFloat, type Numeric, type Value } from './value'

/** The state of a sum. Integers, doubles and decimals are added up separately and combined at the end. */
export interface RunningSum {
  /** The sum of the ints and longs, of unlimited size. */
  integer: bigint
  decimal: Decimal128 | undefined
  float: number
  compensation: number
  type: NumericType
  count: number
}

/**
 * Starts a sum. Doubles are added with Kahan's compensation, as in MongoDB, so that their order hardly
 * matters.
 */
export function startSum(): RunningSum {
  return { integer: 0n, decimal: undefined, float: 0, compensation: 0, type: 'int', count: 0 }
}

/** Adds a value in place and returns the sum. Values that are not numbers are ignored. */
export function addToSum(sum: RunningSum, value: Value | undefined): RunningSum {
  if (!isNumber(value)) return sum
  sum.count++
  sum.type = widerType(sum.type, numericType(value))
  if (value instanceof Decimal128) sum.decimal = sum.decimal ? (add(sum.decimal, value) as Decimal128) : value
  else if (numericType(value) === 'double') addFloat(sum, toFloat(value))
  else sum.integer += asBigInt(value)
  return sum
}

function addFloat(sum: RunningSum, float: number): void {
  const next = sum.float + float
  if (Number.isFinite(next))
    sum.compensation +=
      Math.abs(sum.float) >= Math.abs(float) ? sum.float - next + float : float - next + sum.float
  sum.float = next
}

/** Returns the total in the widest type that was added; a long that overflows becomes a double. */
export function sumOf(sum: RunningSum): Numeric {
  const { integer, type } = sum
  if (type === 'int' || type === 'long') return fromInteger(integer, type)
  // Add a long to a double in two parts, so that none of its digits are lost.
  const total = { ...sum }
  const high = Number(integer)
  addFloat(total, high)
  addFloat(total, Number(integer - BigInt(high)))
  const float = Number.isFinite(total.float) ? total.float + total.compensation : total.float
  if (!sum.decimal) return asDouble(float)
  if (float === Number(integer)) return add(sum.decimal, integer)
  return decimal.toDecimal128(decimal.addExact(asDecimal(sum.decimal), asDecimal(asDouble(float))))
}

/** Returns the average, or null when no numbers were added. */
export function averageOf(sum: RunningSum): Value {
  if (sum.count === 0) return null
  const total = sumOf(sum)
  if (total instanceof Decimal128)
    return decimal.toDecimal128(decimal.divide(asDecimal(total), decimal.fromBigint(BigInt(sum.count))))
  return asDouble(toFloat(total) / sum.count)
}
