import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson'
import { compareDecimal, fromBigint, fromDecimal128, fromDoubleExact, type Decimal } from './decimal'

/**
 * A document. A Map, because JavaScript objects move field names that look like numbers to the front. Stored
 * documents are never changed in place.
 */
export type Doc = Map<string, Value>

/**
 * A BSON value of known type: an int is a `number` that is whole and in range, a double is any other `number`
 * or a `Double` (so that 1.0 does not become an int), and a long is a `bigint`. A missing value is
 * `undefined`.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | Doc
  | Value[]
  | Double
  | Decimal128
  | ObjectId
  | Binary
  | Timestamp
  | BSONRegExp
  | BSONSymbol
  | Code
  | MinKey
  | MaxKey

/** A number of any BSON type. */
export type Numeric = number | bigint | Double | Decimal128

/** The type codes of BSON (https://bsonspec.org), as $type accepts them. */
export const typeCodes = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
} as const

/** The names of the BSON types, as $type accepts them. */
export type TypeName = keyof typeof typeCodes

/** Returns the name of a value's type. */
export function typeName(value: Value | undefined): TypeName | 'missing' {
  switch (typeof value) {
    case 'undefined':
      return 'missing'
    case 'number':
      return isInt(value) ? 'int' : 'double'
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    case 'bigint':
      return 'long'
    default:
  }
  if (value === null) return 'null'
  if (value instanceof Map) return 'object'
  if (Array.isArray(value)) return 'array'
  if (value instanceof Date) return 'date'
  switch (value._bsontype) {
    case 'Double':
      return 'double'
    case 'Decimal128':
      return 'decimal'
    case 'ObjectId':
      return 'objectId'
    case 'Binary':
      return 'binData'
    case 'Timestamp':
      return 'timestamp'
    case 'BSONRegExp':
      return 'regex'
    case 'BSONSymbol':
      return 'symbol'
    case 'Code':
      return 'javascript'
    case 'MinKey':
      return 'minKey'
    case 'MaxKey':
      return 'maxKey'
  }
}

/** Returns the BSON type code of a value. */
export function typeCode(value: Value): number {
  return typeCodes[typeName(value) as TypeName]
}

/**
 * Returns true for a whole number in the range of an int. -0 is not one, because only a double can represent
 * it.
 */
export function isInt(value: number): boolean {
  return value === (value | 0) && !Object.is(value, -0)
}

/** Returns a number so that it is stored as a double. */
export function asDouble(value: number): number | Double {
  return isInt(value) ? new Double(value) : value
}

/** Returns true for a number of any BSON type. */
export function isNumber(value: Value | undefined): value is Numeric {
  return (
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    value instanceof Double ||
    value instanceof Decimal128
  )
}

/** Returns true for a document. */
export function isDoc(value: Value | undefined): value is Doc {
  return value instanceof Map
}

/**
 * The rank of each type in MongoDB's comparison order. The numbers are the first byte of an index key.
 * MongoDB manual, "Comparison/Sort Order":
 * https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
 */
const classes: Record<TypeName, number> = {
  minKey: 0x0a,
  undefined: 0x10,
  null: 0x14,
  double: 0x1e,
  int: 0x1e,
  long: 0x1e,
  decimal: 0x1e,
  string: 0x28,
  symbol: 0x28,
  object: 0x32,
  array: 0x3c,
  binData: 0x46,
  objectId: 0x50,
  bool: 0x5a,
  date: 0x64,
  timestamp: 0x6e,
  regex: 0x78,
  dbPointer: 0x7c,
  javascript: 0x82,
  javascriptWithScope: 0x8c,
  maxKey: 0xf0,
}

/**
 * Returns the rank of a value's type. A missing value ranks below null, like the deprecated BSON type
 * undefined.
 */
export function typeRank(value: Value | undefined): number {
  if (typeof value === 'number') return 0x1e
  if (typeof value === 'string') return 0x28
  const name = typeName(value)
  return name === 'missing' ? classes.undefined : classes[name]
}

/** Returns the place in the order of types of a type that $type names by its code. */
export function rankOfType(code: number): number {
  const found = Object.entries(typeCodes).find(([, own]) => own === code)!
  return classes[found[0] as TypeName]
}

/** Returns the exact value of a number as a decimal. */
export function toDecimal(value: Numeric): Decimal {
  if (typeof value === 'number') return fromDoubleExact(value)
  if (typeof value === 'bigint') return fromBigint(value)
  return value instanceof Double ? fromDoubleExact(value.value) : fromDecimal128(value)
}

/** Returns the nearest double. Longs and decimals may lose digits. */
export function toFloat(value: Numeric): number {
  if (typeof value === 'number') return value
  if (value instanceof Double) return value.value
  return typeof value === 'bigint' ? Number(value) : Number(value.toString())
}

