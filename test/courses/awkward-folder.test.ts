import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import request from 'supertest'
import sharp from 'sharp'
import { ZipFile } from 'yazl'
import { checkCourse } from '../../src/courses/check-course'
import { Courses, type Course } from '../../src/courses/course'
import { readCourse } from '../../src/courses/read-course'
import { readCourseZip } from '../../src/courses/import-course'
import { unzip, type CourseFile } from '../../src/courses/unzip'
import { now, seconds } from '../../src/platform/clock'
import { openAcademy, type Academy } from '../kit/academy'
import { as, anonymous, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { happened } from '../kit/ledger'
import * as make from '../kit/make'

/* A course as its author really has it: names in eight scripts, photos of phones, captions of four tools. */

let academy: Academy
let author: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  author = await as(await make.person({ role: 'admin' }))
})
afterAll(() => academy.close())

/** Each caption file says `Turn <name>` first, in the way of another tool. */
const captions: Record<string, string> = {
  'comma.srt':
    '1\r\n00:00:00,000 --> 00:00:00,900\r\nTurn comma\r\n\r\n2\r\n00:00:01,000 --> 00:00:01,900\r\nLine\r\n',
  'bom.vtt': '\ufeffWEBVTT\n\n00:00.000 --> 00:00.900\nTurn bom\n',
  'einstellungen für alle.vtt':
    'WEBVTT - Größe\n\nSTYLE\n::cue { color: red }\n\nNOTE not said\n\n1\n00:00.000 --> 00:00.900 align:start\nTurn <b>styles</b> &amp; more\n',
  '字幕.srt': '\ufeff1\n00:00:00,000 --> 00:00:00,900\n<font color="#fff">Turn</font> 字幕\n',
  'blank.vtt':
    'WEBVTT\n\n\n\n00:00.000 --> 00:00.900\nTurn blank\n \n00:01.000 --> 00:01.500\nTurn two\n\n\n',
  'voices.vtt':
    'WEBVTT\n\nREGION\nid:one\n\n00:00:00.000 --> 00:00:00.900\n<v Ines>Turn voices</v>\n<00:00:00.500><c.yellow>again</c>\n',
  'rolling.vtt':
    'WEBVTT\n\n00:00.000 --> 00:00.400\nTurn rolling\n\n00:00.400 --> 00:00.800\nTurn rolling\nslowly\n\n00:00.800 --> 00:00.900\nslowly\n',
  'العربية.vtt': 'WEBVTT\n\n00:00.000 --> 00:00.900\nTurn مرحبا &lrm;x\n',
}

/** What a learner reads of each. */
const said = [
  'Turn comma',
  'Turn bom',
  'Turn styles & more',
  'Turn 字幕',
  'Turn blank',
  'Turn voices',
  'Turn rolling',
  'Turn مرحبا',
]

type Picture = { name: string; width: number; height: number; bytes: () => Promise<Buffer> }

const canvas = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#2b3fcb' } })
const phonePhoto = readFileSync(join(__dirname, 'reported/20-phone-photo-gps-orientation6.jpg'))
const pictures: Picture[] = [
  { name: '画面.png', width: 60, height: 30, bytes: () => canvas(60, 30).png().toBuffer() },
  { name: '操作.png', width: 30, height: 60, bytes: () => canvas(30, 60).png({ palette: true }).toBuffer() },
  { name: 'Übersicht 1.jpg', width: 200, height: 400, bytes: async () => phonePhoto },
  { name: 'Обзор насоса.webp', width: 80, height: 40, bytes: () => canvas(80, 40).webp().toBuffer() },
  {
    name: 'εικόνα.gif',
    width: 20,
    height: 10,
    bytes: () => canvas(20, 10).gif().toBuffer(),
  },
  {
    name: 'صورة.webp',
    width: 32,
    height: 16,
    bytes: () => canvas(32, 16).webp({ lossless: true }).toBuffer(),
  },
  {
    name: 'תמונה (2).JPG',
    width: 90,
    height: 45,
    bytes: () => canvas(90, 45).toColourspace('cmyk').jpeg().toBuffer(),
  },
  {
    name: '사진.jpeg',
    width: 50,
    height: 100,
    bytes: () =>
      canvas(100, 50)
        .withExif({ IFD0: { Artist: 'Ines Halvorsen' } })
        .withMetadata({ orientation: 8 })
        .jpeg()
        .toBuffer(),
  },
  {
    name: 'จอภาพ.png',
    width: 16,
    height: 16,
    bytes: () => canvas(16, 16).toColourspace('b-w').png().toBuffer(),
  },
  {
    name: 'Screen Shot 2026-11-28 at 17.33.53.png',
    width: 64,
    height: 64,
    bytes: () => canvas(64, 64).png().toBuffer(),
  },
]

