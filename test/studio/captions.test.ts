import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import request from 'supertest'
import { Courses } from '../../src/courses/course'
import { zipFiles } from '../../src/courses/export-course'
import { readCourseZip } from '../../src/courses/import-course'
import type { CourseFile } from '../../src/courses/unzip'
import { enrol } from '../../src/learning/enrol'
import { publishedCourse } from '../../src/courses/published'
import { seconds } from '../../src/platform/clock'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import * as make from '../kit/make'

let academy: Academy
let author: Visitor
beforeAll(async () => {
  setTime('2026-11-29T09:00:00Z')
  academy = await openAcademy()
  author = await as(await make.person({ role: 'author' }))
})
afterAll(() => academy.close())
afterEach(() => jest.restoreAllMocks())

/** The files of a course that an author had trouble with. */
const reported = async (name: string): Promise<CourseFile[]> =>
  readCourseZip(readFileSync(join(__dirname, '../courses/reported', `${name}.zip`)))

const importFiles = async (files: CourseFile[]) =>
  request(academy.app)
    .post('/studio/imports')
    .set('cookie', author.cookie)
    .set('accept', 'text/html')
    .field('_csrf', author.csrf)
    .attach('zip', await zipFiles(files), 'course.zip')

/** A learner who has just opened the first lesson of an imported and published course. */
async function learnerOf(files: CourseFile[]) {
  expect((await importFiles(files)).status).toBe(200)
  const slug = files[0]!.path.split('/')[0]!
  const { draftNumber } = (await Courses.findOne({ slug }))!
  await author.post(`/studio/courses/${slug}/publication`, { draftNumber: String(draftNumber) }).expect(303)
  const person = await make.person()
  const published = (await publishedCourse(slug))!
  await enrol({ person: person._id, published, paid: false })
  const visitor = await as(person)
  const lesson = `/courses/${slug}/lessons/first`
  const page = await visitor.get(lesson).expect(200)
  const transcript = async () => (await visitor.get(`${lesson}/transcript.txt`).expect(200)).text.trim()
  return { visitor, lesson, page: page.text, transcript }
}

test.each([
  ['13-captions-comma', 'line 3: These times have commas. Write full stops, such as 00:00:01.000'],
  ['13-captions-none', 'line 1: There are no captions in this file.'],
])('an author sees the line of captions that no player shows: %s', async (name, sentence) => {
  const page = await importFiles(await reported(name))
  expect(page.status).toBe(422)
  expect(page.text).toContain(`<code class="code">assets/f.vtt</code> ${sentence}`)
})

test('a learner reads two captions with a line of spaces between them, with their signs', async () => {
  const { page, transcript } = await learnerOf(await reported('14-captions-space-line'))
  expect(await transcript()).toBe('First lesson\n0:01  first\n0:03  second "quoted" it\'s ©')
  expect(page.match(/<li class="cue"/g)).toHaveLength(2)
  expect(page).toContain('second &#34;quoted&#34; it&#39;s ©')
})

test('a learner reads and finds captions that scroll once', async () => {
  const { visitor, lesson, transcript } = await learnerOf(await reported('15-captions-rolling'))
  expect(await transcript()).toBe('First lesson\n0:01  hello\n0:02  world of courses')
  expect((await visitor.get('/search?q=hello+world+of+courses')).text).toContain(lesson)
})

test('a learner finishes a video whose file does not know its length: its captions end it', async () => {
  const { visitor, lesson, page } = await learnerOf(await reported('11-mp4-length-unknown'))
  expect(page).toContain('data-length="60"')
  expect(page).toContain('of 1 min (0%)')
  advance(seconds(60))
  const { body } = await visitor.post(`${lesson}/progress`, { ranges: '0-60', position: '60' }).expect(200)
  expect(body).toMatchObject({ done: true })
})

test('a learner gets SubRip captions as WebVTT, and whoever downloads the file gets it as it is', async () => {
  const srt = '1\r\n00:00:01,000 --> 00:00:59,500\r\nFish & <font size="9">chips</font>\r\n'
  const files = (await reported('11-mp4-length-unknown')).map(({ path, bytes }) => ({
    path: path.replace('in-mp4', 'in-srt').replace('.vtt', '.srt'),
    bytes: path.endsWith('.vtt')
      ? Buffer.from(srt)
      : path.endsWith('.md')
        ? Buffer.from(bytes.toString().replace('f.vtt', 'f.srt'))
        : bytes,
  }))
  const { visitor, page, transcript } = await learnerOf(files)
  expect(await transcript()).toBe('First lesson\n0:01  Fish & chips')
  const [, played] = /kind="captions"\s+src="([^"]+)"/.exec(page)!
  expect(played).toMatch(/\/f\.vtt$/)
  const track = await visitor.get(played!).expect(200)
  expect(track.headers['content-type']).toMatch('text/vtt')
  expect(track.text).toBe('WEBVTT\n\n00:00:01.000 --> 00:00:59.500\nFish & chips\n')
  const part = await visitor.get(played!).set('range', 'bytes=0-5').expect(206)
  expect(part.headers['content-range']).toBe(`bytes 0-5/${track.text.length}`)
  expect(part.text).toBe('WEBVTT')
  const file = await visitor.get(played!.replace('.vtt', '.srt')).buffer(true).expect(200)
  expect(file.headers['content-disposition']).toContain('attachment')
  expect((file.body as Buffer).toString()).toBe(srt)
})
