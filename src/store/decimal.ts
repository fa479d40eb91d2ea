import { Decimal128 } from 'bson'

/** A decimal number. A finite one is `(-1)^negative * digits * 10^exponent`. */
export interface Decimal {
  kind: 'finite' | 'infinite' | 'nan'
  negative: boolean
  digits: bigint
  exponent: number
}

const maxDigits = 34
const minExponent = -6176
const maxExponent = 6111
const bias = 6176

const nan: Decimal = { kind: 'nan', negative: false, digits: 0n, exponent: 0 }
const infinity: Decimal = { kind: 'infinite', negative: false, digits: 0n, exponent: 0 }
const minusInfinity: Decimal = { ...infinity, negative: true }

function finite(negative: boolean, digits: bigint, exponent: number): Decimal {
  return { kind: 'finite', negative, digits, exponent }
}

/**
 * Decodes an IEEE 754-2008 decimal128 in its binary integer encoding, as BSON stores it
 * (https://bsonspec.org).
 */
export function fromDecimal128({ bytes }: Decimal128): Decimal {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16)
  const low = view.getBigUint64(0, true)
  const high = view.getBigUint64(8, true)
  const negative = high >> 63n === 1n
  const combination = Number((high >> 58n) & 0x1fn)
  if (combination === 0x1f) return nan
  if (combination === 0x1e) return negative ? minusInfinity : infinity
  if (combination >> 3 === 3) return finite(negative, 0n, Number((high >> 47n) & 0x3fffn) - bias)
  const digits = ((high & 0x1ffffffffffffn) << 64n) | low
  const exponent = Number((high >> 49n) & 0x3fffn) - bias
  return finite(negative, digits > 10n ** 34n - 1n ? 0n : digits, exponent)
}

/** Encodes a decimal as decimal128, rounding it to 34 digits. */
export function toDecimal128(value: Decimal): Decimal128 {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  const rounded = fit(value)
  let high: bigint
  if (rounded.kind === 'nan') high = 0x7c00000000000000n
  else if (rounded.kind === 'infinite') high = 0x7800000000000000n
  else {
    view.setBigUint64(0, rounded.digits & 0xffffffffffffffffn, true)
    high = (BigInt(rounded.exponent + bias) << 49n) | (rounded.digits >> 64n)
  }
  view.setBigUint64(8, rounded.negative && rounded.kind !== 'nan' ? high | (1n << 63n) : high, true)
  return new Decimal128(bytes)
}

/**
 * Rounds half to even to 34 digits and into the exponent range: the default rounding of decimal128 (IEEE
 * 754-2008).
 */
function fit(value: Decimal): Decimal {
  if (value.kind !== 'finite') return value
  let { digits, exponent } = value
  const excess = Math.max(digitCount(digits) - maxDigits, minExponent - exponent)
  if (excess > 0) {
    digits = divideHalfEven(digits, 10n ** BigInt(excess))
    exponent += excess
    if (digitCount(digits) > maxDigits) {
      digits /= 10n
      exponent++
    }
  }
  if (digits === 0n) exponent = Math.min(Math.max(exponent, minExponent), maxExponent)
  while (exponent > maxExponent) {
    if (digitCount(digits) >= maxDigits) return value.negative ? minusInfinity : infinity
    digits *= 10n
    exponent--
  }
  return finite(value.negative, digits, exponent)
}

/** Returns the number of decimal digits; 0 for zero. */
export function digitCount(digits: bigint): number {
  return digits === 0n ? 0 : digits.toString().length
}

function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  const twice = (dividend % divisor) * 2n
  return twice > divisor || (twice === divisor && quotient % 2n === 1n) ? quotient + 1n : quotient
}

/** Returns the integer as a decimal. */
export function fromBigint(value: bigint): Decimal {
  return finite(value < 0n, value < 0n ? -value : value, 0)
}

const floatBits = new DataView(new ArrayBuffer(8))

/** Returns the exact decimal expansion of a double. For comparing and for index keys, not for display. */
export function fromDoubleExact(value: number): Decimal {
  if (Number.isNaN(value)) return nan
  if (!Number.isFinite(value)) return value < 0 ? minusInfinity : infinity
  if (Number.isInteger(value)) return finite(value < 0 || Object.is(value, -0), BigInt(Math.abs(value)), 0)
  floatBits.setFloat64(0, value)
  const bits = floatBits.getBigUint64(0)
  const power = Number((bits >> 52n) & 0x7ffn)
  const mantissa = (bits & 0xfffffffffffffn) | (power === 0 ? 0n : 1n << 52n)
  const shift = (power === 0 ? 1 : power) - 1075
  const negative = bits >> 63n === 1n
  if (shift >= 0) return finite(negative, mantissa << BigInt(shift), 0)
  return finite(negative, mantissa * 5n ** BigInt(-shift), shift)
}

