import { readCaptions } from '../../src/courses/captions'
import { videoLength } from '../../src/courses/kinds/video/video-length'

const bytes = (...parts: (number[] | Buffer | string)[]) =>
  Buffer.concat(
    parts.map(part => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  )

function box(name: string, ...content: Buffer[]): Buffer {
  const inside = Buffer.concat(content)
  const size = Buffer.alloc(4)
  size.writeUInt32BE(inside.length + 8)
  return bytes(size, name, inside)
}

function mvhd(timescale: number, duration: number | bigint): Buffer {
  const content = Buffer.alloc(112)
  if (typeof duration === 'bigint') {
    content.writeUInt8(1, 0)
    content.writeUInt32BE(timescale, 20)
    content.writeBigUInt64BE(duration, 24)
  } else {
    content.writeUInt32BE(timescale, 12)
    content.writeUInt32BE(duration, 16)
  }
  return box('mvhd', content)
}

const element = (id: number[], content: Buffer) =>
  bytes(
    id,
    [
      0x10 | (content.length >> 24),
      (content.length >> 16) & 255,
      (content.length >> 8) & 255,
      content.length & 255,
    ],
    content,
  )
const ebml = element([0x1a, 0x45, 0xdf, 0xa3], Buffer.alloc(4))
const unknownSize = [0x01, 255, 255, 255, 255, 255, 255, 255]

test('the length of an MP4 is read wherever its table is', () => {
  const mp4 = bytes(
    box('ftyp', Buffer.alloc(8)),
    box('mdat', Buffer.alloc(3000)),
    box('moov', mvhd(1000, 61_500)),
  )
  expect(videoLength(mp4, 'video/mp4')).toBe(61.5)
})

test.each<[string, number | null, number, number | bigint]>([
  ['in 64 bit', 61.5, 1000, 61_500n],
  ['of the longest recording', 86_400, 1000, 86_400_000],
  ['that is unknown', null, 1000, 0xffff_ffff],
  ['that is unknown, in small units', null, 90_000, 0xffff_ffff],
  ['that is unknown, in 64 bit', null, 1000, 0xffff_ffff_ffff_ffffn],
  ['of months', null, 1000, 86_400_001],
  ['of ages, in 64 bit', null, 1, 0x7fff_ffff_ffff_ffffn],
  ['of nothing', null, 1000, 0],
  ['without a unit', null, 0, 61_500],
  ['of nothing without a unit', null, 0, 0],
])('an MP4 with a length %s has the length %s', (_what, length, timescale, duration) => {
  const mp4 = bytes(box('ftyp', Buffer.alloc(8)), box('moov', mvhd(timescale, duration)))
  expect(videoLength(mp4, 'video/mp4')).toBe(length)
})

const block = (at: number) => element([0xa3], bytes([0x81], [at >> 8, at & 255], [0x80], Buffer.alloc(20)))
const cluster = (at: number[], ...blocks: Buffer[]) =>
  bytes([0x1f, 0x43, 0xb6, 0x75], unknownSize, element([0xe7], Buffer.from(at)), ...blocks)

function webmOf(duration: Buffer, ...clusters: Buffer[]): Buffer {
  const info = element([0x15, 0x49, 0xa9, 0x66], element([0x44, 0x89], duration))
  return bytes(ebml, [0x18, 0x53, 0x80, 0x67], unknownSize, info, ...clusters)
}

function double(value: number): Buffer {
  const duration = Buffer.alloc(8)
  duration.writeDoubleBE(value)
  return duration
}

test('the length of a WebM is read from its header', () => {
  const single = Buffer.alloc(4)
  single.writeFloatBE(60_250)
  for (const duration of [double(60_250), single]) {
    expect(videoLength(webmOf(duration), 'video/webm')).toBe(60.25)
  }
})

test.each([
  ['not a number', double(NaN)],
  ['infinite', double(Infinity)],
  ['negative', double(-60_250)],
  ['of ages', double(1e300)],
  ['of all bits', Buffer.alloc(8, 255)],
  ['of no bits', Buffer.alloc(0)],
])('a WebM with a length that is %s ends with its last frame, or has none', (_what, duration) => {
  expect(videoLength(webmOf(duration, cluster([0x75, 0x30], block(1250))), 'video/webm')).toBe(31.25)
  expect(videoLength(webmOf(duration), 'video/webm')).toBeNull()
})

test('a WebM recorded in a browser without a length ends with its last frame', () => {
  const webm = bytes(
    ebml,
    [0x18, 0x53, 0x80, 0x67],
    unknownSize,
    cluster([0], block(0), block(500)),
    cluster([0x75, 0x30], block(0), block(1250)),
  )
  expect(videoLength(webm, 'video/webm')).toBe(31.25)
})

test('a truncated or invalid file has no length', () => {
  for (const type of ['video/mp4', 'video/webm']) {
    for (const invalid of [
      Buffer.alloc(0),
      Buffer.alloc(50),
      Buffer.alloc(50, 255),
      ebml,
      box('moov', Buffer.alloc(3)),
    ]) {
      expect(videoLength(invalid, type)).toBeNull()
    }
  }
})

test('captions are read with or without hours, speakers and notes', () => {
  const vtt =
    '\uFEFFWEBVTT - tour\r\n\r\nNOTE by hand\r\n\r\n1\r\n00:01.000 --> 00:02.500 line:0\r\n<v Ines>Fish &amp; chips\r\nand tea\r\n\r\n01:00:00.000 --> 01:00:01.000\r\nEnd\r\n'
  expect(readCaptions(vtt)).toEqual({
    cues: [
      { start: 1, end: 2.5, text: 'Ines: Fish & chips and tea' },
      { start: 3600, end: 3601, text: 'End' },
    ],
    fault: null,
  })
})
