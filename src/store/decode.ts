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
import { isServerError, notImplemented, serverError } from './errors'
import { isInt, type Doc, type Value } from './value'
import { makeYieldTimer, yieldPoint } from './yielding'

const maxDepth = 180
const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Decodes the BSON document at `start`. Preserves every type and the order of the fields
 * (https://bsonspec.org).
 *
 * @throws 22 for invalid BSON, 15 for more than 180 levels of nesting, 238 for the deprecated types
 *   undefined, DBPointer and code with scope and for dates that a JavaScript Date cannot represent
 */
export function decode(bytes: Buffer, start = 0): Doc {
  const size = bytes.length - start >= 5 ? bytes.readInt32LE(start) : 0
  if (size < 5 || start + size > bytes.length || bytes[start + size - 1] !== 0)
    throw serverError(22, 'Invalid BSON: the length of the document is wrong')
  try {
    return readDoc({ bytes, at: start }, 0)
  } catch (error) {
    throw asInvalid(error)
  }
}

function asInvalid(error: unknown): Error {
  if (isServerError(error)) return error
  return serverError(22, `Invalid BSON: ${error instanceof Error ? error.message : String(error)}`)
}

/**
 * Decodes a command. Arrays in it, which may have 100,000 documents, are read with yield points.
 *
 * @throws what `decode` throws
 */
export function* decodeCommand(bytes: Buffer, start: number): Generator<typeof yieldPoint, Doc, undefined> {
  try {
    return yield* readCommand({ bytes, at: start })
  } catch (error) {
    throw asInvalid(error)
  }
}

function* readCommand(reader: Reader): Generator<typeof yieldPoint, Doc, undefined> {
  const due = makeYieldTimer(1)
  const doc: Doc = new Map()
  const end = enter(reader, 0)
  while (reader.at < end) {
    const type = reader.bytes[reader.at++]!
    const name = readName(reader)
    if (type !== 0x04) {
      doc.set(name, readValue(reader, type, 0))
      continue
    }
    const items: Value[] = []
    const endOfArray = enter(reader, 1)
    while (reader.at < endOfArray) {
      items.push(readItem(reader, endOfArray, 1))
      if (due()) yield yieldPoint
    }
    leave(reader, endOfArray)
    doc.set(name, items)
  }
  leave(reader, end)
  return doc
}

interface Reader {
  bytes: Buffer
  at: number
}

/**
 * Enters a document or array, and returns where its last byte is.
 *
 * @throws 15 for too many levels of nesting, 22 when it would end outside `bytes`
 */
function enter(reader: Reader, depth: number): number {
  if (depth > maxDepth) throw serverError(15, 'BSONObj exceeds maximum nested object depth: 200')
  const size = reader.bytes.readInt32LE(reader.at)
  const end = reader.at + size - 1
  if (size < 5 || end >= reader.bytes.length)
    throw serverError(22, 'Invalid BSON: the length of a document is wrong')
  reader.at += 4
  return end
}

function leave(reader: Reader, end: number): void {
  if (reader.at !== end || reader.bytes[end] !== 0)
    throw serverError(22, 'Invalid BSON: a document does not end where its length says')
  reader.at++
}

function readDoc(reader: Reader, depth: number): Doc {
  const doc: Doc = new Map()
  const end = enter(reader, depth)
  while (reader.at < end) {
    const type = reader.bytes[reader.at++]!
    const name = readName(reader)
    doc.set(name, readValue(reader, type, depth))
  }
  leave(reader, end)
  return doc
}

function readArray(reader: Reader, depth: number): Value[] {
  const items: Value[] = []
  const end = enter(reader, depth)
  while (reader.at < end) items.push(readItem(reader, end, depth))
  leave(reader, end)
  return items
}

/** Reads an element of an array, whose name is its position and not needed. */
function readItem(reader: Reader, end: number, depth: number): Value {
  const type = reader.bytes[reader.at++]!
  while (reader.at < end && reader.bytes[reader.at] !== 0) reader.at++
  reader.at++
  return readValue(reader, type, depth)
}

function readName(reader: Reader): string {
  const { bytes } = reader
  const start = reader.at
  let at = start
  let ascii = true
  while (bytes[at] !== 0) {
    if (at >= bytes.length) throw serverError(22, 'Invalid BSON: a field name is not terminated')
    if (bytes[at]! > 0x7f) ascii = false
    at++
  }
  reader.at = at + 1
  if (ascii) return bytes.toString('latin1', start, at)
  return utf8.decode(bytes.subarray(start, at))
}

function readString(reader: Reader): string {
  const { bytes } = reader
  const size = bytes.readInt32LE(reader.at)
  const start = reader.at + 4
  const end = start + size - 1
  if (size < 1 || end >= bytes.length || bytes[end] !== 0)
    throw serverError(22, 'Invalid BSON: the length of a string is wrong')
  reader.at = end + 1
  if (size < 64) {
    let ascii = true
    for (let i = start; i < end; i++) if (bytes[i]! > 0x7f) ascii = false
    if (ascii) return bytes.toString('latin1', start, end)
  }
  return utf8.decode(bytes.subarray(start, end))
}

function readValue(reader: Reader, type: number, depth: number): Value {
  const { bytes, at } = reader
  switch (type) {
    case 0x01: {
      reader.at += 8
      const value = bytes.readDoubleLE(at)
      return isInt(value) ? new Double(value) : value
    }
    case 0x02:
      return readString(reader)
    case 0x03:
      return readDoc(reader, depth + 1)
    case 0x04:
      return readArray(reader, depth + 1)
    case 0x05:
      return readBinary(reader)
    case 0x07:
      reader.at += 12
      return new ObjectId(Uint8Array.prototype.slice.call(bytes, at, at + 12))
    case 0x08:
      reader.at += 1
      return bytes[at] === 1
    case 0x09: {
      reader.at += 8
      const date = new Date(Number(bytes.readBigInt64LE(at)))
      if (Number.isNaN(date.getTime())) throw notImplemented('a date that a JavaScript Date cannot represent')
      return date
    }
    case 0x0a:
      return null
    case 0x0b:
      return new BSONRegExp(readName(reader), readName(reader))
    case 0x0d:
      return new Code(readString(reader))
    case 0x0e:
      return new BSONSymbol(readString(reader))
    case 0x10:
      reader.at += 4
      return bytes.readInt32LE(at)
    case 0x11:
      reader.at += 8
      return new Timestamp(bytes.readBigUInt64LE(at))
    case 0x12:
      reader.at += 8
      return bytes.readBigInt64LE(at)
    case 0x13:
      reader.at += 16
      return new Decimal128(Uint8Array.prototype.slice.call(bytes, at, at + 16))
    case 0xff:
      return new MinKey()
    case 0x7f:
      return new MaxKey()
    case 0x06:
    case 0x0c:
    case 0x0f:
      throw notImplemented(`the deprecated BSON type ${type} (undefined, DBPointer or code with scope)`)
    default:
      throw serverError(22, `Unrecognized BSON type ${type}`)
  }
}

function readBinary(reader: Reader): Binary {
  let size = reader.bytes.readInt32LE(reader.at)
  const subtype = reader.bytes[reader.at + 4]!
  reader.at += 5
  if (size < 0 || reader.at + size > reader.bytes.length)
    throw serverError(22, 'Invalid BSON: the length of a binary is wrong')
  // A binary of subtype 2 repeats its length inside the payload.
  if (subtype === 2) {
    if (size < 4 || reader.bytes.readInt32LE(reader.at) !== size - 4)
      throw serverError(22, 'Invalid BSON: the length of a binary is wrong')
    size -= 4
    reader.at += 4
  }
  const value = Uint8Array.prototype.slice.call(reader.bytes, reader.at, reader.at + size)
  reader.at += size
  return new Binary(value, subtype)
}
