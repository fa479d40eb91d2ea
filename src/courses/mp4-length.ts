import { plausibleLength } from './recording-length'

/** The most boxes that are skipped: the longest recording has one per second or two. */
const maxBoxes = 20_000

/** In a box of either version, a duration whose bits are all one is unknown (ISO/IEC 14496-12, 8.2.2.3). */
const unknown = { short: 0xffff_ffff, long: 0xffff_ffff_ffff_ffffn }

/**
 * Returns the length of an MP4 or M4A in seconds; null when it has none, or one that no recording has. It is in
 * moov/mvhd (ISO/IEC 14496-12), in units of its own timescale.
 *
 * @throws RangeError when a size points outside the file.
 */
export function mp4Length(bytes: Buffer): number | null {
  const moov = findBox(bytes, 'moov', 0, bytes.length)
  const mvhd = moov && findBox(bytes, 'mvhd', ...moov)
  if (!mvhd) return null
  const at = mvhd[0]
  const long = bytes[at] === 1
  const timescale = bytes.readUInt32BE(at + (long ? 20 : 12))
  const duration = long ? bytes.readBigUInt64BE(at + 24) : bytes.readUInt32BE(at + 16)
  if (duration === unknown.short || duration === unknown.long) return null
  return plausibleLength(Number(duration) / timescale)
}

function findBox(bytes: Buffer, name: string, from: number, to: number): [number, number] | null {
  for (let at = from, boxes = 0; at + 8 <= to && boxes < maxBoxes; boxes++) {
    let size = bytes.readUInt32BE(at)
    let head = 8
    if (size === 1) {
      size = Number(bytes.readBigUInt64BE(at + 8))
      head = 16
    } else if (size === 0) size = to - at
    if (size < head) return null
    if (bytes.toString('latin1', at + 4, at + 8) === name) return [at + head, Math.min(at + size, to)]
    at += size
  }
  return null
}