/** Returns true for a NaN of any type. */
export function isNaNValue(value: Value | undefined): boolean {
  if (typeof value === 'number') return Number.isNaN(value)
  if (value instanceof Double) return Number.isNaN(value.value)
  return value instanceof Decimal128 && fromDecimal128(value).kind === 'nan'
}

/** Compares by exact value across types. NaN equals itself and sorts below everything. */
function compareNumbers(a: Numeric, b: Numeric): number {
  if (a instanceof Decimal128 || b instanceof Decimal128) return compareDecimal(toDecimal(a), toDecimal(b))
  const left = a instanceof Double ? a.value : a
  const right = b instanceof Double ? b.value : b
  if (left < right) return -1
  if (left > right) return 1
  if (left == right) return 0
  return Number(right !== right) - Number(left !== left)
}

/**
 * Compares in the order of UTF-8 bytes. It differs from JavaScript's where surrogates meet U+E000 and above.
 */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0
  const end = Math.min(a.length, b.length)
  for (let i = 0; i < end; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left === right) continue
    const surrogates = Number(left >= 0xd800 && left <= 0xdfff) - Number(right >= 0xd800 && right <= 0xdfff)
    if (surrogates !== 0 && left >= 0xd800 && right >= 0xd800) return surrogates
    return left < right ? -1 : 1
  }
  return a.length < b.length ? -1 : 1
}

/**
 * Compares two values in MongoDB's total order. The result is 0 for values that are equal in MongoDB, such as
 * `1`, `1.0` and `NumberDecimal("1.00")`. MongoDB manual, "Comparison/Sort Order":
 * https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
 */
export function compare(a: Value | undefined, b: Value | undefined): number {
  if (typeof a === 'number' && typeof b === 'number' && a === a && b === b) return a < b ? -1 : a > b ? 1 : 0
  const order = typeRank(a) - typeRank(b)
  if (order !== 0) return Math.sign(order)
  if (a === undefined || a === null || b === undefined || b === null) return 0
  if (isNumber(a)) return compareNumbers(a, b as Numeric)
  if (typeof a === 'string' || a instanceof BSONSymbol || a instanceof Code)
    return compareStrings(text(a), text(b))
  if (a instanceof Map) return compareDocs(a, b as Doc)
  if (Array.isArray(a)) return compareArrays(a, b as Value[])
  if (typeof a === 'boolean') return Number(a) - Number(b)
  if (a instanceof Date) return Math.sign(a.getTime() - (b as Date).getTime())
  if (a instanceof ObjectId) return Math.sign(Buffer.compare(a.id, (b as ObjectId).id))
  if (a instanceof Binary) return compareBinary(a, b as Binary)
  if (a instanceof Timestamp) return a.compare(b as Timestamp)
  if (a instanceof BSONRegExp)
    return (
      compareStrings(a.pattern, (b as BSONRegExp).pattern) ||
      compareStrings(a.options, (b as BSONRegExp).options)
    )
  return 0
}

/** Returns true for values that are equal in MongoDB. */
export function equal(a: Value | undefined, b: Value | undefined): boolean {
  return a === b ? a === a : compare(a, b) === 0
}

function text(value: Value): string {
  if (typeof value === 'string') return value
  return value instanceof Code ? String(value.code) : (value as BSONSymbol).value
}

/**
 * Compares field by field: the type of the value, the name, then the value. A document sorts before a longer
 * one that starts with it.
 */
function compareDocs(a: Doc, b: Doc): number {
  const right = b.entries()
  for (const [name, value] of a) {
    const next = right.next()
    if (next.done) return 1
    const order =
      Math.sign(typeRank(value) - typeRank(next.value[1])) ||
      compareStrings(name, next.value[0]) ||
      compare(value, next.value[1])
    if (order !== 0) return order
  }
  return a.size < b.size ? -1 : 0
}

function compareArrays(a: Value[], b: Value[]): number {
  const end = Math.min(a.length, b.length)
  for (let i = 0; i < end; i++) {
    const order = compare(a[i], b[i])
    if (order !== 0) return order
  }
  return Math.sign(a.length - b.length)
}

/**
 * Compares by length, then by subtype, then byte by byte. MongoDB manual, "Comparison/Sort Order", BinData:
 * https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/#bindata
 */
function compareBinary(a: Binary, b: Binary): number {
  const order = Math.sign(a.length() - b.length()) || Math.sign(a.sub_type - b.sub_type)
  return order || Buffer.compare(a.value(), b.value())
}

/** Returns a deep copy, for callers that modify the result. */
export function deepCopy(value: Doc): Doc
export function deepCopy(value: Value): Value
export function deepCopy(value: Value): Value {
  if (isDoc(value)) {
    const doc: Doc = new Map()
    for (const [name, item] of value) doc.set(name, deepCopy(item))
    return doc
  }
  return Array.isArray(value) ? value.map(item => deepCopy(item)) : value
}
