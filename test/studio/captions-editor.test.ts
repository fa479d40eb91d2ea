import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import request from 'supertest'
import { assetBytes } from '../../src/courses/asset'
import { Courses } from '../../src/courses/course'
import { importCourse, readCourseZip } from '../../src/courses/import-course'
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

const reported = (name: string) =>
  readCourseZip(readFileSync(join(__dirname, '../courses/reported', `${name}.zip`)))

let count = 0

/** A course whose first lesson is a video, with these captions in `f.vtt`; without them if null. */
async function videoWith(captions: string | null) {
  const slug = `captions-${++count}`
  const files = (await reported('11-mp4-length-unknown')).flatMap(({ path, bytes }) => {
    const moved = path.replace(/^[^/]+/, slug)
    if (path.endsWith('.vtt')) return captions === null ? [] : { path: moved, bytes: Buffer.from(captions) }
    const text = bytes.toString()
    const isWithout = captions === null && path.endsWith('.md')
    return { path: moved, bytes: isWithout ? Buffer.from(text.replace(/captions:.*\n/, '')) : bytes }
  })
  await importCourse({ files, by: null })
  return slug
}

const draftOf = async (slug: string) => (await Courses.findOne({ slug }))!.draft
async function fileOf(slug: string, path: string) {
  const asset = (await draftOf(slug)).assets.find(each => each.path === path)
  return asset ? (await assetBytes(asset.hash))!.toString() : null
}
const addressOf = (slug: string, query: Record<string, string>) =>
  `/studio/courses/${slug}/captions?${new URLSearchParams(query)}`

/** The fields of the form, as the page has them. */
async function formOf(url: string) {
  const { text } = await author.get(url).expect(200)
  const all = (name: string) =>
    [...text.matchAll(new RegExp(`name="${name}"\\s+value="([^"]*)"`, 'g'))].map(([, value]) => value!)
  return {
    page: text,
    fields: {
      baseVersion: all('baseVersion')[0]!,
      origin: all('origin'),
      start: all('start'),
      end: all('end'),
      text: [...text.matchAll(/<textarea[^>]*>([^<]*)<\/textarea>/g)].map(([, value]) => value!),
    } as Record<string, string | string[]>,
  }
}

/** Submits the form as the page's script does. */
const send = (url: string, fields: Record<string, unknown>) =>
  author.post(url, fields).set('accept', 'application/json')

const two =
  'WEBVTT\n\nNOTE kept\n\na\n00:01.000 --> 00:02.000 line:0\nOne\n\n00:00:03.000 --> 00:00:04.000\nTwo\n'

test('an author edits captions beside the video, and only the edited one changes in the file', async () => {
  const slug = await videoWith(two)
  const url = addressOf(slug, { path: 'assets/f.vtt' })
  const { page, fields } = await formOf(url)
  expect(page).toMatch(/<video src="\/assets\/[0-9a-f]+\/f\.mp4" controls/)
  expect(page).toContain('f.mp4#t=3')
  expect(fields).toMatchObject({ origin: ['0', '1'], start: ['0:01.000', '0:03.000'], text: ['One', 'Two'] })
  await author.post(url, { ...fields, text: ['One', 'Two, changed'], action: 'save' }).expect(303)
  expect(await fileOf(slug, 'assets/f.vtt')).toBe(
    two.replace('Two', 'Two, changed\n').replace('\n\n\n', '\n\n'),
  )
  expect((await formOf(url)).page).toContain('Captions saved.')
})

test('buttons work without a script: add, split, merge, remove and shift', async () => {
  const slug = await videoWith(two)
  const url = addressOf(slug, { path: 'assets/f.vtt' })
  const press = async (action: string, more: Record<string, string> = {}) => {
    const { fields } = await formOf(url)
    await author.post(url, { ...fields, ...more, action }).expect(303)
    const { fields: after } = await formOf(url)
    return (after.start as string[]).map((start, n) => [start, after.end![n], after.text![n]].join(' '))
  }
  expect(await press('split:1')).toEqual([
    '0:01.000 0:02.000 One',
    '0:03.000 0:03.500 Two',
    '0:03.500 0:04.000 ',
  ])
  expect(await press('merge:1')).toEqual(['0:01.000 0:02.000 One', '0:03.000 0:04.000 Two'])
  expect(await press('shift', { shiftBy: '-0,5', shiftFrom: '1' })).toEqual([
    '0:01.000 0:02.000 One',
    '0:02.500 0:03.500 Two',
  ])
  expect(await press('add:0')).toContain('0:02.000 0:02.500 ')
  expect(await press('remove:1')).toEqual(['0:01.000 0:02.000 One', '0:02.500 0:03.500 Two'])
  expect(await fileOf(slug, 'assets/f.vtt')).toContain(
    'NOTE kept\n\na\n00:01.000 --> 00:02.000 line:0\nOne\n',
  )
})

