import { Binary, BSONRegExp, BSONSymbol, Code, Decimal128, Double, ObjectId, Timestamp } from 'bson'
import { compareDecimal, digitCount, fromDoubleExact, type Decimal } from './decimal'
import { isNumber, toDecimal, toFloat, typeRank, type Numeric, type Value } from './value'

/**
 * Encodes values as bytes that sort like the values do in `compare`. No encoded key is a prefix of another,
 * so the keys of several fields can be concatenated.
 */
let out = Buffer.allocUnsafe(4096)
let end = 0

/** Returns the key of a value; a missing value sorts below null. */
export function encodeKey(value: Value | undefined): Buffer {
  end = 0
  write(value)
  return Buffer.from(out.subarray(0, end))
}

/**
 * Returns a string that is the same for equal values and different for all others: the identity that $group,
 * distinct and the set operators use.
 */
export function equalityKey(value: Value | undefined): string {
  if (typeof value === 'string' && value.length < 100) return `s${value}`
  if (isNumber(value)) {
    const float = toFloat(value)
    if (
      Number.isSafeInteger(float) &&
      (typeof value === 'number' || value instanceof Double || isExact(value, float))
    )
      return `n${float + 0}`
  }
  if (value instanceof ObjectId) return `o${value.toHexString()}`
  return `k${encodeKey(value).toString('latin1')}`
}

function ensureCapacity(size: number): void {
  if (end + size <= out.length) return
  const larger = Buffer.allocUnsafe(Math.max(out.length * 2, end + size))
  out.copy(larger, 0, 0, end)
  out = larger
}

function write(value: Value | undefined): void {
  ensureCapacity(32)
  out[end++] = typeRank(value)
  writePayload(value)
}

function writePayload(value: Value | undefined): void {
  if (value === undefined || value === null) return
  if (typeof value === 'string') writeText(value)
  else if (isNumber(value)) writeNumber(value)
  else if (typeof value === 'boolean') out[end++] = value ? 1 : 0
  else if (value instanceof ObjectId) writeBytes(value.id)
  else if (value instanceof Date) end = out.writeBigUInt64BE(BigInt(value.getTime()) + (1n << 63n), end)
  else if (Array.isArray(value)) {
    for (const item of value) write(item)
    writeByte(0)
  } else if (value instanceof Map) {
    for (const [name, item] of value) {
      writeByte(typeRank(item))
      writeText(name)
      ensureCapacity(32)
      writePayload(item)
    }
    writeByte(0)
  } else if (value instanceof Binary) {
    end = out.writeUInt32BE(value.length(), end)
    out[end++] = value.sub_type
    writeBytes(value.value())
  } else if (value instanceof Timestamp)
    end = out.writeBigUInt64BE(value.toBigInt() & 0xffffffffffffffffn, end)
  else if (value instanceof BSONRegExp) {
    writeText(value.pattern)
    writeText(value.options)
  } else if (value instanceof Code) writeText(String(value.code))
  else if (value instanceof BSONSymbol) writeText(value.value)
}

function writeByte(byte: number): void {
  ensureCapacity(1)
  out[end++] = byte
}

function writeBytes(bytes: Uint8Array): void {
  ensureCapacity(bytes.length)
  out.set(bytes, end)
  end += bytes.length
}

/** Writes UTF-8. A zero byte becomes 00 FF, and 00 01 ends the string. */
function writeText(text: string): void {
  ensureCapacity(text.length * 6 + 2)
  if (text.includes('\0')) {
    for (const byte of Buffer.from(text)) {
      out[end++] = byte
      if (byte === 0) out[end++] = 0xff
    }
  } else end += out.write(text, end)
  out[end++] = 0
  out[end++] = 1
}

/**
 * Writes a number: first the largest double whose magnitude does not exceed the number's, as 8 sortable
 * bytes, then 0 when that is exact, otherwise 1 and the decimal expansion. Ints, longs, doubles and decimals
 * of the same value have the same bytes.
 */
function writeNumber(value: Numeric): void {
  const float = toFloat(value)
  const start = end
  if (Number.isNaN(float)) {
    out.fill(0, end, end + 9)
    end += 9
    return
  }
  if (typeof value === 'number' || value instanceof Double || isExact(value, float)) {
    writeFloat(float === 0 ? 0 : float)
    out[end++] = 0
    if (float < 0) invertFrom(start + 8)
    return
  }
  const exact = toDecimal(value)
  writeFloat(towardsZero(float, exact))
  out[end++] = 1
  writeDigits(exact)
  if (exact.negative) invertFrom(start + 8)
}

function isExact(value: bigint | Decimal128, float: number): boolean {
  if (typeof value === 'bigint') return value === (Number.isFinite(float) ? BigInt(float) : 0n)
  const exact = toDecimal(value)
  return exact.kind !== 'finite' || compareDecimal(exact, fromDoubleExact(float)) === 0
}

function towardsZero(float: number, exact: Decimal): number {
  const size = Math.abs(float)
  const magnitude = { ...exact, negative: false }
  if (size === Infinity || compareDecimal(fromDoubleExact(size), magnitude) > 0) {
    const bits = new DataView(new ArrayBuffer(8))
    bits.setFloat64(0, size)
    bits.setBigUint64(0, bits.getBigUint64(0) - 1n)
    const below = bits.getFloat64(0)
    return exact.negative ? -below : below
  }
  return exact.negative ? -size : size
}

function writeFloat(float: number): void {
  const start = end
  end = out.writeDoubleBE(float, end)
  if (out[start]! & 0x80) for (let i = start; i < end; i++) out[i]! ^= 0xff
  else out[start]! |= 0x80
}

/**
 * Writes the power of ten of the first digit, then the digits in pairs, each plus 1 so that 0 can end them.
 */
function writeDigits({ digits, exponent }: Decimal): void {
  end = out.writeUInt16BE(exponent + digitCount(digits) + 20000, end)
  let text = digits.toString().replace(/0+$/, '')
  if (text.length % 2) text += '0'
  ensureCapacity(text.length + 1)
  for (let i = 0; i < text.length; i += 2) out[end++] = Number(text.slice(i, i + 2)) + 1
  out[end++] = 0
}

function invertFrom(start: number): void {
  for (let i = start; i < end; i++) out[i]! ^= 0xff
}

/** Returns the key for a descending index field, in which larger values sort first. */
export function complementKey(key: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(key.length)
  for (let i = 0; i < key.length; i++) bytes[i] = key[i]! ^ 0xff
  return bytes
}

/** Returns the smallest key that is greater than every key that starts with `prefix`. */
export function prefixSuccessor(prefix: Buffer): Buffer {
  let last = prefix.length
  while (last > 0 && prefix[last - 1] === 0xff) last--
  const bytes = Buffer.from(prefix.subarray(0, last))
  if (last > 0) bytes[last - 1]!++
  return bytes
}
