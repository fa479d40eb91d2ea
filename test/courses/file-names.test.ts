import request from 'supertest'
import { ZipFile } from 'yazl'
import { checkDraft } from '../../src/courses/check-draft'
import { lessonsOf } from '../../src/courses/content'
import { Courses } from '../../src/courses/course'
import { exportCourse, zipFiles } from '../../src/courses/export-course'
import { importCourse, readCourseZip } from '../../src/courses/import-course'
import { withNewNames } from '../../src/courses/lesson-names'
import { readCourse } from '../../src/courses/read-course'
import { unzip, type CourseFile } from '../../src/courses/unzip'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import * as make from '../kit/make'

/* Folders of lessons as people have them: other scripts, spaces, numbers at the end, zips of three systems. */

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())

const lesson = (title: string, text = 'Text.\n') => `---\ntitle: ${title}\nminutes: 1\n---\n${text}`
const filesOf = (texts: Record<string, string>): CourseFile[] =>
  Object.entries({ 'course.yml': 'title: Насосы\ntopic: operations\nsummary: s\n', ...texts }).map(
    ([path, text]) => ({ path: `Мой курс/${path}`, bytes: Buffer.from(text) }),
  )
const slugsOf = async (texts: Record<string, string>) =>
  (await readCourse(filesOf(texts))).content.modules.map(({ folder, lessons }) => [
    folder,
    ...lessons.map(({ slug }) => slug),
  ])

const names: [string, string][] = [
  ['03-Über uns.md', 'uber-uns'],
  ['U\u0308ber uns.md', 'uber-uns'],
  ['Урок 2.md', 'urok-2'],
  ['10 - Intro.MD', 'intro'],
  ['2. Install_it.markdown', 'install-it'],
  ['Lesson 1.md', 'lesson-1'],
  ['操作.md', 'cao-zuo'],
  ['Set up 1f2e3d4c5b6a79881f2e3d4c5b6a7988.md', 'set-up'],
  ['01.md', 'called-this'],
  ['🎉.md', 'called-this'],
  ['new.md', 'new-2'],
  ['What’s new?.md', 'whats-new'],
  ['already-a-slug.md', 'already-a-slug'],
]

test.each(names)('the file %s becomes the lesson %s', async (file, slug) => {
  expect(
    await slugsOf({ 'Модуль 1/module.yml': 'title: M', [`Модуль 1/${file}`]: lesson('Called this') }),
  ).toEqual([['modul-1', slug]])
})

test('modules and lessons are in the order of their numbers, as people count', async () => {
  const inModule = (name: string) => ({ [`${name}/module.yml`]: 'title: M' })
  const lessons = ['Lesson 10.md', 'Lesson 2.md', 'Lesson 1.md', '12 - Last.md', '3 - First.md']
  expect(
    await slugsOf({
      ...inModule('Module 10'),
      ...inModule('Module 9'),
      ...Object.fromEntries(lessons.map(name => [`Module 9/${name}`, lesson('T')])),
    }),
  ).toEqual([['module-9', 'first', 'last', 'lesson-1', 'lesson-2', 'lesson-10'], ['module-10']])
})

const course = {
  'Модуль 1/Module.yaml': 'title: Один\n',
  'Модуль 1/Урок 1.md': lesson(
    'Первый',
    'См. [дальше](Урок 2.md), [часть](<Урок 2.md#часть>), [другой](../Модуль%202/Введение.md), [здесь](Введение.md).\n\n' +
      'И [ещё][more], `[code](../Модуль 2/Введение.md)`.\n\n[more]: ../Модуль%202/Введение.md\n\n' +
      '```md\n[code](../Модуль 2/Введение.md)\n```\n',
  ),
  'Модуль 1/Урок 2.md': lesson('Второй', '## Часть\n'),
  'Модуль 1/Введение.md': lesson('Введение'),
  'Модуль 2/module.yml': 'title: Два\n',
  'Модуль 2/Введение.md': lesson('Ещё введение', 'Назад [к началу](../Модуль 1/Введение.md).\n'),
}

test('links between lessons lead to them under their new names, and code stays as it is', async () => {
  const { course: made, renamed } = await importCourse({ files: filesOf(course), by: null })
  const findings = await checkDraft(made)
  expect(findings.filter(({ level }) => level === 'error')).toEqual([])
  expect(lessonsOf(made.draft).map(({ slug }) => slug)).toEqual([
    'vvedenie',
    'urok-1',
    'urok-2',
    'vvedenie-2',
  ])
  const { body } = lessonsOf(made.draft).find(({ slug }) => slug === 'urok-1')!
  expect(body).toContain('[дальше](Урок 2.md), [часть](<Урок 2.md#часть>)')
  expect(body).toContain('[другой](../modul-2/vvedenie-2.md), [здесь](Введение.md)')
  expect(body).toContain('[more]: ../modul-2/vvedenie-2.md')
  expect(body.match(/\[code\]\(\.\.\/Модуль 2\/Введение\.md\)/g)).toHaveLength(2)
  expect(renamed).toContainEqual({ from: 'Модуль 2/Введение.md', to: 'modul-2/vvedenie-2' })

  const zip = await zipFiles(await exportCourse(made.slug, made.draft))
  const again = await importCourse({ files: await readCourseZip(zip), by: null })
  expect(again).toMatchObject({ isNew: false, renamed: [], course: { draftNumber: made.draftNumber } })
  expect((await zipFiles(await exportCourse(made.slug, again.course.draft))).equals(zip)).toBe(true)
})

