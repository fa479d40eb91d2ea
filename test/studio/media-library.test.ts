import sharp from 'sharp'
import request, { type Response } from 'supertest'
import { setCourseRole } from '../../src/courses/change-team'
import { Courses } from '../../src/courses/course'
import { exportCourse } from '../../src/courses/export-course'
import { importCourse } from '../../src/courses/import-course'
import { config } from '../../src/platform/config'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let author: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  author = await as(await make.person({ role: 'author' }))
})
afterAll(() => academy.close())

/** A picture whose left half is red and whose right half is blue. */
const picture = (format: 'png' | 'jpeg', width = 200, height = 100) =>
  sharp({ create: { width, height, channels: 3, background: 'red' } })
    .composite([
      {
        input: { create: { width: width / 2, height, channels: 3, background: 'blue' } },
        left: width / 2,
        top: 0,
      },
    ])
    .toFormat(format)
    .toBuffer()

let count = 0

/** A course with files, whose first lesson has a text. */
async function courseWith(files: Record<string, Buffer>, body = '') {
  const slug = `media-${++count}`
  await make.course({ slug })
  if (body) await Courses.updateOne({ slug }, { $set: { 'draft.modules.0.lessons.0.body': body } })
  const upload = request(academy.app)
    .post(`/studio/courses/${slug}/files`)
    .set({ cookie: author.cookie, accept: 'text/html' })
    .field('_csrf', author.csrf)
  for (const [name, bytes] of Object.entries(files)) upload.attach('files', bytes, name)
  await upload.expect(303)
  return slug
}

const draftOf = async (slug: string) => (await Courses.findOne({ slug }))!.draft
const bodyOf = async (slug: string) => (await draftOf(slug)).modules[0]!.lessons[0]!.body
const pageOf = (slug: string, path: string) => `/studio/courses/${slug}/file?path=${encodeURIComponent(path)}`

function replace(slug: string, path: string, name: string, bytes: Buffer) {
  return request(academy.app)
    .post(`/studio/courses/${slug}/file/replacement?path=${encodeURIComponent(path)}`)
    .set({ cookie: author.cookie, accept: 'text/html' })
    .field('_csrf', author.csrf)
    .attach('file', bytes, name)
}

/** Returns where the message on the page that follows undoes what was done. */
async function undoOf({ headers }: Response): Promise<string> {
  const sent = headers as unknown as { location: string; 'set-cookie': string[] }
  const flash = sent['set-cookie'].map(each => each.split(';')[0]).join('; ')
  const { text } = await request(academy.app)
    .get(sent.location)
    .set({ cookie: `${author.cookie}; ${flash}`, accept: 'text/html' })
    .expect(200)
  return /action="([^"]*files\/undo[^"]*)"/.exec(text)![1]!.replaceAll('&amp;', '&')
}

const undo = async (response: Response) => author.post(await undoOf(response)).expect(303)

