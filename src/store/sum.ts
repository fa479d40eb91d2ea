import { Decimal128 } from 'bson'
import * as decimal from './decimal'
import { add, asDecimal, fromWhole, numericType, toBig, wider, type NumericType } from './number'
import { double, isNumber, toFloat, type Numeric, type Value } from './value'

export interface Sum {
  /** Ints and longs, without end. */
  whole: bigint
  decimal: Decimal128 | undefined
  float: number
  rest: number
  type: NumericType
  count: number
}

/** Doubles are summed with Kahan's correction, as MongoDB does, so that the order hardly matters. */
export function startSum(): Sum {
  return { whole: 0n, decimal: undefined, float: 0, rest: 0, type: 'int', count: 0 }
}

export function takeSum(sum: Sum, value: Value | undefined): Sum {
  if (!isNumber(value)) return sum
  sum.count++
  sum.type = wider(sum.type, numericType(value))
  if (value instanceof Decimal128) sum.decimal = sum.decimal ? (add(sum.decimal, value) as Decimal128) : value
  else if (numericType(value) === 'double') addFloat(sum, toFloat(value))
  else sum.whole += toBig(value)
  return sum
}

function addFloat(sum: Sum, float: number): void {
  const next = sum.float + float
  if (Number.isFinite(next))
    sum.rest += Math.abs(sum.float) >= Math.abs(float) ? sum.float - next + float : float - next + sum.float
  sum.float = next
}

export function resultOfSum(sum: Sum): Numeric {
  const { whole, type } = sum
  if (type === 'int' || type === 'long') return fromWhole(whole, type)
  // A long joins doubles in two parts, so that none of its digits is lost.
  const total = { ...sum }
  const high = Number(whole)
  addFloat(total, high)
  addFloat(total, Number(whole - BigInt(high)))
  const float = Number.isFinite(total.float) ? total.float + total.rest : total.float
  if (!sum.decimal) return double(float)
  if (float === Number(whole)) return add(sum.decimal, whole)
  return decimal.toDecimal128(decimal.addExact(asDecimal(sum.decimal), asDecimal(double(float))))
}

export function resultOfAverage(sum: Sum): Value {
  if (sum.count === 0) return null
  const total = resultOfSum(sum)
  if (total instanceof Decimal128)
    return decimal.toDecimal128(decimal.divide(asDecimal(total), decimal.fromBigint(BigInt(sum.count))))
  return double(toFloat(total) / sum.count)
}
