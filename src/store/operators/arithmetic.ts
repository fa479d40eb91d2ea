import { refusal } from '../errors'
import { add, multiply, subtract } from '../number'
import { isNumber, typeName, type Numeric, type Value } from '../value'
import { isNullish, takes, type Operators } from './operator'

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/#arithmetic-expression-operators */
export const arithmetic: Operators = {
  $add: takes(0, Infinity, values => {
    let sum: Numeric = 0
    let date: Date | undefined
    for (const value of values) {
      if (isNullish(value)) return null
      if (value instanceof Date) {
        if (date) throw refusal(16612, 'only one date allowed in an $add expression')
        date = value
      } else if (isNumber(value)) sum = add(sum, value)
      else throw refusal(14, `$add only supports numeric or date types, not ${typeName(value)}`)
    }
    return date ? new Date(date.getTime() + Math.round(Number(sum.toString()))) : sum
  }),
  $subtract: takes(2, 2, ([a, b]): Value => {
    if (isNullish(a) || isNullish(b)) return null
    if (isNumber(a) && isNumber(b)) return subtract(a, b)
    if (a instanceof Date && b instanceof Date) return BigInt(a.getTime() - b.getTime())
    if (a instanceof Date && isNumber(b)) return new Date(a.getTime() - Math.trunc(Number(b.toString())))
    throw refusal(14, `can't $subtract ${typeName(b)} from ${typeName(a)}`)
  }),
  $multiply: takes(0, Infinity, values => {
    let product: Numeric = 1
    for (const value of values) {
      if (isNullish(value)) return null
      if (!isNumber(value)) throw refusal(14, `$multiply only supports numeric types, not ${typeName(value)}`)
      product = multiply(product, value)
    }
    return product
  }),
}