test('the script learns what was saved, which row is which, and how to undo it', async () => {
  const slug = await videoWith(two)
  const url = addressOf(slug, { path: 'assets/f.vtt' })
  const { fields } = await formOf(url)
  // The first one is moved behind the second, and a third is new.
  const rows = {
    origin: ['0', '1', ''],
    start: ['0:05', '0:03.000', '0:04.5'],
    end: ['0:06', '0:04.000', '0:05.5'],
    text: ['One', 'Two', 'New'],
  }
  const { body } = await send(url, { ...fields, ...rows, action: 'save' }).expect(200)
  expect(body).toMatchObject({ origins: [2, 0, 1], state: 'Saved' })
  expect(body.problems).toEqual(['', '', 'Overlaps the next one by 0.5 s'])
  expect(await fileOf(slug, 'assets/f.vtt')).toBe(
    'WEBVTT\n\nNOTE kept\n\n00:00:03.000 --> 00:00:04.000\nTwo\n\n00:00:04.500 --> 00:00:05.500\nNew\n\n' +
      'a\n00:00:05.000 --> 00:00:06.000 line:0\nOne\n\n',
  )
  const again = await send(url, { ...fields, ...rows, action: 'save' }).expect(409)
  expect(again.body).toBeDefined()
  const split = await send(url, {
    ...rows,
    baseVersion: body.version,
    origin: ['2', '0', '1'],
    action: 'split:1',
    at: '3.25',
  }).expect(200)
  expect(split.body.rows.match(/data-row/g)).toHaveLength(4)
  expect(split.body.rows).toContain('value="0:03.250"')
  await author.post(split.body.undo).set('accept', 'application/json').expect(200)
  await author.post(body.undo).set('accept', 'application/json').expect(200)
  expect(await fileOf(slug, 'assets/f.vtt')).toBe(two)
})

test('a time that can’t be read is kept as it was typed, and nothing is saved', async () => {
  const slug = await videoWith(two)
  const url = addressOf(slug, { path: 'assets/f.vtt' })
  const { fields } = await formOf(url)
  const typed = { ...fields, start: ['soon', '0:03'], text: ['One, changed', 'Two'], action: 'save' }
  const page = await author.post(url, typed).expect(422)
  expect(page.text).toContain('value="soon"')
  expect(page.text).toContain('One, changed')
  expect(page.text).toContain('Write this time like 0:05.250')
  const { body } = await send(url, typed).expect(422)
  expect(body.problems).toEqual(['Write this time like 0:05.250', ''])
  const shift = await author.post(url, { ...fields, action: 'shift', shiftBy: 'a bit' }).expect(422)
  expect(shift.text).toContain('Enter how many seconds')
  await author.post(url, { ...fields, start: ['0:01'] }).expect(400)
  expect(await fileOf(slug, 'assets/f.vtt')).toBe(two)
})

test('captions begin with nothing, become those of the lesson, and the learner’s player has them', async () => {
  const slug = await videoWith(null)
  const url = addressOf(slug, { recording: 'assets/f.mp4' })
  const { page, fields } = await formOf(url)
  expect(page).toContain('assets/f.vtt is written when the first caption has text')
  const empty = await send(url, { ...fields, action: 'save' }).expect(200)
  expect(empty.body).toMatchObject({ version: '', address: null, state: 'Write a caption to save the file.' })
  expect(await fileOf(slug, 'assets/f.vtt')).toBeNull()
  await author.post(url, { ...fields, text: ['Hello'], action: 'save' }).expect(303)
  expect(await fileOf(slug, 'assets/f.vtt')).toBe('WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nHello\n\n')
  expect((await draftOf(slug)).modules[0]!.lessons[0]).toMatchObject({ captions: 'assets/f.vtt' })
  const lesson = (await draftOf(slug)).modules[0]!.lessons[0]!.slug
  const preview = await author.get(`/studio/courses/${slug}/lessons/${lesson}/preview`).expect(200)
  expect(preview.text).toMatch(
    /<track\s+kind="captions"\s+src="[^"]+f\.vtt"\s+srclang="en"\s+label="Captions"\s+default/,
  )
})

test('captions begin with an uploaded file, which keeps its notes or becomes WebVTT', async () => {
  const upload = (slug: string, name: string, text: string, more = '') =>
    request(academy.app)
      .post(`/studio/courses/${slug}/captions/file?recording=assets/f.mp4${more}`)
      .set({ cookie: author.cookie, accept: 'text/html' })
      .field('_csrf', author.csrf)
      .attach('file', Buffer.from(text), name)
  const slug = await videoWith(null)
  const wrong = await upload(slug, 'notes.txt', 'notes').expect(422)
  expect(wrong.text).toContain('Choose a .vtt or .srt file')
  const broken = await upload(slug, 'x.vtt', 'no captions').expect(422)
  expect(broken.text).toContain('A .vtt file starts with the line WEBVTT')
  await upload(slug, 'Any name.vtt', two).expect(303)
  expect(await fileOf(slug, 'assets/f.vtt')).toBe(two)
  expect((await draftOf(slug)).modules[0]!.lessons[0]).toMatchObject({ captions: 'assets/f.vtt' })
  await upload(slug, 'again.vtt', two).expect(409)
  await upload(slug, 'de.srt', '1\n00:00:01,000 --> 00:00:02,000\nEins\n', '&language=de').expect(303)
  expect(await fileOf(slug, 'assets/f.de.vtt')).toBe('WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nEins\n')
})