/**
 * Returns a double as a decimal of exactly 15 significant digits, padded with zeros. This is how MongoDB
 * converts a double in mixed arithmetic (`Decimal128(double)` in its sources).
 */
export function fromDoubleRounded(value: number): Decimal {
  if (!Number.isFinite(value) || value === 0) return fromDoubleExact(value)
  const { negative, digits, exponent } = round(fromDoubleExact(value), 15)
  const missing = 15 - digitCount(digits)
  return finite(negative, digits * 10n ** BigInt(missing), exponent - missing)
}

/** Rounds half to even to a number of significant digits. */
function round(value: Decimal, significant: number): Decimal {
  const excess = digitCount(value.digits) - significant
  if (value.kind !== 'finite' || excess <= 0) return value
  const digits = divideHalfEven(value.digits, 10n ** BigInt(excess))
  return finite(value.negative, digits, value.exponent + excess)
}

/** Rounds to a multiple of `10^place`. */
export function roundAt(
  value: Decimal,
  place: number,
  how: 'half-even' | 'trunc' | 'floor' | 'ceil',
): Decimal {
  if (value.kind !== 'finite' || value.exponent >= place) return value
  const shift = place - value.exponent
  const divisor = shift > 40 + maxDigits ? 10n ** 80n : 10n ** BigInt(shift)
  let digits = value.digits / divisor
  const rest = value.digits % divisor
  if (how === 'half-even') digits = divideHalfEven(value.digits, divisor)
  else if (rest !== 0n && how === (value.negative ? 'floor' : 'ceil')) digits++
  return finite(value.negative, digits, place)
}

/**
 * Extends the digits down to `10^place` with zeros. Returns NaN when that takes more than 34 digits, like
 * quantize in IEEE 754.
 */
export function padZeros(value: Decimal, place: number): Decimal {
  if (value.kind !== 'finite' || value.exponent <= place) return value
  if (value.digits !== 0n && digitCount(value.digits) + value.exponent - place > maxDigits) return nan
  return finite(value.negative, value.digits * 10n ** BigInt(value.exponent - place), place)
}

function toText(value: Decimal): string {
  if (value.kind === 'nan') return 'NaN'
  const sign = value.negative ? '-' : ''
  if (value.kind === 'infinite') return `${sign}Infinity`
  return `${sign}${value.digits}E${value.exponent}`
}

/** Returns the nearest double. */
export function toNumber(value: Decimal): number {
  return Number(toText(value))
}

/** Returns the integer part, or undefined for NaN and infinity. */
export function toBigint(value: Decimal): bigint | undefined {
  if (value.kind !== 'finite') return undefined
  const size =
    value.exponent >= 0
      ? value.digits * 10n ** BigInt(value.exponent)
      : value.digits / 10n ** BigInt(Math.min(-value.exponent, 6300))
  return value.negative ? -size : size
}

/** Parses the text form of IEEE 754. Returns undefined when the text is not a number. */
export function parseDecimal(text: string): Decimal | undefined {
  const found =
    /^([+-])?(?:(inf(?:inity)?)|(nan)|(\d+)(?:\.(\d*))?(?:e([+-]?\d+))?|\.(\d+)(?:e([+-]?\d+))?)$/i.exec(text)
  if (!found) return undefined
  const negative = found[1] === '-'
  if (found[2]) return negative ? minusInfinity : infinity
  if (found[3]) return nan
  const fraction = found[5] ?? found[7] ?? ''
  const exponent = Number(found[6] ?? found[8] ?? 0) - fraction.length
  const digits = BigInt((found[4] ?? '') + fraction)
  return fit(finite(negative, digits, Math.max(-20000, Math.min(20000, exponent))))
}

/** Returns the number with the opposite sign. */
export function negate(value: Decimal): Decimal {
  return value.kind === 'nan' ? value : { ...value, negative: !value.negative }
}

/** Returns true for 0 and -0 of any exponent. */
export function isZero(value: Decimal): boolean {
  return value.kind === 'finite' && value.digits === 0n
}

