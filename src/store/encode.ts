import { serverError } from './errors'
import { isInt, type Doc, type Value } from './value'

/** A reply, in which stored documents may be BSON already, so that they need not be decoded and encoded again. */
export type Reply = Map<string, ReplyValue>
export type ReplyValue = Value | Buffer | ReplyValue[] | Reply

/**
 * MongoDB manual, "MongoDB Limits and Thresholds":
 * https://www.mongodb.com/docs/manual/reference/limits/#bson-documents
 */
export const maxDocumentSize = 16 * 1024 * 1024

let out = Buffer.allocUnsafe(64 * 1024)
let end = 0

/** Returns the BSON of a document, in its own buffer (https://bsonspec.org). */
export function encode(doc: Reply): Buffer {
  end = 0
  writeDoc(doc)
  const bytes = Buffer.allocUnsafeSlow(end)
  out.copy(bytes, 0, 0, end)
  if (out.length > 1 << 20) out = Buffer.allocUnsafe(64 * 1024)
  return bytes
}

/**
 * Encodes a document that is going to be stored.
 *
 * @throws 10334 when the document is larger than 16 MB
 */
export function encodeForStorage(doc: Doc): Buffer {
  const bytes = encode(doc)
  if (bytes.length > maxDocumentSize) throw tooLarge(bytes.length)
  return bytes
}

/** A reply holds a batch of 16 MB and may exceed it by one document. */
const maxEncodedBytes = 64 * 1024 * 1024

function tooLarge(size: number): Error {
  return serverError(10334, `BSONObj size: ${size} is invalid. Size must be between 0 and 16793600(16MB)`)
}

function ensureCapacity(size: number): void {
  if (end + size <= out.length) return
  if (end + size > maxEncodedBytes) throw tooLarge(end + size)
  const larger = Buffer.allocUnsafe(Math.max(out.length * 2, end + size))
  out.copy(larger, 0, 0, end)
  out = larger
}

function writeDoc(doc: Reply): void {
  ensureCapacity(5)
  const start = end
  end += 4
  for (const [name, value] of doc) writeField(name, value)
  ensureCapacity(1)
  out[end++] = 0
  out.writeInt32LE(end - start, start)
}

function writeArray(items: ReplyValue[]): void {
  ensureCapacity(5)
  const start = end
  end += 4
  for (let i = 0; i < items.length; i++) writeField(String(i), items[i]!)
  ensureCapacity(1)
  out[end++] = 0
  out.writeInt32LE(end - start, start)
}

function writeField(name: string, value: ReplyValue): void {
  ensureCapacity(name.length * 3 + 32)
  const typeAt = end++
  end += out.write(name, end)
  out[end++] = 0
  // Write the value before indexing `out`: a large value may replace `out` with a larger buffer.
  const type = writeValue(value)
  out[typeAt] = type
}

function writeString(value: string): void {
  ensureCapacity(value.length * 3 + 5)
  const size = out.write(value, end + 4)
  out.writeInt32LE(size + 1, end)
  end += 4 + size
  out[end++] = 0
}

function writeBytes(bytes: Uint8Array): void {
  ensureCapacity(bytes.length)
  out.set(bytes, end)
  end += bytes.length
}

function writeValue(value: ReplyValue): number {
  switch (typeof value) {
    case 'string':
      writeString(value)
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
      writeCString(value.pattern)
      writeCString(value.options)
      return 0x0b
    case 'Code':
      writeString(String(value.code))
      return 0x0d
    case 'BSONSymbol':
      writeString(value.value)
      return 0x0e
    case 'MinKey':
      return 0xff
    case 'MaxKey':
      return 0x7f
  }
}

function writeCString(text: string): void {
  ensureCapacity(text.length * 3 + 1)
  end += out.write(text, end)
  out[end++] = 0
}