const documents = {
  'Ordner 2–3.json': '{}\n',
  'Preisliste – März.pdf': '%PDF-1.7\n%âãÏÓ\n',
  'données été.csv': 'a;b\n1;2\n',
  '手順.txt': 'まず\n',
}

async function filesOf(zip: string): Promise<CourseFile[]> {
  return unzip(readFileSync(join(__dirname, 'reported', zip)))
}

/** The folder: 44 files, without what the three systems add. */
async function folder(): Promise<CourseFile[]> {
  const [webm] = (await filesOf('15-captions-rolling.zip')).filter(({ path }) => path.endsWith('.webm'))
  const [mp4] = (await filesOf('11-mp4-length-unknown.zip')).filter(({ path }) => path.endsWith('.mp4'))
  const texts: Record<string, string> = {
    'course.yml':
      '\ufefftitle: "Насосы & Pumps: 100 % für alle 🚀"\nsummary: Sum.\ntopic: operations\nlanguage: de\ncheckedOn: 2026-11-01\nauthors:\n  - name: Ø. Łukasz\n',
    '01-Grundlagen für alle/module.yml': 'title: Grundlagen für alle\r\n',
    '01-Grundlagen für alle/01 - Intro.md': `---\r\ntitle: "Intro: los geht's"\r\npreview: true\r\nminutes: 1 \r\n---\r\n<!-- for authors -->\r\nWeiter: [Über](<02-Über uns.md#größe>), [Насосы](../02%20Основы/01-Насосы.md), Strg + <kbd>C</kbd>.\r\n\r\n${pictures.map(({ name }) => `![${name}](<../assets/${name}>)`).join('\r\n\r\n')}\r\n`,
    '01-Grundlagen für alle/02-Über uns.md': `---\ntitle: Über uns\nminutes: 1\npreview: true\n---\n## Größe\n\n- [ ] offen\n- [x] fertig\n\n| a | b |\n|---|---|\n| x<br>y | ${'Sehrlangesdeutscheswort'.repeat(8)} |\n\n${Object.keys(
      documents,
    )
      .map(name => `[${name}](<../assets/${name}>)`)
      .join('\n\n')}\n`,
    '01-Grundlagen für alle/10-Prüfung.md':
      '---\ntitle: Prüfung\nminutes: 1\nkind: quiz\npassMark: 50\n---\n```quiz\nid: q1\nkind: single\nprompt: "Nass: ja?"\nchoices:\n  - content: Yes\n    isCorrect: true\n    explanation: Ja.\n  - content: No\n    explanation: Nein.\n```\n',
    '02 Основы/module.yml': 'title: Основы\n',
    '02 Основы/01-Насосы.md':
      '---\ntitle: Насосы\nminutes: 1\npreview: true\n---\nНазад: [Intro](<../01-Grundlagen für alle/01 - Intro.md>).\n',
    '02 Основы/02-画面.md': '---\ntitle: 画面\nminutes: 1\npreview: true\n---\n画面と操作。\n',
    ...Object.fromEntries(
      Object.keys(captions).map((name, n) => [
        `02 Основы/${n + 3}. Film ${name.replace(/\.\w+$/, '')}.md`,
        `---\ntitle: "Film: ${n + 1}"\nminutes: 1\nkind: video\npreview: true\nvideo: ../assets/${n % 2 ? 'Film 1.mp4' : 'фильм.webm'}\ncaptions: "../assets/${name}"\n---\nWatch.\n`,
      ]),
    ),
    ...Object.fromEntries(Object.entries(captions).map(([name, text]) => [`assets/${name}`, text])),
    ...Object.fromEntries(Object.entries(documents).map(([name, text]) => [`assets/${name}`, text])),
  }
  return [
    ...Object.entries(texts).map(([path, text]) => ({ path, bytes: Buffer.from(text) })),
    ...(await Promise.all(
      pictures.map(async ({ name, bytes }) => ({ path: `assets/${name}`, bytes: await bytes() })),
    )),
    { path: 'assets/Film 1.mp4', bytes: mp4!.bytes },
    { path: 'assets/фильм.webm', bytes: webm!.bytes },
  ].map(({ path, bytes }) => ({ path: `Насосы für alle/${path}`, bytes }))
}

