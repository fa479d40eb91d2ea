import { Decimal128 } from 'bson'
import * as decimal from './decimal'
import { add, asDecimal } from './number'
import { double, isNumber, toFloat, typeName, type Numeric, type Value } from './value'

export interface Sum {
  whole: Numeric
  float: number
  rest: number
  floats: boolean
  count: number
}

/** Doubles are summed with Kahan's correction, as MongoDB does, so that the order hardly matters. */
export function startSum(): Sum {
  return { whole: 0, float: 0, rest: 0, floats: false, count: 0 }
}

export function takeSum(sum: Sum, value: Value | undefined): Sum {
  if (!isNumber(value)) return sum
  sum.count++
  const isFloat = (typeof value === 'number' && !Number.isInteger(value)) || typeName(value) === 'double'
  if (!isFloat) {
    const whole = add(sum.whole, value)
    if (typeName(whole) === 'double') {
      sum.floats = true
      sum.float += toFloat(whole)
      sum.whole = 0
    } else sum.whole = whole
    return sum
  }
  sum.floats = true
  const float = toFloat(value)
  const next = sum.float + float
  if (Number.isFinite(next))
    sum.rest += Math.abs(sum.float) >= Math.abs(float) ? sum.float - next + float : float - next + sum.float
  sum.float = next
  return sum
}

export function resultOfSum({ whole, float, rest, floats }: Sum): Numeric {
  if (!floats) return whole
  const total = Number.isFinite(float) ? float + rest : float
  if (whole instanceof Decimal128)
    return decimal.toDecimal128(decimal.addExact(asDecimal(whole), asDecimal(double(total))))
  return double(total + toFloat(whole))
}

export function resultOfAverage(sum: Sum): Value {
  if (sum.count === 0) return null
  const total = resultOfSum(sum)
  if (total instanceof Decimal128)
    return decimal.toDecimal128(decimal.divide(asDecimal(total), decimal.fromBigint(BigInt(sum.count))))
  return double(toFloat(total) / sum.count)
}
