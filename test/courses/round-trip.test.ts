import { basename } from 'node:path'
import { courseFile } from '../../src/courses/content'
import type { CourseContent } from '../../src/courses/course'
import { exportCourse, zipFiles } from '../../src/courses/export-course'
import { importCourse, readCourseFolder, readCourseZip } from '../../src/courses/import-course'
import { kindNames, withFrontMatter, type KindName } from '../../src/courses/kinds/kinds'
import { readCourse } from '../../src/courses/read-course'
import { writeCourse } from '../../src/courses/write-course'
import { openAcademy, type Academy } from '../kit/academy'
import { demoFolders, courseFiles, png } from './files'

let academy: Academy
beforeAll(async () => (academy = await openAcademy()))
afterAll(() => academy.close())

test.each(demoFolders)('a demo course survives export and import byte for byte: %s', async folder => {
  const files = await readCourseFolder(folder)
  const { course, ignored } = await importCourse({ files, by: null })
  expect(course.slug).toBe(basename(folder))
  expect(ignored).toEqual([])

  const zip = await zipFiles(await exportCourse(course.slug, course.draft))
  const reimported = await importCourse({ files: await readCourseZip(zip), by: null })
  expect(reimported).toMatchObject({ isNew: false, course: { draftNumber: course.draftNumber } })
  expect((await zipFiles(await exportCourse(course.slug, reimported.course.draft))).equals(zip)).toBe(true)
})

test('an image is exported with the bytes it was imported with', async () => {
  const files = [...courseFiles(), { path: 'seals/assets/a.png', bytes: png }]
  const { course } = await importCourse({ files, by: null })
  const out = await exportCourse('seals', course.draft)
  expect(out.find(file => file.path === 'seals/assets/a.png')!.bytes.equals(png)).toBe(true)
})

/** Texts that YAML or Markdown would read as something else. */
const odd = [
  'yes',
  'null',
  '~',
  'true',
  '0x1F',
  '1e3',
  '2026-11-23',
  '- a',
  '# a',
  'a: b',
  'a #b',
  '@x',
  '`x`',
  '%x',
  '!x',
  '&x',
  '*x',
  '{a: b}',
  '[a',
  '"',
  "'",
  '\\',
  ' lead',
  'trail ',
  '---',
  '...',
  '\n---\n',
  'one\ntwo',
  'one\n\n\ntwo\n',
  '\ttab',
  'ü ł 漢字 🏛',
  '\u00a0',
  'مرحبا',
  '<b>',
  '| a',
  '> a',
  '?',
  ':',
  ',',
  '\u2028',
  '\u0085',
  '\u0007',
  '?\n---\nx',
  '```quiz',
  'x'.repeat(100),
]

/** A seeded random generator (mulberry32), so that a failing course can be made again. */
function randomFrom(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

function oddCourse(seed: number): CourseContent {
  const random = randomFrom(seed)
  const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)]!
  const text = () =>
    Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(odd))
      .join('')
      .slice(0, 39)
  const title = () => `${text()}x`
  const some = (maximum: number, make: () => string) =>
    Array.from({ length: Math.floor(random() * maximum) }, make)
  const ownFields: Record<KindName, () => object> = {
    text: () => ({}),
    video: () => ({
      completion: pick(['watch', 'read']),
      video: random() < 0.3 ? `assets/${title()}` : null,
      captions: random() < 0.3 ? `assets/${title()}` : null,
    }),
    audio: () => ({
      completion: pick(['listen', 'read']),
      audio: random() < 0.3 ? `assets/${title()}` : null,
      transcript: random() < 0.3 ? `assets/${title()}` : null,
      chapters: some(4, title).map((each, n) => ({
        start: pick(['0:05', '1:00:00', '12:34'].slice(n % 2)),
        title: each,
      })),
    }),
    tour: () => ({ completion: pick(['explore', 'read']), software: random() < 0.5 ? text() : undefined }),
    quiz: () => ({ passMark: random() < 0.5 ? 75 : null, attempts: random() < 0.5 ? 3 : null }),
  }
  const lesson = (n: number) => {
    const kind = pick(kindNames)
    const body = some(6, text).join('\n').replaceAll('```quiz', '')
    return withFrontMatter(
      { slug: `lesson-${n}`, mediaSeconds: null, body },
      {
        title: title(),
        minutes: 5,
        kind,
        preview: random() < 0.5,
        topics: some(4, title),
        downloads: some(3, title).map(file => ({ file, title: title() })),
        ...ownFields[kind](),
      },
    )
  }
  const {
    audience: _audience,
    media: _media,
    ...fields
  } = courseFile.parse({ title: title(), topic: 'sales', level: 'beginner' })
  return {
    ...fields,
    summary: text(),
    description: some(5, text).join('\n'),
    audiences: some(3, title),
    price: random() < 0.5 ? { amount: 24000, currency: 'EUR' } : null,
    authors: some(3, title).map(name => ({ name, role: text() })),
    outcomes: some(4, title),
    forYou: some(4, title),
    callToAction: random() < 0.5 ? { kind: 'trial', label: title(), text: text() } : null,
    certificate: random() < 0.5,
    checkedOn: random() < 0.5 ? '2026-11-02' : null,
    modules: [0, 1].map(m => ({
      folder: `module-${m}`,
      title: title(),
      lessons: [lesson(2 * m), lesson(2 * m + 1)],
    })),
    assets: [],
  }
}

test('300 courses full of odd texts survive export and import', async () => {
  for (let seed = 1; seed <= 300; seed++) {
    const course = oddCourse(seed)
    const files = writeCourse(course)
    const read = await readCourse(
      files.map(({ path, text }) => ({ path: `odd/${path}`, bytes: Buffer.from(text) })),
    )
    const back = { ...read.content, assets: [] }
    try {
      expect(back).toEqual(course)
      expect(writeCourse(back)).toEqual(files)
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error })
    }
  }
})
