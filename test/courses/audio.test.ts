import { checkCourse } from '../../src/courses/check-course'
import { exportCourse, zipFiles } from '../../src/courses/export-course'
import { importCourse, readCourseZip } from '../../src/courses/import-course'
import { audioLength } from '../../src/courses/kinds/audio/audio-length'
import { inspectMedia } from '../../src/courses/media'
import { readCourse } from '../../src/courses/read-course'
import { mp3, transcriptVtt } from '../academy/audio-file'
import { openAcademy, type Academy } from '../kit/academy'
import { courseFiles } from './files'

let academy: Academy
beforeAll(async () => (academy = await openAcademy()))
afterAll(() => academy.close())

const latin = (text: string) => Buffer.from(text, 'latin1')
const little = (value: number, size: 2 | 4) => {
  const bytes = Buffer.alloc(size)
  bytes.writeUIntLE(value, 0, size)
  return bytes
}
const big = (value: number, size: 3 | 4) => {
  const bytes = Buffer.alloc(size)
  bytes.writeUIntBE(value, 0, size)
  return bytes
}

/** An Ogg file of two pages: the header of a codec, then a page that ends at `position`. */
function ogg(header: Buffer, position: number): Buffer {
  const page = (at: number, content: Buffer) => {
    const granule = Buffer.alloc(8)
    granule.writeBigInt64LE(BigInt(at))
    const head = [latin('OggS\0\0'), granule, little(7, 4), Buffer.alloc(8), Buffer.from([1, content.length])]
    return Buffer.concat([...head, content])
  }
  return Buffer.concat([page(0, header), page(position, Buffer.alloc(200)), page(-1, Buffer.alloc(10))])
}

const opusHead = Buffer.concat([latin('OpusHead\x01\x01'), little(312, 2), Buffer.alloc(7)])
const vorbisHead = Buffer.concat([
  latin('\x01vorbis'),
  little(0, 4),
  latin('\x01'),
  little(22_050, 4),
  Buffer.alloc(14),
])

/** The STREAMINFO block of FLAC: the rate in 20 bits, channels and depth in 8, the number of samples in 36. */
const streamInfo = (rate: number, samples: number) =>
  Buffer.concat([Buffer.alloc(10), big(rate * 16, 3), Buffer.from([0xf0]), big(samples, 4), Buffer.alloc(16)])
const flac = (samples: number) =>
  Buffer.concat([latin('fLaC'), Buffer.from([0, 0, 0, 34]), streamInfo(44_100, samples)])
const oggFlacHead = Buffer.concat([latin('\x7fFLAC\x01\0\0\x01fLaC'), Buffer.alloc(4), streamInfo(48_000, 0)])

/** A WAV of 8000 bytes per second, whose header claims `size` bytes of samples. */
function wav(bytes: number, size = bytes): Buffer {
  const format = Buffer.concat([
    latin('fmt '),
    little(16, 4),
    little(1, 2),
    little(1, 2),
    little(8000, 4),
    little(8000, 4),
  ])
  const list = Buffer.concat([latin('LIST'), little(3, 4), Buffer.alloc(4)])
  const data = Buffer.concat([latin('data'), little(size, 4), Buffer.alloc(bytes)])
  return Buffer.concat([
    latin('RIFF'),
    little(0, 4),
    latin('WAVE'),
    format,
    little(1, 2),
    little(8, 2),
    list,
    data,
  ])
}

function box(name: string, content: Buffer): Buffer {
  return Buffer.concat([big(content.length + 8, 4), latin(name), content])
}
function m4a(milliseconds: number): Buffer {
  const mvhd = Buffer.alloc(100)
  mvhd.writeUInt32BE(1000, 12)
  mvhd.writeUInt32BE(milliseconds, 16)
  return Buffer.concat([box('ftyp', latin('M4A \0\0\0\0')), box('moov', box('mvhd', mvhd))])
}