test('captions in another language are one more track of the player', async () => {
  const slug = await videoWith(two)
  const { page } = await formOf(addressOf(slug, { path: 'assets/f.vtt' }))
  expect(page).toContain('<option value="de">German</option>')
  expect(page).not.toContain('<option value="en">')
  const url = addressOf(slug, { recording: 'assets/f.mp4', language: 'de' })
  const { fields } = await formOf(url)
  await author.post(url, { ...fields, text: ['Hallo'], action: 'save' }).expect(303)
  expect(await fileOf(slug, 'assets/f.de.vtt')).toContain('Hallo')
  expect((await draftOf(slug)).modules[0]!.lessons[0]).toMatchObject({ captions: 'assets/f.vtt' })
  const lesson = (await draftOf(slug)).modules[0]!.lessons[0]!.slug
  const preview = await author.get(`/studio/courses/${slug}/lessons/${lesson}/preview`).expect(200)
  const tracks = [...preview.text.matchAll(/srclang="(\w+)"\s+label="(\w+)"(\s+default)?/g)]
  expect(tracks.map(([, language, label, isDefault]) => [language, label, Boolean(isDefault)])).toEqual([
    ['en', 'English', true],
    ['de', 'Deutsch', false],
  ])
  // It belongs to the lesson: it isn't offered for removal, and its file's page says so.
  const library = await author.get(`/studio/courses/${slug}/file?path=assets/f.de.vtt`).expect(200)
  expect(library.text).toContain('Used in 1 place')
})

test('SubRip becomes WebVTT beside the video when it is edited, and the lesson names it', async () => {
  const slug = await videoWith(two)
  const srt = '1\n00:00:01,000 --> 00:00:02,000\nOne\n'
  await request(academy.app)
    .post(`/studio/courses/${slug}/file/replacement?path=assets/f.vtt`)
    .set({ cookie: author.cookie, accept: 'text/html' })
    .field('_csrf', author.csrf)
    .attach('file', Buffer.from(srt), 'f.srt')
    .expect(303)
  const url = addressOf(slug, { path: 'assets/f.vtt' })
  const { fields } = await formOf(url)
  await author.post(url, { ...fields, text: ['One!'], action: 'save' }).expect(303)
  expect(await fileOf(slug, 'assets/f.vtt')).toBe('WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nOne!\n\n')
})

test('only files that exist have captions to edit', async () => {
  const slug = await videoWith(two)
  for (const query of [
    { path: 'assets/none.vtt' },
    { path: 'assets/f.mp4' },
    { recording: 'assets/f.vtt' },
    {},
  ]) {
    await author.get(addressOf(slug, query as Record<string, string>)).expect(404)
  }
})

test('no word is cut off: a caption that is too long is refused with what was typed', async () => {
  const slug = await videoWith(`WEBVTT\n\n00:00.000 --> 00:01.000\n${'word '.repeat(300).trim()}\n`)
  const url = addressOf(slug, { path: 'assets/f.vtt' })
  const { fields } = await formOf(url)
  await author.post(url, { ...fields, end: ['0:01.500'] }).expect(303)
  expect(await fileOf(slug, 'assets/f.vtt')).toContain('word '.repeat(300).trim())
  const typed = { ...(await formOf(url)).fields, text: ['x'.repeat(4001)] }
  const refused = await author.post(url, typed).expect(422)
  expect(refused.text).toContain('more than 4000 characters')
  expect(refused.text).toContain('x'.repeat(4001))
})

test('the check leads from missing or empty captions to where they are written', async () => {
  const writeLink = async (url: string) =>
    /<a href="([^"]+\/captions\?[^"]+)">([^<]+)</.exec((await author.get(url).expect(200)).text)?.slice(1)
  const slug = await videoWith(null)
  const { modules, assets } = await draftOf(slug)
  const lesson = modules[0]!.lessons[0]!
  const course = `/studio/courses/${slug}`
  const video = assets.find(({ type }) => type.startsWith('video/'))!.path
  const href = addressOf(slug, { recording: video })
  expect(await writeLink(`${course}/lessons/${lesson.slug}/preview`)).toEqual([href, 'Write captions'])
  expect(await writeLink(course)).toEqual([href, `Write captions in “${lesson.title}”`])
  await author.get(href).expect(200)
  const reviewer = await as(await make.person({ role: 'reviewer' }))
  expect((await reviewer.get(course).expect(200)).text).not.toContain('/captions?')
})
