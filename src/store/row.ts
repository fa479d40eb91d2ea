import { decode } from './decode'
import type { Doc } from './value'

/** A stored document: as bytes for those who pass it on, decoded for those who look into it. */
export interface Row {
  recordId: number
  bytes: Buffer
  decoded?: Doc
}

export function decodeRow(row: Row): Doc {
  return (row.decoded ??= decode(row.bytes))
}

/** As `docOf`, without keeping it: a sort holds the bytes of all its rows, but not all of them decoded. */
export function decodeUncached(row: Row): Doc {
  return row.decoded ?? decode(row.bytes)
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