const systems = ['macOS', 'Windows', 'Linux'] as const

/**
 * The folder as each system zips it: macOS decomposes names, adds files of its own and doesn't say that names are
 * UTF-8; Windows adds its own and ends folders with an entry; Linux says UTF-8.
 */
async function zipOf(files: CourseFile[], system: (typeof systems)[number]): Promise<Buffer> {
  const zip = new ZipFile()
  const top = files[0]!.path.split('/')[0]!
  const own = {
    macOS: ['__MACOSX/._x', '.DS_Store', 'assets/.DS_Store', '01-Grundlagen für alle/._module.yml'],
    Windows: ['Thumbs.db', 'desktop.ini', 'assets/Thumbs.db'],
    Linux: ['.directory', '01-Grundlagen für alle/01 - Intro.md~'],
  }[system]
  for (const name of own)
    zip.addBuffer(Buffer.from('x'), name.startsWith('__MACOSX') ? name : `${top}/${name}`)
  if (system === 'Windows') zip.addEmptyDirectory(`${top}/assets/`)
  for (const { path, bytes } of files)
    zip.addBuffer(bytes, system === 'macOS' ? path.normalize('NFD') : path, { mode: 0o100644 })
  zip.end()
  const chunks: Buffer[] = []
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  return system === 'macOS' ? withoutUtf8Flags(bytes) : bytes
}

/** Clears bit 11 of the flags in every header of a zip. */
function withoutUtf8Flags(zip: Buffer): Buffer {
  const bytes = Buffer.from(zip)
  const end = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1')
  let at = bytes.readUInt32LE(end + 16)
  for (let n = bytes.readUInt16LE(end + 10); n > 0; n--) {
    const local = bytes.readUInt32LE(at + 42)
    bytes.writeUInt16LE(bytes.readUInt16LE(at + 8) & ~0x800, at + 8)
    bytes.writeUInt16LE(bytes.readUInt16LE(local + 6) & ~0x800, local + 6)
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return bytes
}

async function upload(zip: Buffer): Promise<Course> {
  const page = await request(academy.app)
    .post('/studio/imports')
    .set('cookie', author.cookie)
    .set('accept', 'text/html')
    .field('_csrf', author.csrf)
    .attach('zip', zip, 'Насосы.zip')
  const faults = /<section[^>]*form-errors[^]*?<\/(?:section|div)>/
    .exec(page.text)?.[0]
    .replace(/<[^>]+>|\s+/g, ' ')
  expect({ status: page.status, faults }).toEqual({ status: 200, faults: undefined })
  const [, slug] = /href="\/studio\/courses\/([^"/]+)"/.exec(page.text)!
  return (await Courses.findOne({ slug }))!
}

