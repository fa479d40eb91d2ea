import request from 'supertest'
import sharp from 'sharp'
import { changeDraft } from '../../src/courses/change-draft'
import { Courses } from '../../src/courses/course'
import { exportCourse, zipFiles } from '../../src/courses/export-course'
import { changeLesson } from '../../src/courses/outline'
import { slugOf } from '../../src/courses/slug'
import { courseFiles, png } from '../courses/files'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let author: Visitor
let red: Buffer
beforeAll(async () => {
  academy = await openAcademy()
  author = await as(await make.person({ role: 'author' }))
  red = await sharp({ create: { width: 3, height: 3, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
})
afterAll(() => academy.close())

const upload = (path: string) =>
  request(academy.app)
    .post(path)
    .set('cookie', author.cookie)
    .set('accept', 'text/html')
    .field('_csrf', author.csrf)
const pathsOf = async (slug: string) =>
  (await Courses.findOne({ slug }))!.draft.assets.map(asset => `${asset.path} ${asset.width}`)
const importFiles = async (files: { path: string; bytes: Buffer }[]) =>
  upload('/studio/imports').attach('zip', await zipFiles(files), 'course.zip')

test('an author uploads two files with Japanese and Chinese names at once, and gets both', async () => {
  const { slug } = await make.course()
  const files = `/studio/courses/${slug}/files`
  await upload(files).attach('files', png, '画面.png').attach('files', red, '操作.png').expect(303)
  const page = await author.get(files).expect(200)
  expect(page.text).toContain('assets/画面.png')
  expect(page.text).toContain('assets/操作.png')
  expect(await pathsOf(slug)).toEqual(['assets/操作.png 3', 'assets/画面.png 2'])
})

test('files whose names become the same path get a number, and a file is only replaced on request', async () => {
  const { slug } = await make.course()
  const files = `/studio/courses/${slug}/files`
  await upload(files)
    .attach('files', png, 'Pump 1.png')
    .attach('files', red, 'pump-1.PNG')
    .attach('files', png, '★.png')
    .attach('files', red, '!!!.png')
    .expect(303)
  const four = ['assets/file-2.png 3', 'assets/file.png 2', 'assets/pump-1-2.png 3', 'assets/pump-1.png 2']
  expect(await pathsOf(slug)).toEqual(four)
  await upload(files).attach('files', red, 'C#.png').expect(303)
  await upload(files).attach('files', png, 'C++.png').expect(303)
  await upload(files).field('sameName', 'replace').attach('files', red, 'Pump 1.png').expect(303)
  expect(await pathsOf(slug)).toEqual([
    'assets/c-2.png 2',
    'assets/c.png 3',
    ...four.slice(0, 3),
    'assets/pump-1.png 3',
  ])
})

test('a file with the name of another is kept beside it, and the page says so', async () => {
  const { slug, course } = await make.course()
  const files = `/studio/courses/${slug}/files`
  const add = async (bytes: Buffer, sameName?: string) => {
    const form = upload(files)
    if (sameName) form.field('sameName', sameName)
    const { headers } = await form.attach('files', bytes, 'Screen.png').expect(303)
    const flash = [headers['set-cookie'] ?? []].flat().map(cookie => cookie.split(';')[0]!)
    const page = await request(academy.app)
      .get(files)
      .set({ cookie: [author.cookie, ...flash].join('; '), accept: 'text/html' })
    return page.text.replaceAll('&#39;', "'")
  }
  await add(png)
  expect(await add(png)).toContain('assets/screen.png was already there.')
  expect(await add(red)).toContain(
    'assets/screen.png was already there, so the new file is assets/screen-2.png.',
  )
  expect(await pathsOf(slug)).toEqual(['assets/screen-2.png 3', 'assets/screen.png 2'])
  const replaced = await add(red, 'replace')
  expect(replaced).toContain('assets/screen.png was replaced.')
  expect(await pathsOf(slug)).toEqual(['assets/screen-2.png 3', 'assets/screen.png 3'])
  const [, restoration] = /action="([^"]+\/restoration)"/.exec(replaced) ?? []
  await author.post(restoration!).expect(303)
  expect(await pathsOf(slug)).toEqual(['assets/screen-2.png 3', 'assets/screen.png 2'])
  expect((await Courses.findById(course))!.draft.assets).toHaveLength(2)
})

test('the same bytes under two names are what each name says', async () => {
  const captions = Buffer.from('1\n00:00:01,000 --> 00:00:02,000\nHello\n')
  const { slug } = await make.course()
  const files = `/studio/courses/${slug}/files`
  await upload(files).attach('files', captions, 'x.txt').expect(303)
  await upload(files).attach('files', captions, 'x.srt').expect(303)
  const [srt, txt] = (await Courses.findOne({ slug }))!.draft.assets
  expect([srt!.type, txt!.type, srt!.hash]).toEqual(['text/vtt', 'text/plain', txt!.hash])
  const played = await author.get(`/assets/${srt!.hash}/x.vtt`).expect(200)
  expect(played.headers['content-type']).toContain('text/vtt')
  expect(played.text).toContain('WEBVTT')
  const text = await author.get(`/assets/${txt!.hash}/x.txt`).buffer(true).expect(200)
  expect(text.headers['content-disposition']).toContain('x.txt')
  expect(text.headers['content-type']).toContain('application/octet-stream')
})

test('courses in other scripts get readable URLs of their own', async () => {
  for (const title of ['Насосы', 'Безопасность']) {
    const files = courseFiles({ 'course.yml': `title: ${title}\ntopic: learning\n` })
    const page = await importFiles(
      files.map(({ path, bytes }) => ({ path: path.replace('seals', title), bytes })),
    )
    expect(page.status).toBe(200)
    expect(page.text).toContain(`“${title}” imported`)
  }
  expect(await Courses.findOne({ slug: 'nasosy' })).toMatchObject({ draft: { title: 'Насосы' } })
  expect(await Courses.findOne({ slug: 'bezopasnost' })).toMatchObject({ draft: { title: 'Безопасность' } })
  await author
    .post('/studio/courses', { title: 'Αντλίες' })
    .expect(303)
    .expect('location', '/studio/courses/antlies')
  await author
    .post('/studio/courses', { title: 'Насосы' })
    .expect(303)
    .expect('location', '/studio/courses/nasosy-2')
  await author.post('/studio/courses/nasosy/modules', { title: '操作' }).expect(303)
  await author
    .post('/studio/courses/nasosy/lessons', { title: 'ポンプ', module: 'cao-zuo', kind: 'text' })
    .expect(303)
    .expect('location', /\/lessons\/ponpu$/)
  await author
    .post('/studio/courses/nasosy/lessons', { title: 'Quiz', module: 'cao-zuo', kind: 'quiz' })
    .expect(303)
    .expect('location', /\/lessons\/quiz\/questions$/)
})

test.each([
  ['Your first lesson', 'your-first-lesson'],
  ["Don't panic: it’s fine", 'dont-panic-its-fine'],
  ['Łódź, Ørsted, Straße', 'lodz-orsted-strasse'],
  ['Щука и ёж', 'shchuka-i-yozh'],
  ['安全 教育', 'an-quan-jiao-yu'],
  ['안전 교육', 'anjeon-gyoyug'],
  ['ما هي المضخات', 'm-hy-lmdkht'],
  ['ﾎﾟﾝﾌﾟ ＡＢＣ', 'ponpu-abc'],
  ['🎉', ''],
])('a title is a readable slug: %s', (title, slug) => {
  expect(slugOf(title)).toBe(slug)
})

test('a picture from a Mac is found however its accents are written, and is exported as it came', async () => {
  const path = 'in-mac/assets/U\u0308bersicht 1.png'
  const lesson = [
    '![One](assets/%C3%9Cbersicht%201.png)',
    '![Two](<assets/\u00DCbersicht 1.png>)',
    '![Three](assets/U%CC%88bersicht%201.png)',
  ].join('\n\n')
  const files = courseFiles({
    '01-begin/01-what-leaks.md': `---\ntitle: What leaks\nminutes: 2\npreview: true\n---\n${lesson}\n`,
  }).map(file => ({ ...file, path: file.path.replace('seals', 'in-mac') }))
  expect((await importFiles([...files, { path, bytes: png }])).status).toBe(200)

  const { draft } = (await Courses.findOne({ slug: 'in-mac' }))!
  const exported = await exportCourse('in-mac', draft)
  expect(exported.find(file => file.bytes.equals(png))?.path).toBe(path)
  const home = '/studio/courses/in-mac'
  expect((await author.get(`${home}/files`).expect(200)).text).toContain('What leaks')
  expect((await author.get(home).expect(200)).text).not.toContain('bersicht')
  const preview = await author.get(`${home}/lessons/what-leaks/preview`).expect(200)
  expect(
    preview.text.match(/<img src="\/assets\/[0-9a-f]{64}\/[^"]*" alt="(?:One|Two|Three)"/g),
  ).toHaveLength(3)
  // A new file of the name in one piece replaces it.
  await changeDraft((await Courses.findOne({ slug: 'in-mac' }))!._id, content =>
    changeLesson(content, 'what-leaks', { body: 'Nothing.' }),
  )
  await author.post(`${home}/files/removal`, { path: path.replace('in-mac/', '') }).expect(303)
  expect(await pathsOf('in-mac')).toEqual([])
})

test('a zip with two spellings of one file name is refused', async () => {
  const page = await importFiles([
    ...courseFiles(),
    { path: 'seals/assets/\u00DC.png', bytes: png },
    { path: 'seals/assets/U\u0308.png', bytes: red },
  ])
  expect(page.status).toBe(422)
  expect(page.text).toContain('The zip file contains this file twice.')
})
