import { decode } from './decode'
import type { Doc } from './value'

/** A stored document: as BSON and, once it has been read, decoded. */
export interface Row {
  recordId: number
  bytes: Buffer
  decoded?: Doc
}

/** Returns the decoded document and remembers it in the row. */
export function decodeRow(row: Row): Doc {
  return (row.decoded ??= decode(row.bytes))
}

/**
 * Returns the decoded document without remembering it. A sort holds the BSON of all its rows, but not all of
 * them decoded.
 */
export function decodeUncached(row: Row): Doc {
  return row.decoded ?? decode(row.bytes)
}

/** Returns the same memory as a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