test('three systems zip the same folder, and it is the same course', async () => {
  const files = await folder()
  expect(files.length).toBeGreaterThanOrEqual(40)
  const [mac, windows, linux] = await Promise.all(
    systems.map(async system => {
      const zip = await zipOf(files, system)
      const { content, assets } = await readCourse(await readCourseZip(zip))
      // A name is exported as it came: macOS takes its accents apart.
      const named = assets.map(({ asset, bytes }) => ({
        ...asset,
        path: asset.path.normalize(),
        bytes: bytes.length,
      }))
      return { ...content, assets: named.sort((a, b) => (a.path < b.path ? -1 : 1)) }
    }),
  )
  expect(mac).toEqual(linux)
  expect(windows).toEqual(linux)
})

test('40 awkward files go from the zip to the learner, the certificate and the export', async () => {
  const course = await upload(await zipOf(await folder(), 'macOS'))
  expect(checkCourse(course.draft, now()).filter(({ level }) => level === 'error')).toEqual([])
  await author
    .post(`/studio/courses/${course.slug}/publication`, { draftNumber: String(course.draftNumber) })
    .expect(303)

  const learner = await make.person({ name: 'Nguyễn Thị Ánh مريم 王小明' })
  const visitor = await as(learner)
  await visitor.post(`/courses/${course.slug}/enrolment`).expect(303)
  const lessons = course.draft.modules.flatMap(module => module.lessons)
  const seen: string[] = []
  for (const { slug, title } of lessons) {
    expect(slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    const { text } = await visitor.get(`/courses/${course.slug}/lessons/${slug}`).expect(200)
    expect({ title, raw: text.match(/&lt;[a-z!]|\[[ x]\]|!\[|--&gt;|WEBVTT|\.md\b/g) }).toEqual({
      title,
      raw: null,
    })
    seen.push(text)
    for (const [, href] of text.matchAll(/<a href="(\/courses\/[^"]+)"/g))
      await visitor.get(href!).expect(200)
  }
  for (const [n, words] of said.entries()) {
    const film = seen[lessons.findIndex(({ title }) => title === `Film: ${n + 1}`)]!
    const { href } = /href="(?<href>[^"]*transcript\.txt)"/.exec(film)?.groups ?? {}
    expect(href ? (await visitor.get(href)).text : film).toContain(words)
  }
  for (const { name, width, height } of pictures) {
    const image = new RegExp(`<img [^>]*alt="${name.replace(/[().]/g, '\\$&')}"[^>]*>`).exec(seen[0]!)![0]
    expect(image).toContain(`width="${width}" height="${height}"`)
    const [, src] = /src="([^"]+)"/.exec(image)!
    const bytes = (await visitor.get(src!).expect(200)).body as Buffer
    const real = await sharp(bytes).metadata()
    expect([name, real.width, real.height, real.exif]).toEqual([name, width, height, undefined])
  }

  const anybody = await anonymous()
  expect((await anybody.get('/courses').expect(200)).text).toContain('Насосы &amp; Pumps: 100 % für alle')
  for (const { slug, title, kind, mediaSeconds } of lessons) {
    const lesson = `/courses/${course.slug}/lessons/${slug}`
    if (kind === 'video') {
      advance(seconds(mediaSeconds!))
      const end = String(mediaSeconds)
      const { body } = await visitor
        .post(`${lesson}/progress`, { ranges: `0-${end}`, position: end })
        .expect(200)
      expect({ title, ...body }).toMatchObject({ title, done: true })
    } else if (kind !== 'quiz') await visitor.post(`${lesson}/completion`).expect(303)
    else await visitor.post(`${lesson}/attempts`, { number: '1', 'q-q1': '0' }).expect(303)
  }
  await happened(learner)
  const { headers } = await visitor.get(`/courses/${course.slug}/certificate`).expect(303)
  const pdf = await visitor.get(`${headers.location}/certificate.pdf`).expect(200)
  expect((pdf.body as Buffer).subarray(0, 5).toString()).toBe('%PDF-')

  const zip = await author.get(`/studio/courses/${course.slug}.zip`).responseType('blob').expect(200)
  const again = await upload(zip.body as Buffer)
  expect(again.draft).toEqual(course.draft)
})
