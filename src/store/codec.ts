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
import { refusal } from './errors'
import { isInt, type Doc, type Value } from './value'

const maxDepth = 180
/** https://www.mongodb.com/docs/manual/reference/limits/#bson-documents */
export const maxDocumentSize = 16 * 1024 * 1024

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads one BSON document at `start`, keeping every type and the order of the fields. */
export function decode(bytes: Buffer, start = 0): Doc {
  const size = bytes.length - start >= 5 ? bytes.readInt32LE(start) : 0
  if (size < 5 || start + size > bytes.length || bytes[start + size - 1] !== 0)
    throw refusal(22, 'Invalid BSON: the length does not fit')
  try {
    return readDoc({ bytes, at: start }, 0)
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError)
      throw refusal(22, `Invalid BSON: ${error.message}`)
    throw error
  }
}

interface Reader {
  bytes: Buffer
  at: number
}

function readDoc(reader: Reader, depth: number): Doc {
  if (depth > maxDepth) throw refusal(15, 'BSONObj exceeds maximum nested object depth: 200')
  const doc: Doc = new Map()
  const end = reader.at + reader.bytes.readInt32LE(reader.at) - 1
  reader.at += 4
  while (reader.at < end) {
    const type = reader.bytes[reader.at++]!
    const name = readName(reader)
    doc.set(name, readValue(reader, type, depth))
  }
  reader.at++
  return doc
}

function readArray(reader: Reader, depth: number): Value[] {
  if (depth > maxDepth) throw refusal(15, 'BSONObj exceeds maximum nested object depth: 200')
  const items: Value[] = []
  const end = reader.at + reader.bytes.readInt32LE(reader.at) - 1
  reader.at += 4
  while (reader.at < end) {
    const type = reader.bytes[reader.at++]!
    while (reader.bytes[reader.at] !== 0) reader.at++
    reader.at++
    items.push(readValue(reader, type, depth))
  }
  reader.at++
  return items
}

function readName(reader: Reader): string {
  const { bytes } = reader
  const start = reader.at
  let at = start
  let ascii = true
  while (bytes[at] !== 0) {
    if (at >= bytes.length) throw refusal(22, 'Invalid BSON: a name has no end')
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
  if (size < 1 || end >= bytes.length) throw refusal(22, 'Invalid BSON: a string is too long')
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
      if (Number.isNaN(date.getTime())) throw refusal(2, 'a date beyond the years that JavaScript can hold')
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
    default:
      // undefined, DBPointer and code with scope: deprecated, and nothing here sends them.
      throw refusal(22, `Unrecognized BSON type ${type}`)
  }
}

function readBinary(reader: Reader): Binary {
  let size = reader.bytes.readInt32LE(reader.at)
  const subtype = reader.bytes[reader.at + 4]!
  reader.at += 5
  if (size < 0 || reader.at + size > reader.bytes.length)
    throw refusal(22, 'Invalid BSON: bad length of binary')
  // Subtype 2 carries its length twice.
  if (subtype === 2) {
    size = reader.bytes.readInt32LE(reader.at)
    reader.at += 4
  }
  const value = Uint8Array.prototype.slice.call(reader.bytes, reader.at, reader.at + size)
  reader.at += size
  return new Binary(value, subtype)
}

let out = Buffer.allocUnsafe(64 * 1024)
let end = 0

/** The BSON bytes of a document, in a buffer of their own. */
export function encode(doc: Doc): Buffer {
  end = 0
  writeDoc(doc)
  const bytes = Buffer.allocUnsafeSlow(end)
  out.copy(bytes, 0, 0, end)
  if (out.length > 1 << 20) out = Buffer.allocUnsafe(64 * 1024)
  return bytes
}

/** Stored bytes in the place of a document: replies pass them on without decoding. */
export function raw(bytes: Buffer): Value {
  return bytes as unknown as Value
}