test('an author sees which names were changed', async () => {
  const author = await as(await make.person({ role: 'author' }))
  const files = filesOf({ ...course, 'course.yml': 'title: Клапаны\ntopic: operations\n' }).map(file => ({
    ...file,
    path: file.path.replace('Мой курс', 'Клапаны'),
  }))
  const page = await request(academy.app)
    .post('/studio/imports')
    .set({ cookie: author.cookie, accept: 'text/html' })
    .field('_csrf', author.csrf)
    .attach('zip', await zipFiles(files), 'курс.zip')
    .expect(200)
  expect(page.text).toContain('6 names were made into URLs')
  expect(page.text).toMatch(
    /Модуль 1\/Урок 2\.md<\/code>[^<]*<svg.*?<\/svg>\s*<code class="code">modul-1\/urok-2</s,
  )
  expect(await Courses.exists({ slug: 'klapany' })).toBe(true)
})

/** A zip with these raw names, and without the flag that says they are UTF-8. */
async function zipWith(files: [name: Buffer, text: string][]): Promise<Buffer> {
  const zip = new ZipFile()
  for (const [n, [name, text]] of files.entries()) {
    zip.addBuffer(Buffer.from(text), `${'x'.repeat(name.length - 1)}${n}`, { compress: false })
  }
  zip.end()
  const chunks: Buffer[] = []
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  for (const [n, [name]] of files.entries()) {
    const plain = Buffer.from(`${'x'.repeat(name.length - 1)}${n}`)
    for (let at = bytes.indexOf(plain); at !== -1; at = bytes.indexOf(plain, at + 1)) name.copy(bytes, at)
  }
  for (const [mark, offset] of [
    ['PK\x03\x04', 6],
    ['PK\x01\x02', 8],
  ] as const) {
    for (let at = bytes.indexOf(mark, 0, 'latin1'); at !== -1; at = bytes.indexOf(mark, at + 4, 'latin1')) {
      bytes.writeUInt16LE(bytes.readUInt16LE(at + offset) & ~0x800, at + offset)
    }
  }
  return bytes
}

test.each([
  ['macOS, which forgets to say UTF-8', Buffer.from('Kurs/01-Über.md'), 'Kurs/01-Über.md'],
  ['an old Windows', Buffer.from('Kurs/01-\x9aber.md', 'latin1'), 'Kurs/01-Über.md'],
  ['an old Windows, with ß', Buffer.from('Kurs/Stra\xe1e.md', 'latin1'), 'Kurs/Straße.md'],
  ['a Russian Windows', Buffer.from('\x8a\xe3\xe0\xe1/\x93\xe0\xae\xaa.md', 'latin1'), 'Курс/Урок.md'],
  ['.NET, with backslashes', Buffer.from('Kurs\\01-a.md'), 'Kurs/01-a.md'],
  ['a tool that writes ./', Buffer.from('./Kurs/01-a.md'), 'Kurs/01-a.md'],
])('a zip of %s is read with its names', async (_system, raw, path) => {
  expect((await unzip(await zipWith([[raw, 'x']]))).map(file => file.path)).toEqual([path])
})

test('what systems leave in folders is skipped without a word', async () => {
  const { ignored } = await readCourse(
    filesOf({
      'M/module.yml': 'title: M',
      'M/a.md': lesson('A'),
      'M/._a.md': 'x',
      '.DS_Store': 'x',
      '__MACOSX/M/._a.md': 'x',
      'desktop.ini': 'x',
      'Thumbs.db': 'x',
      'M/~$a.docx': 'x',
      'notes.txt': 'x',
    }),
  )
  expect(ignored).toEqual(['notes.txt'])
})

test.each(['`', '``a`', '```\n', '](<', '[a]: ', '[x](a b.md) '])(
  'a lesson of nothing but %s keeps nobody waiting',
  piece => {
    const names = { lessons: new Map([['M/a.md', 'b']]), folders: new Map([['M', 'm']]), renamed: [] }
    const startedAt = performance.now()
    withNewNames(`a.md ${piece.repeat(120_000 / piece.length)}`, 'M/a.md', names)
    expect(performance.now() - startedAt).toBeLessThan(2000)
  },
)

test.each([
  ['course.yml', 'Course.yaml'],
  ['01-a/module.yml', '01-a/MODULE.YML'],
  ['assets/plan.txt', 'Assets/plan.txt'],
  ['01-a/01-\u00e9.md', '01-a/01-e\u0301.md'],
])('a folder with %s and %s is refused, so that neither vanishes', async (one, other) => {
  const twice = filesOf({ [one]: 'title: One\n', [other]: 'title: Other\n' })
  await expect(readCourse(twice)).rejects.toThrow('studio:faults.zipTwice')
})