const id3 = (size: number) =>
  Buffer.concat([latin('ID3\x04\0\0\0\0'), Buffer.from([size >> 7, size & 127]), Buffer.alloc(size, 0xff)])
const infoFrame = (() => {
  const frame = mp3(0.036)
  frame.write('Info', 21)
  return frame
})()

test.each<[string, string, Buffer, number]>([
  ['an MP3', 'a.mp3', mp3(3.6), 3.6],
  ['an MP3 with a tag that looks like sound', 'a.mp3', Buffer.concat([id3(300), mp3(3.6)]), 3.6],
  ['an MP3 with the frame of an encoder', 'a.mp3', Buffer.concat([infoFrame, mp3(3.6)]), 3.6],
  [
    'an MP3 with an old tag at its end',
    'a.mp3',
    Buffer.concat([mp3(3.6), latin('TAG'), Buffer.alloc(125)]),
    3.6,
  ],
  ['an M4A', 'a.m4a', m4a(61_500), 61.5],
  ['Opus', 'a.ogg', ogg(opusHead, 312 + 96_000), 2],
  ['Opus', 'a.opus', ogg(opusHead, 312 + 96_000), 2],
  ['Vorbis', 'a.ogg', ogg(vorbisHead, 33_075), 1.5],
  ['FLAC in Ogg', 'a.oga', ogg(oggFlacHead, 72_000), 1.5],
  ['a WAV', 'a.wav', wav(20_000), 2.5],
  ['a WAV of unknown size', 'a.wav', wav(20_000, 0xffffffff), 2.5],
  ['a FLAC', 'a.flac', flac(66_150), 1.5],
])('the length of %s is read from the file (%s)', async (_name, name, bytes, seconds) => {
  const { asset } = await inspectMedia(`assets/${name}`, bytes)
  expect(asset).toMatchObject({ seconds, size: bytes.length })
  expect(asset!.type).toMatch(/^audio\//)
})

test.each<[string, Buffer, string?]>([
  ['a.mp3', latin('ID3 this is not a tag')],
  ['a.mp3', latin('<script>alert(1)</script>')],
  ['a.mp3', Buffer.alloc(200_000, 0xff)],
  ['a.mp3', mp3(0.036).subarray(0, 3)],
  ['a.mp3', wav(20_000)],
  ['a.m4a', box('ftyp', latin('M4A ')), 'unknownLength'],
  ['a.ogg', latin('OggS'), 'unknownLength'],
  ['a.ogg', ogg(latin('\x80theora'.padEnd(40, '\0')), 1000), 'unknownLength'],
  ['a.wav', latin('RIFF\0\0\0\0WEBPVP8 ')],
  ['a.wav', latin('RIFF\0\0\0\0WAVEdata\xff\xff\xff\xff'), 'unknownLength'],
  ['a.flac', flac(0), 'unknownLength'],
  ['a.flac', latin('fLaC')],
])('rubbish called %s is refused', async (name, bytes, key = 'notWhatItSays') => {
  const { fault } = await inspectMedia(`assets/${name}`, bytes)
  expect(fault).toMatchObject({ file: `assets/${name}`, key: `studio:faults.${key}` })
})

test('a cut or broken file has no length, and never an exception', () => {
  const whole = { 'audio/mpeg': mp3(1), 'audio/ogg': ogg(opusHead, 96_312), 'audio/mp4': m4a(5000) } as const
  for (const [type, bytes] of Object.entries(whole) as [keyof typeof whole, Buffer][]) {
    for (let length = 0; length < bytes.length; length += 7) {
      const seconds = audioLength(bytes.subarray(0, length), type)
      expect(seconds === null || seconds <= 5).toBe(true)
    }
  }
})

const lesson = (fields: string) => `---\ntitle: Talk\nminutes: 1\nkind: audio\n${fields}---\n`
const files = (fields: string) => [
  ...courseFiles({
    '01-begin/03-talk.md': lesson(fields),
    'assets/talk.en.vtt': transcriptVtt,
  }),
  { path: 'seals/assets/talk.mp3', bytes: mp3(36) },
]
const complete = 'audio: assets/talk.mp3\ntranscript: assets/talk.en.vtt\n'

test.each([
  ['nothing', complete, []],
  [
    'nothing about chapters in order',
    `${complete}chapters: [{start: 0:00, title: A}, {start: 0:35, title: B}]\n`,
    [],
  ],
  ['no audio', 'transcript: assets/talk.en.vtt\n', ['noAudio']],
  ['no transcript', 'audio: assets/talk.mp3\n', ['noTranscript']],
  ['a missing file', 'audio: assets/gone.mp3\ntranscript: assets/gone.txt\n', ['missingFile', 'missingFile']],
  [
    'a chapter past the end',
    `${complete}chapters: [{start: 0:00, title: A}, {start: 0:36, title: B}]\n`,
    ['chapterPastEnd'],
  ],
  [
    'chapters out of order',
    `${complete}chapters: [{start: 0:20, title: A}, {start: 0:20, title: B}]\n`,
    ['chaptersOutOfOrder'],
  ],
])('an author sees %s about an audio lesson', async (_what, fields, rules) => {
  const { content, assets } = await readCourse(files(fields))
  const draft = { ...content, assets: assets.map(({ asset }) => ({ ...asset, hash: '' })) }
  const found = checkCourse(draft, new Date('2026-11-23')).filter(finding => finding.lesson === 'talk')
  expect(found.map(({ key }) => key.replace('studio:checks.', ''))).toEqual(rules)
  expect(found.every(({ level }) => level === 'error')).toBe(true)
})

test('a transcript without a word is refused, and a finding where a draft has one', async () => {
  const empty = [...files(complete), ...courseFiles({ 'assets/empty.vtt': 'WEBVTT\n' }).slice(-1)]
  await expect(readCourse(empty)).rejects.toThrow('assets/empty.vtt:1 studio:faults.captions.none')
  const { content, assets } = await readCourse(files(complete))
  const older = assets.map(({ asset }) => ({ ...asset, hash: '', seconds: null }))
  const found = checkCourse({ ...content, assets: older }, new Date('2026-11-23'))
  expect(found).toContainEqual(
    expect.objectContaining({ key: 'studio:checks.emptyTranscript', values: { file: 'assets/talk.en.vtt' } }),
  )
})

test.each(['1:5', '90', '-1:00', '1:60', 'soon'])(
  'a chapter that starts at %s is refused at its line',
  async start => {
    await expect(
      readCourse(files(`${complete}chapters:\n  - start: ${start}\n    title: A\n`)),
    ).rejects.toThrow('01-begin/03-talk.md:8 studio:faults.wrongForm')
  },
)

test('an audio lesson survives export and import byte for byte', async () => {
  const chapters =
    'chapters:\n  - start: 0:05\n    title: "A: the noise"\n  - start: 1:02:03\n    title: Later\n'
  const { course } = await importCourse({ files: files(complete + chapters), by: null })
  expect(course.draft.modules[0]!.lessons[2]).toMatchObject({
    kind: 'audio',
    completion: 'listen',
    mediaSeconds: 36,
    chapters: [
      { start: 5, title: 'A: the noise' },
      { start: 3723, title: 'Later' },
    ],
  })
  const exported = await exportCourse('seals', course.draft)
  const text = exported.find(file => file.path.endsWith('03-talk.md'))!.bytes.toString()
  expect(text).toContain(`completion: listen\n${complete}${chapters}`)
  const zip = await zipFiles(exported)
  const again = await importCourse({ files: await readCourseZip(zip), by: null })
  expect(again).toMatchObject({ isNew: false, course: { draftNumber: course.draftNumber } })
  expect((await zipFiles(await exportCourse('seals', again.course.draft))).equals(zip)).toBe(true)
})