/** As `encode`, but refuses what no document may be larger than. */
export function encodeStored(doc: Doc): Buffer {
  const bytes = encode(doc)
  if (bytes.length > maxDocumentSize)
    throw refusal(
      10334,
      `BSONObj size: ${bytes.length} is invalid. Size must be between 0 and 16793600(16MB)`,
    )
  return bytes
}

function room(size: number): void {
  if (end + size <= out.length) return
  const larger = Buffer.allocUnsafe(Math.max(out.length * 2, end + size))
  out.copy(larger, 0, 0, end)
  out = larger
}

function writeDoc(doc: Doc): void {
  room(5)
  const start = end
  end += 4
  for (const [name, value] of doc) writeField(name, value)
  room(1)
  out[end++] = 0
  out.writeInt32LE(end - start, start)
}

function writeArray(items: Value[]): void {
  room(5)
  const start = end
  end += 4
  for (let i = 0; i < items.length; i++) writeField(String(i), items[i]!)
  room(1)
  out[end++] = 0
  out.writeInt32LE(end - start, start)
}

function writeField(name: string, value: Value): void {
  room(name.length * 3 + 32)
  const typeAt = end++
  end += out.write(name, end)
  out[end++] = 0
  // Written before `out` is looked up: a large value may have moved everything to a larger buffer.
  const type = writeValue(value)
  out[typeAt] = type
}

function writeText(value: string): void {
  room(value.length * 3 + 5)
  const size = out.write(value, end + 4)
  out.writeInt32LE(size + 1, end)
  end += 4 + size
  out[end++] = 0
}

function writeBytes(bytes: Uint8Array): void {
  room(bytes.length)
  out.set(bytes, end)
  end += bytes.length
}

function writeValue(value: Value): number {
  switch (typeof value) {
    case 'string':
      writeText(value)
      return 0x02
    case 'number':
      if (isInt(value)) {
        end = out.writeInt32LE(value, end)
        return 0x10
      }
      end = out.writeDoubleLE(value, end)
      return 0x01
    case 'boolean':
      out[end++] = value ? 1 : 0
      return 0x08
    case 'bigint':
      end = out.writeBigInt64LE(value, end)
      return 0x12
    default:
  }
  if (value === null) return 0x0a
  if (value instanceof Map) {
    writeDoc(value)
    return 0x03
  }
  if (Array.isArray(value)) {
    writeArray(value)
    return 0x04
  }
  if (value instanceof Date) {
    end = out.writeBigInt64LE(BigInt(value.getTime()), end)
    return 0x09
  }
  if (value instanceof Uint8Array) {
    writeBytes(value)
    return 0x03
  }
  switch (value._bsontype) {
    case 'Double':
      end = out.writeDoubleLE(value.value, end)
      return 0x01
    case 'ObjectId':
      writeBytes(value.id)
      return 0x07
    case 'Decimal128':
      writeBytes(value.bytes)
      return 0x13
    case 'Timestamp':
      end = out.writeBigUInt64LE(value.toBigInt() & 0xffffffffffffffffn, end)
      return 0x11
    case 'Binary': {
      const bytes = value.value()
      const twice = value.sub_type === 2
      end = out.writeInt32LE(bytes.length + (twice ? 4 : 0), end)
      out[end++] = value.sub_type
      if (twice) end = out.writeInt32LE(bytes.length, end)
      writeBytes(bytes)
      return 0x05
    }
    case 'BSONRegExp':
      writeName(value.pattern)
      writeName(value.options)
      return 0x0b
    case 'Code':
      writeText(String(value.code))
      return 0x0d
    case 'BSONSymbol':
      writeText(value.value)
      return 0x0e
    case 'MinKey':
      return 0xff
    case 'MaxKey':
      return 0x7f
  }
}

function writeName(text: string): void {
  room(text.length * 3 + 1)
  end += out.write(text, end)
  out[end++] = 0
}
