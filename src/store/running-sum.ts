import { Decimal128 } from 'bson'
import * as decimal from './decimal'
import { add, asBigInt, asDecimal, fromInteger, numericType, widerType, type NumericType } from './number'
import { asDouble, isNumber, toFloat, type Numeric, type Value } from './value'

export interface RunningSum {
  /** Ints and longs, without end. */
  integer: bigint
  decimal: Decimal128 | undefined
  float: number
  compensation: number
  type: NumericType
  count: number
}

/** Doubles are summed with Kahan's correction, as MongoDB does, so that the order hardly matters. */
export function startSum(): RunningSum {
  return { integer: 0n, decimal: undefined, float: 0, compensation: 0, type: 'int', count: 0 }
}

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

export function sumOf(sum: RunningSum): Numeric {
  const { integer, type } = sum
  if (type === 'int' || type === 'long') return fromInteger(integer, type)
  // A long joins doubles in two parts, so that none of its digits is lost.
  const total = { ...sum }
  const high = Number(integer)
  addFloat(total, high)
  addFloat(total, Number(integer - BigInt(high)))
  const float = Number.isFinite(total.float) ? total.float + total.compensation : total.float
  if (!sum.decimal) return asDouble(float)
  if (float === Number(integer)) return add(sum.decimal, integer)
  return decimal.toDecimal128(decimal.addExact(asDecimal(sum.decimal), asDecimal(asDouble(float))))
}

export function averageOf(sum: RunningSum): Value {
  if (sum.count === 0) return null
  const total = sumOf(sum)
  if (total instanceof Decimal128)
    return decimal.toDecimal128(decimal.divide(asDecimal(total), decimal.fromBigint(BigInt(sum.count))))
  return asDouble(toFloat(total) / sum.count)
}