test('the library shows each file with where it is used, and which ones nothing uses', async () => {
  const body = '![A pump](assets/pump.png)\n\n## Set the *limit*\n\n[The list](assets/list.csv)\n'
  const slug = await courseWith(
    { 'pump.png': await picture('png'), 'list.csv': Buffer.from('a,b'), 'old.txt': Buffer.from('old') },
    body,
  )
  const { text } = await author.get(`/studio/courses/${slug}/files`).expect(200)
  const places = [...text.matchAll(/#(line-\d)">Lesson 1<\/a>, <span class="media-place">([^<]+)/g)]
  expect(places.map(([, line, place]) => [line, place])).toEqual([
    ['line-5', 'link under “Set the limit”'],
    ['line-1', 'in the text'],
  ])
  expect(text.match(/Not used<\/span>/g)).toHaveLength(1)
  expect(text).toContain('1 file isn&#39;t used')
  expect(text).toMatch(/0 MB of 95 MB in this course/)
  const unused = await author.get(`/studio/courses/${slug}/files?used=no`).expect(200)
  expect(unused.text).toContain('old.txt')
  expect(unused.text).not.toContain('>pump.png<')
})

test('files are searched by name and alt text, filtered by type and ordered', async () => {
  const slug = await courseWith(
    {
      'zebra.csv': Buffer.from('a'.repeat(5000)),
      'panel.png': await picture('png'),
      'ähre.txt': Buffer.from('x'),
    },
    '![A red warning light](assets/panel.png)\n',
  )
  const names = async (query: string) => {
    const { text } = await author.get(`/studio/courses/${slug}/files${query}`).expect(200)
    return [...text.matchAll(/<a class="name"[^>]*><bdi>([^<]+)/g)].map(([, name]) => name)
  }
  expect(await names('')).toEqual(['ähre.txt', 'panel.png', 'zebra.csv'])
  expect(await names('?sort=largest')).toEqual(['zebra.csv', 'panel.png', 'ähre.txt'])
  expect(await names('?q=AHRE')).toEqual(['ähre.txt'])
  expect(await names('?q=warning')).toEqual(['panel.png'])
  expect(await names('?type=document')).toEqual(['ähre.txt', 'zebra.csv'])
  const none = await author.get(`/studio/courses/${slug}/files?q=nothing`).expect(200)
  expect(none.text).toContain('No matching files.')
})

test('a long list has pages that stay the same while files are added', async () => {
  const { slug } = await make.course()
  const assets = Array.from({ length: 95 }, (_, n) => ({
    path: `assets/file-${String(n).padStart(3, '0')}.txt`,
    hash: String(n).padStart(64, '0'),
    size: 1,
    type: 'text/plain',
  }))
  await Courses.updateOne({ slug }, { $set: { 'draft.assets': assets } })
  const read = async (url: string) => {
    const { text } = await author.get(url).expect(200)
    const link = (rel: string) =>
      new RegExp(`href="([^"]+)" rel="${rel}"`).exec(text)?.[1]?.replaceAll('&amp;', '&')
    const [, first] = /<a class="name"[^>]*><bdi>([^<]+)/.exec(text)!
    return { first, next: link('next'), previous: link('prev'), text }
  }
  const one = await read(`/studio/courses/${slug}/files`)
  expect(one.text).toContain('1 to 40 of 95')
  const two = await read(one.next!)
  expect(two.first).toBe('file-040.txt')
  const three = await read(two.next!)
  expect(three.text).toContain('81 to 95 of 95')
  expect(three.next).toBeUndefined()
  expect((await read(three.previous!)).first).toBe('file-040.txt')
  await Courses.updateOne({ slug }, { $set: { 'draft.assets': assets.slice(10) } })
  expect((await read(one.next!)).first).toBe('file-040.txt')
})

test('an author sees the files of all courses in one list, with the space they take', async () => {
  const slug = await courseWith({ 'everywhere.txt': Buffer.from('here') })
  const { text } = await author.get('/studio/media?q=everywhere').expect(200)
  expect(text).toContain(`href="/studio/courses/${slug}/files"`)
  expect(text).toContain('All files of the academy take')
  expect(text).toContain('everywhere.txt')
})

test('a file that is used is not removed, and an unused one comes back with one click', async () => {
  const slug = await courseWith(
    { 'pump.png': await picture('png'), 'old.txt': Buffer.from('old') },
    '![A pump](assets/pump.png)\n',
  )
  const removal = `/studio/courses/${slug}/files/removal`
  const refused = await author.post(removal, { path: 'assets/pump.png' }).expect(422)
  expect(refused.text).toContain('Remove it there first')
  expect(refused.text).toContain(`/studio/courses/${slug}/lessons/lesson-1#line-1`)
  const before = (await draftOf(slug)).assets
  const removed = await author.post(removal, { path: 'assets/old.txt' }).expect(303)
  expect((await draftOf(slug)).assets.map(({ path }) => path)).toEqual(['assets/pump.png'])
  const again = await author.post(removal, { path: 'assets/old.txt' }).expect(303)
  expect((await author.get(again.headers.location!)).text).toContain('Already removed.')
  await undo(removed)
  expect((await draftOf(slug)).assets).toEqual(before)
})

test('a new file takes the place of an old one with its name: no byte of a lesson changes', async () => {
  const body = '![A pump](assets/pump.png)\n'
  const slug = await courseWith({ 'pump.png': await picture('png') }, body)
  const page = await author.get(pageOf(slug, 'assets/pump.png')).expect(200)
  expect(page.text).toContain('1 place shows the new file once the course is published')
  const before = (await draftOf(slug)).assets[0]!
  const replaced = await replace(
    slug,
    'assets/pump.png',
    'Something else.png',
    await picture('png', 40, 30),
  ).expect(303)
  const after = (await draftOf(slug)).assets[0]!
  expect(after).toMatchObject({ path: 'assets/pump.png', width: 40, height: 30 })
  expect(await bodyOf(slug)).toBe(body)
  await undo(replaced)
  expect((await draftOf(slug)).assets[0]).toEqual(before)
})

test('a new file with another ending changes the references to it, and nothing else', async () => {
  const body = [
    'A ![pump](assets/pump.png "Title") and ![again](./assets/pump.png)',
    'or <img src="assets/pump.png" alt="x"> and [link](<../assets/pump.png>).',
    '',
    '```md',
    '![code](assets/pump.png)',
    '```',
    '',
    '`assets/pump.png` and ![other](assets/pump-2.png)',
    '',
    '[ref]: assets/pump.png',
    '',
  ].join('\n')
  const slug = await courseWith(
    { 'pump.png': await picture('png'), 'pump-2.png': await picture('png', 20, 20) },
    body,
  )
  await Courses.updateOne(
    { slug },
    { $set: { 'draft.cover': 'assets/pump.png', 'draft.description': '![d](assets/pump.png)' } },
  )
  const next = await replace(slug, 'assets/pump.png', 'new.jpg', await picture('jpeg')).expect(303)
  const replaced = body
    .replaceAll('assets/pump.png', 'assets/pump.jpg')
    .replace('![code](assets/pump.jpg)', '![code](assets/pump.png)')
    .replace('`assets/pump.jpg`', '`assets/pump.png`')
  expect(await bodyOf(slug)).toBe(replaced)
  expect(await draftOf(slug)).toMatchObject({
    cover: 'assets/pump.jpg',
    description: '![d](assets/pump.jpg)',
    assets: [{ path: 'assets/pump-2.png' }, { path: 'assets/pump.jpg', type: 'image/jpeg' }],
  })
  await undo(next)
  expect(await bodyOf(slug)).toBe(body)
  expect((await draftOf(slug)).cover).toBe('assets/pump.png')
})

test('a step of a tour shows the new file too, and only its picture changes in its block', async () => {
  const body = [
    'Intro.',
    '',
    '```tour',
    '# The first one',
    'id: open',
    'title: Open the panel',
    'image: assets/panel.png',
    "alt: 'The panel'",
    'caption: Press the button.',
    '```',
    '',
  ].join('\n')
  const slug = await courseWith({ 'panel.png': await picture('png') }, body)
  const lesson = { kind: 'tour', software: '', completion: 'explore' }
  const fields = Object.entries(lesson).map(([name, value]) => [`draft.modules.0.lessons.0.${name}`, value])
  await Courses.updateOne({ slug }, { $set: Object.fromEntries(fields) })
  const page = await author.get(pageOf(slug, 'assets/panel.png')).expect(200)
  expect(page.text).toMatch(/lesson-1#line-4">Lesson 1<\/a>/)
  await replace(slug, 'assets/panel.png', 'new.jpg', await picture('jpeg')).expect(303)
  expect(await bodyOf(slug)).toBe(body.replace('panel.png', 'panel.jpg'))
})

test('a file of another kind, or one that breaks, replaces nothing', async () => {
  const slug = await courseWith({ 'pump.png': await picture('png') }, '![A pump](assets/pump.png)\n')
  const before = await draftOf(slug)
  const other = await replace(slug, 'assets/pump.png', 'notes.txt', Buffer.from('notes')).expect(422)
  expect(other.text).toContain('Choose a file of this kind: Image')
  const broken = await replace(slug, 'assets/pump.png', 'pump.png', Buffer.from('no picture')).expect(422)
  expect(broken.text).toContain('The content doesn&#39;t match')
  expect(await draftOf(slug)).toEqual(before)
})

test('a change to a file that has changed since can’t be undone, and one of another course is unknown', async () => {
  const slug = await courseWith({ 'pump.png': await picture('png') })
  const action = await undoOf(
    await replace(slug, 'assets/pump.png', 'a.png', await picture('png', 40, 30)).expect(303),
  )
  await replace(slug, 'assets/pump.png', 'b.png', await picture('png', 60, 30)).expect(303)
  await author.post(action).expect(409)
  const other = await courseWith({ 'x.txt': Buffer.from('x') })
  await author.post(action.replace(slug, other)).expect(404)
})

test('the library keeps the alt text of a picture, and says which lessons differ', async () => {
  const body = '![A pump](assets/pump.png)\n\n![Pump 7, seen from the left](assets/pump.png)\n'
  const slug = await courseWith({ 'pump.png': await picture('png') }, body)
  const url = pageOf(slug, 'assets/pump.png')
  expect((await author.get(url).expect(200)).text).toContain('This is what a lesson says')
  const alt = 'Pump 7, seen from the left'
  await author.post(url, { alt, focusX: '20', focusY: '50' }).expect(303)
  expect((await draftOf(slug)).assets[0]).toMatchObject({ alt, focus: { x: 20, y: 50 } })
  expect(await bodyOf(slug)).toBe(body)
  const page = (await author.get(url).expect(200)).text
  expect(page).toMatch(/in the text:\s*<q dir="auto">A pump<\/q>/)
  expect(page.match(/<q dir="auto">/g)).toHaveLength(1)
  const editor = await author.get(`/studio/courses/${slug}/lessons/lesson-1`).expect(200)
  expect(editor.text).toContain('&#34;alt&#34;:&#34;Pump 7, seen from the left&#34;')
  const long = await author.post(url, { alt: 'a'.repeat(501), focusX: '120', focusY: '1' }).expect(422)
  expect(long.text).toContain('Enter a whole number from 0 to 100')
  expect(long.text).toContain('a'.repeat(501))
})

test('the folder of a course carries alt texts and focal points', async () => {
  const slug = await courseWith({ 'pump.png': await picture('png') })
  await author
    .post(pageOf(slug, 'assets/pump.png'), { alt: 'A pump', focusX: '10', focusY: '90' })
    .expect(303)
  const draft = await draftOf(slug)
  const files = await exportCourse(slug, draft)
  expect(files[0]!.bytes.toString()).toContain(
    'media:\n  - file: assets/pump.png\n    alt: A pump\n    focus:\n      x: 10\n      y: 90\n',
  )
  const renamed = files.map(({ path, bytes }) => ({ path: path.replace(slug, `${slug}-copy`), bytes }))
  const { course } = await importCourse({ files: renamed, by: null })
  expect(course.draft.assets).toEqual(draft.assets)
})

test('a picture is cropped wherever it is used, again from its original, and back', async () => {
  const slug = await courseWith({ 'pump.png': await picture('png') }, '![A pump](assets/pump.png)\n')
  const url = pageOf(slug, 'assets/pump.png')
  const crop = url.replace('/file?', '/file/crop?')
  await author.post(url, { alt: 'A pump', focusX: '75', focusY: '50' }).expect(303)
  const original = (await draftOf(slug)).assets[0]!
  await author.post(crop, { left: '100', top: '0', width: '100', height: '80' }).expect(303)
  const right = (await draftOf(slug)).assets[0]!
  expect(right).toMatchObject({ path: original.path, width: 100, height: 80, alt: 'A pump' })
  expect(right.focus).toEqual({ x: 50, y: 63 })
  const bytes = (await author.get(`/assets/${right.hash}/pump.png`).buffer(true).expect(200)).body as Buffer
  const { dominant } = await sharp(bytes).stats()
  expect(dominant.b).toBeGreaterThan(200)
  // The form shows the part within the original.
  expect((await author.get(url).expect(200)).text).toMatch(/name="left" value="100"/)
  await undo(await author.post(crop, { left: '0', top: '0', width: '100', height: '100' }).expect(303))
  expect((await draftOf(slug)).assets[0]).toEqual(right)
  await author.post(crop, { left: '0', top: '0', width: '200', height: '100' }).expect(303)
  expect((await draftOf(slug)).assets[0]).toMatchObject({ hash: original.hash, width: 200, height: 100 })
})

test('a part outside of the picture is refused with what was typed', async () => {
  const slug = await courseWith({ 'pump.png': await picture('png') })
  const crop = pageOf(slug, 'assets/pump.png').replace('/file?', '/file/crop?')
  const wide = await author.post(crop, { left: '150', top: '0', width: '100', height: '80' }).expect(422)
  expect(wide.text).toContain('200 × 100 px')
  const typed = await author.post(crop, { left: 'x', top: '0', width: '100', height: '80' }).expect(422)
  expect(typed.text).toContain('Enter a whole number of pixels')
  expect(typed.text).toContain('value="x"')
})

test('the focal point of a cover stays in view on cards and in the picture for other sites', async () => {
  const slug = await courseWith({ 'wide.png': await picture('png', 2000, 300) })
  await author.post(pageOf(slug, 'assets/wide.png'), { alt: '', focusX: '92', focusY: '50' }).expect(303)
  await Courses.updateOne({ slug }, { $set: { 'draft.cover': 'assets/wide.png' } })
  const { draftNumber } = (await Courses.findOne({ slug }))!
  await author.post(`/studio/courses/${slug}/publication`, { draftNumber: String(draftNumber) }).expect(303)
  const list = await author.get('/courses').expect(200)
  expect(list.text).toContain('class="cover cover-picture focus-x-90 focus-y-50"')
  const shared = await author.get(`/courses/${slug}/cover.png`).buffer(true).expect(200)
  // The right side of the picture; the title is on the left.
  const cover = await sharp(shared.body as Buffer)
    .extract({ left: 660, top: 20, width: 520, height: 590 })
    .toBuffer()
  const { dominant } = await sharp(cover).stats()
  expect([dominant.r < 60, dominant.b > 200]).toEqual([true, true])
})

test('files are refused when the academy has no more room for them', async () => {
  const slug = await courseWith({ 'x.txt': Buffer.from('x') })
  const settings = config as { mediaBytes: number | undefined }
  settings.mediaBytes = 1
  try {
    const refused = await replace(slug, 'assets/x.txt', 'y.txt', Buffer.from('yy')).expect(413)
    expect(refused.text).toContain('Ask an administrator for more space')
  } finally {
    settings.mediaBytes = undefined
  }
})

test('what was cut off a picture stays in its course: its partners crop again, and others get none of it', async () => {
  const slug = await courseWith({ 'screen.png': await picture('png', 300, 100) })
  const crop = (of: string, path: string) => pageOf(of, path).replace('/file?', '/file/crop?')
  const original = (await draftOf(slug)).assets[0]!
  const part = { left: '0', top: '0', width: '100', height: '100' }
  await author.post(crop(slug, 'assets/screen.png'), part).expect(303)
  const shown = (await draftOf(slug)).assets[0]!
  const bytes = (await author.get(`/assets/${shown.hash}/screen.png`).buffer(true)).body as Buffer

  const partnerOf = async (of: string) => {
    const person = await make.person({ role: 'contributor' })
    const { _id: course } = (await Courses.findOne({ slug: of }))!
    await setCourseRole({ course, by: course, person: person._id, role: 'partner' })
    return as(person)
  }
  const insider = await partnerOf(slug)
  await insider.get(`/assets/${original.hash}/screen.png`).expect(200)
  expect((await insider.get(pageOf(slug, 'assets/screen.png'))).text).toContain('name="width" value="100"')

  const other = await courseWith({ 'copied.png': bytes })
  expect((await draftOf(other)).assets[0]!.hash).toBe(shown.hash)
  const outsider = await partnerOf(other)
  const { text } = await outsider.get(pageOf(other, 'assets/copied.png')).expect(200)
  expect(text).not.toContain(original.hash)
  const whole = { left: '0', top: '0', width: '300', height: '100' }
  await outsider.post(crop(other, 'assets/copied.png'), whole).expect(422)
  await outsider.get(`/assets/${original.hash}/screen.png`).expect(404)

  // A copy of the course is cropped again from the same originals.
  const copied = await author.post(`/studio/courses/${slug}/copy`).expect(303)
  const copy = copied.headers.location!.split('/').at(-1)!
  await author.post(crop(copy, 'assets/screen.png'), whole).expect(303)
  expect((await draftOf(copy)).assets[0]!.hash).toBe(original.hash)
})

test('the page of a publication counts the warnings that are listed beside it', async () => {
  const body = '## A\n\n#### B\n\n![A pump](assets/pump.png)\n\n![A pump](assets/pump.png)\n'
  const slug = await courseWith({ 'pump.png': await picture('png') }, body)
  const { text } = await author.get(`/studio/courses/${slug}/publications/new`).expect(200)
  const listed = text.split('class="checks"')[1]!.match(/<li class="is-ochre">/g)!.length
  expect(text.match(/(\d+) warnings/)?.[1]).toBe(String(listed))
  expect(text).toContain('2 pictures. If they show text')
})
