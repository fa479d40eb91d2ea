import { mp4Length } from '../../mp4-length'
import { plausibleLength } from '../../recording-length'

/**
 * Returns the length of an MP4 or WebM in seconds, read from its metadata; null when it is missing, unknown, or one
 * that no recording has.
 */
export function videoLength(bytes: Buffer, type: string): number | null {
  try {
    return type === 'video/mp4' ? mp4Length(bytes) : lengthOfWebm(bytes)
  } catch {
    // A table that points outside the file counts as missing.
    return null
  }
}

const ebml = {
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  duration: 0x4489,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,
  block: 0xa1,
}
/** The most elements that are read: four hours of blocks, at 60 pictures per second. */
const maxElements = 1_000_000
/** Elements whose children are read; all others are skipped as a whole. */
const containers = new Set([ebml.segment, ebml.info, ebml.cluster, ebml.blockGroup])

/**
 * Reads Info/Duration of Matroska (RFC 9559), in units of TimestampScale nanoseconds. Browsers that record a stream
 * leave it out or write an absurd one; the time of the last block is then the length.
 */
function lengthOfWebm(bytes: Buffer): number | null {
  let scale = 1_000_000
  let cluster = 0
  let last = 0
  let at = 0
  for (let elements = 0; at < bytes.length; elements++) {
    if (elements > maxElements) return null
    const id = readNumber(bytes, at, false)
    const size = readNumber(bytes, id.end, true)
    at = size.end
    if (id.value === ebml.timestampScale) scale = bytes.readUIntBE(at, size.value)
    else if (id.value === ebml.duration) {
      const units = size.value === 8 ? bytes.readDoubleBE(at) : size.value === 4 ? bytes.readFloatBE(at) : 0
      const length = plausibleLength((units * scale) / 1e9)
      if (length !== null) return length
    } else if (id.value === ebml.timestamp) cluster = bytes.readUIntBE(at, size.value)
    else if (id.value === ebml.simpleBlock || id.value === ebml.block) {
      last = Math.max(last, cluster + bytes.readInt16BE(readNumber(bytes, at, true).end))
    }
    if (!containers.has(id.value)) at += size.value
  }
  return plausibleLength((last * scale) / 1e9)
}

/** Reads a variable-length integer of EBML (RFC 8794): the first byte's leading zeros give the number of bytes. */
function readNumber(bytes: Buffer, at: number, masked: boolean): { value: number; end: number } {
  const first = bytes.readUInt8(at)
  const length = Math.clz32(first) - 23
  if (length > 8) throw new RangeError('not EBML')
  let value = masked ? first & (0xff >> length) : first
  for (let i = 1; i < length; i++) value = value * 256 + bytes.readUInt8(at + i)
  return { value, end: at + length }
}
