import { mp4Length } from '../../mp4-length'
import { plausibleLength } from '../../recording-length'

/** Types of audio files, by the extension of their names. */
export type AudioType = 'audio/mpeg' | 'audio/mp4' | 'audio/ogg' | 'audio/wav' | 'audio/flac'

const readers: Record<AudioType, (bytes: Buffer) => number | null> = {
  'audio/mpeg': mp3Length,
  'audio/mp4': mp4Length,
  'audio/ogg': oggLength,
  'audio/wav': wavLength,
  'audio/flac': flacLength,
}

/**
 * Returns the length of an MP3, M4A, Ogg (Vorbis, Opus, FLAC), WAV or FLAC file in seconds, to the millisecond; null
 * when it has none.
 */
export function audioLength(bytes: Buffer, type: AudioType): number | null {
  try {
    const length = readers[type](bytes)
    return plausibleLength(Math.round((length ?? 0) * 1000) / 1000)
  } catch {
    // A size that points outside the file counts as missing.
    return null
  }
}

/** The most frames, pages, chunks or tags that are read: seven hours of MP3 have a million frames. */
const maxParts = 1_000_000
const maxTags = 100

/** The most bytes outside frames, such as a broken tag, that are skipped in an MP3. */
const maxSkippedBytes = 64 * 1024

/** Adds up the frames of an MP3 (ISO/IEC 11172-3 and 13818-3, layer III), each at its own bit rate. */
function mp3Length(bytes: Buffer): number | null {
  let at = endOfTags(bytes)
  let seconds = 0
  let skipped = 0
  for (let parts = 0; at + 4 <= bytes.length; parts++) {
    if (parts > maxParts) return null
    const frame = mp3Frame(bytes, at)
    // Two bytes can look like a frame by chance, so the first one counts only if another one, or the end, follows it.
    const isFrame =
      frame && (seconds > 0 || at + frame.size >= bytes.length || mp3Frame(bytes, at + frame.size))
    if (isFrame) {
      if (seconds > 0 || !isInfoFrame(bytes, at)) seconds += frame.seconds
      at += frame.size
    } else if (++skipped > maxSkippedBytes) break
    else at++
  }
  return seconds || null
}

/** Returns where the ID3v2 tags (https://id3.org/id3v2.4.0-structure) at the start of a file end. */
function endOfTags(bytes: Buffer): number {
  let at = 0
  for (let tags = 0; tags < maxTags && bytes.toString('latin1', at, at + 3) === 'ID3'; tags++) {
    const size = [6, 7, 8, 9].reduce((sum, byte) => sum * 128 + (bytes.readUInt8(at + byte) & 0x7f), 0)
    const footer = bytes.readUInt8(at + 5) & 0x10 ? 10 : 0
    at += 10 + size + footer
  }
  return at
}

/** In kilobits per second, by the index in a frame's header; MPEG 1, then MPEG 2 and 2.5. */
const bitRates = [
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
] as const
const sampleRates = [44_100, 48_000, 32_000]

/** Reads the header of a frame. Returns null where there is none, or one without a fixed size. */
function mp3Frame(bytes: Buffer, at: number): { size: number; seconds: number } | null {
  if (at + 4 > bytes.length) return null
  const header = bytes.readUInt32BE(at)
  const version = (header >>> 19) & 3
  const isLayer3 = ((header >>> 17) & 3) === 1
  const kilobits = bitRates[version === 3 ? 0 : 1][(header >>> 12) & 15]
  const fullRate = sampleRates[(header >>> 10) & 3]
  if (header >>> 21 !== 0x7ff || version === 1 || !isLayer3 || !kilobits || !fullRate) return null
  const sampleRate = fullRate / (version === 3 ? 1 : version === 2 ? 2 : 4)
  const samples = version === 3 ? 1152 : 576
  const padding = (header >>> 9) & 1
  return {
    size: Math.floor((samples / 8) * ((kilobits * 1000) / sampleRate)) + padding,
    seconds: samples / sampleRate,
  }
}

/** Whether a frame is the silent one in which encoders note the length and the quality. */
function isInfoFrame(bytes: Buffer, at: number): boolean {
  return /Xing|Info|VBRI/.test(bytes.toString('latin1', at + 4, at + 44))
}

/** `OggS` */
const oggPage = 0x4f676753

/** Divides the last position in an Ogg stream (RFC 3533) by the codec's sample rate. */
function oggLength(bytes: Buffer): number | null {
  const codec = oggCodec(bytes)
  if (!codec) return null
  const serial = bytes.readUInt32LE(14)
  let last = -1n
  for (let at = 0, parts = 0; at + 27 <= bytes.length && bytes.readUInt32BE(at) === oggPage; parts++) {
    if (parts > maxParts) return null
    const segments = bytes.readUInt8(at + 26)
    // -1 means that no packet ends on this page.
    const position = bytes.readBigInt64LE(at + 6)
    if (bytes.readUInt32LE(at + 14) === serial && position > last) last = position
    let size = 0
    for (let n = 0; n < segments; n++) size += bytes.readUInt8(at + 27 + n)
    at += 27 + segments + size
  }
  return (Number(last) - codec.skipped) / codec.sampleRate
}

/** Reads the header of the codec, in the first page. `skipped` are samples that aren't played. */
function oggCodec(bytes: Buffer): { sampleRate: number; skipped: number } | null {
  const at = 27 + bytes.readUInt8(26)
  const starts = (text: string) => bytes.toString('latin1', at, at + text.length) === text
  // RFC 7845: positions count 48 kHz, whatever was recorded.
  if (starts('OpusHead')) return { sampleRate: 48_000, skipped: bytes.readUInt16LE(at + 10) }
  // https://xiph.org/vorbis/doc/Vorbis_I_spec.html
  if (starts('\x01vorbis')) return { sampleRate: bytes.readUInt32LE(at + 12), skipped: 0 }
  // https://xiph.org/flac/ogg_mapping.html
  if (starts('\x7fFLAC')) return { sampleRate: bytes.readUIntBE(at + 27, 3) >> 4, skipped: 0 }
  return null
}

/** Divides the size of the samples in a WAV by their bytes per second. */
function wavLength(bytes: Buffer): number | null {
  let bytesPerSecond = 0
  for (let at = 12, chunks = 0; at + 8 <= bytes.length && chunks < maxTags; chunks++) {
    const name = bytes.toString('latin1', at, at + 4)
    // A recorder that doesn't know the size in advance writes the largest number.
    const size = Math.min(bytes.readUInt32LE(at + 4), bytes.length - at - 8)
    if (name === 'fmt ') bytesPerSecond = bytes.readUInt32LE(at + 16)
    if (name === 'data') return size / bytesPerSecond
    at += 8 + size + (size % 2)
  }
  return null
}

/** Reads the number of samples and their rate from the STREAMINFO block (RFC 9639), which is the first. */
function flacLength(bytes: Buffer): number | null {
  const samples = (bytes.readUInt8(21) & 0x0f) * 2 ** 32 + bytes.readUInt32BE(22)
  return samples / (bytes.readUIntBE(18, 3) >> 4)
}