/** Returns the sum without rounding. `toDecimal128` rounds it. */
export function addExact(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan' || b.kind === 'nan') return nan
  if (a.kind === 'infinite') return b.kind === 'infinite' && a.negative !== b.negative ? nan : a
  if (b.kind === 'infinite') return b
  // When one number is far below the last digit of the other, only the fact that it is not zero matters.
  if (a.digits !== 0n && b.digits !== 0n) {
    const gap = a.exponent + digitCount(a.digits) - (b.exponent + digitCount(b.digits))
    if (gap > 1200) b = finite(b.negative, 1n, a.exponent - 1200)
    else if (gap < -1200) a = finite(a.negative, 1n, b.exponent - 1200)
  }
  const exponent = Math.min(a.exponent, b.exponent)
  const left = signed(a) * 10n ** BigInt(a.exponent - exponent)
  const sum = left + signed(b) * 10n ** BigInt(b.exponent - exponent)
  return finite(sum < 0n || (sum === 0n && a.negative && b.negative), sum < 0n ? -sum : sum, exponent)
}

function signed(value: Decimal): bigint {
  return value.negative ? -value.digits : value.digits
}

/** Returns the product without rounding. `toDecimal128` rounds it. */
export function multiplyExact(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan' || b.kind === 'nan') return nan
  const negative = a.negative !== b.negative
  if (a.kind === 'infinite' || b.kind === 'infinite')
    return isZero(a) || isZero(b) ? nan : negative ? minusInfinity : infinity
  return finite(negative, a.digits * b.digits, a.exponent + b.exponent)
}

/**
 * Returns the quotient: with as few digits as the ideal exponent allows when it is exact, otherwise with 34.
 */
export function divide(a: Decimal, b: Decimal): Decimal {
  if (a.kind === 'nan' || b.kind === 'nan') return nan
  const negative = a.negative !== b.negative
  if (a.kind === 'infinite') return b.kind === 'infinite' ? nan : negative ? minusInfinity : infinity
  if (b.kind === 'infinite') return finite(negative, 0n, minExponent)
  if (b.digits === 0n) return a.digits === 0n ? nan : negative ? minusInfinity : infinity
  const ideal = a.exponent - b.exponent
  if (a.digits === 0n) return fit(finite(negative, 0n, ideal))
  const shift = Math.max(0, maxDigits + 2 + digitCount(b.digits) - digitCount(a.digits))
  const dividend = a.digits * 10n ** BigInt(shift)
  let digits = dividend / b.digits
  let exponent = ideal - shift
  if (dividend % b.digits !== 0n) {
    // A sticky digit keeps the later rounding correct.
    return fit(finite(negative, digits * 10n + 1n, exponent - 1))
  }
  while (exponent < ideal && digits % 10n === 0n) {
    digits /= 10n
    exponent++
  }
  return fit(finite(negative, digits, exponent))
}

/** Returns the remainder with the sign of the dividend, like fmod in C. */
export function remainder(a: Decimal, b: Decimal): Decimal {
  if (a.kind !== 'finite' || b.kind === 'nan' || isZero(b)) return nan
  if (b.kind === 'infinite') return a
  const exponent = Math.min(a.exponent, b.exponent)
  const left = a.digits * 10n ** BigInt(a.exponent - exponent)
  return fit(finite(a.negative, left % (b.digits * 10n ** BigInt(b.exponent - exponent)), exponent))
}

/** Compares by value, ignoring exponents. NaN sorts below everything, as in MongoDB. */
export function compareDecimal(a: Decimal, b: Decimal): number {
  if (a.kind === 'nan' || b.kind === 'nan') return Number(b.kind === 'nan') - Number(a.kind === 'nan')
  const [signA, signB] = [signOf(a), signOf(b)]
  if (signA !== signB || signA === 0) return Math.sign(signA - signB)
  if (a.kind === 'infinite' || b.kind === 'infinite')
    return signA * (Number(a.kind === 'infinite') - Number(b.kind === 'infinite'))
  const [sizeA, sizeB] = [a.exponent + digitCount(a.digits), b.exponent + digitCount(b.digits)]
  if (sizeA !== sizeB) return signA * (sizeA < sizeB ? -1 : 1)
  const exponent = Math.min(a.exponent, b.exponent)
  const left = a.digits * 10n ** BigInt(a.exponent - exponent)
  const right = b.digits * 10n ** BigInt(b.exponent - exponent)
  return left === right ? 0 : signA * (left < right ? -1 : 1)
}

function signOf(value: Decimal): number {
  return isZero(value) ? 0 : value.negative ? -1 : 1
}
