import request from 'supertest'
import { Courses } from '../../src/courses/course'
import { publishedCourses } from '../../src/courses/published'
import { search } from '../../src/courses/search-index'
import { writeCourse } from '../../src/courses/write-course'
import { seconds } from '../../src/platform/clock'
import { enrol } from '../../src/learning/enrol'
import { enrolmentId, Enrolments } from '../../src/learning/enrolment'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as } from '../kit/as'
import { setTime, holdMachineClock, advance } from '../kit/clock'
import { happened } from '../kit/ledger'
import * as make from '../kit/make'
import { videoLesson } from './video-file'
import { queriesOf } from './queries'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())
beforeEach(() => setTime('2026-11-23T09:00:00Z'))
afterEach(() => jest.restoreAllMocks())

/** A learner who has just opened a video lesson, 100 seconds long by default. */
async function viewer(length = 100) {
  const video = await videoLesson(length)
  const [person, course] = [
    await make.person(),
    await make.course({ assets: video.assets, lesson: n => (n === 1 ? video.lesson : {}) }),
  ]
  await enrol({ person: person._id, published: course, paid: false })
  const visitor = await as(person)
  const address = `/courses/${course.slug}/lessons/lesson-1`
  await visitor.get(address).expect(200)
  const heartbeat = (ranges: string, fields: Record<string, unknown> = {}) =>
    visitor.post(`${address}/progress`, { ranges, position: ranges.split('-').pop(), ...fields })
  const progress = async () =>
    (await Enrolments.findById(enrolmentId(person._id, course.course)))!.lessons['lesson-1']!
  return { person, course, visitor, address, heartbeat, progress }
}

test('a learner finishes a video of 100 seconds after watching 90, and not one less', async () => {
  const { person, visitor, address, heartbeat, progress } = await viewer()
  const durations = ['10 s', '20 s', '30 s', '40 s', '50 s', '1 min', '1 min 10 s', '1 min 20 s']
  for (let second = 0; second < 80; second += 10) {
    advance(seconds(10))
    const played = `You've watched ${durations[second / 10]} of 1 min 40 s (${second + 10}%).`
    const watched = `0-${second + 10}`
    await heartbeat(`${second}-${second + 10}`).expect(200, { done: false, played, watched })
  }
  advance(seconds(9))
  await heartbeat('80-89').expect(200, {
    done: false,
    played: "You've watched 1 min 29 s of 1 min 40 s (89%).",
    watched: '0-89',
  })
  await visitor.post(`${address}/completion`).expect(409)
  advance(seconds(1))
  await heartbeat('89-90').expect(200, {
    done: true,
    played: "You've watched 1 min 30 s of 1 min 40 s (90%).",
    watched: '0-90',
  })
  expect(await progress()).toMatchObject({ seconds: 90, position: 90 })
  expect((await happened(person)).filter(name => name === 'lesson.completed')).toHaveLength(1)
})

test('a client that reports more seconds than have passed gets credit for no more than those', async () => {
  const { heartbeat, progress } = await viewer()
  advance(seconds(10))
  const { body } = await heartbeat('0-100', { rate: 2 }).expect(200)
  expect(body).toEqual({
    done: false,
    played: "You've watched 22 s of 1 min 40 s (22%).",
    watched: '0-22',
  })
  await heartbeat('22-100', { rate: 2 }).expect(200)
  expect((await progress()).seconds).toBeLessThanOrEqual(24)
  for (let n = 0; n < 30; n++) await heartbeat('0-100', { rate: 16 })
  expect((await progress()).seconds).toBeLessThanOrEqual(24)
})

test('a learner who watches the same 10 seconds five times gets credit once', async () => {
  const { heartbeat, progress } = await viewer()
  for (let n = 0; n < 5; n++) {
    advance(seconds(10))
    await heartbeat('0-10').expect(200)
  }
  expect((await progress()).seconds).toBe(10)
})

test('a learner with two open tabs never gets more credit than with one', async () => {
  const { heartbeat, progress } = await viewer()
  advance(seconds(10))
  const answers = await Promise.all([heartbeat('0-10'), heartbeat('0-10'), heartbeat('50-60')])
  expect(answers.every(answer => answer.status === 200 || answer.status === 409)).toBe(true)
  expect((await progress()).seconds).toBeLessThanOrEqual(14)
})

test('the page has the seconds that were counted, so that it counts on from them on any device', async () => {
  const { visitor, address, heartbeat } = await viewer()
  advance(seconds(20))
  await heartbeat('0-5,60-70').expect(200)
  const { text } = await visitor.get(address).expect(200)
  expect(text).toContain('data-watched="0-5,60-70"')
  expect(text).toContain('Starts at 1:10, where you stopped.')
  expect(text).toContain('You&#39;ve watched 15 s of 1 min 40 s (15%).')
  expect((await visitor.get(`${address}?t=0`)).text).not.toContain('where you stopped')
})

test('ranges outside the video, before it or backwards are refused, and nothing is written', async () => {
  const { heartbeat, progress } = await viewer()
  advance(seconds(10))
  for (const ranges of ['95-105', '-5-3', '9-3', 'a-b', '1']) await heartbeat(ranges).expect(422)
  await heartbeat('0-5', { rate: -1 }).expect(422)
  expect((await progress()).seconds).toBeUndefined()
})

const reports: [what: string, body: string, status: number][] = [
  ['no number', '{"ranges":[["NaN",1]]}', 422],
  ['nothing', '{"ranges":[[null,null]],"position":null}', 200],
  ['a negative second', '{"ranges":[[-1,2]]}', 422],
  ['a negative position', '{"ranges":[[0,2]],"position":-1}', 422],
  ['an endless range', '{"ranges":[[0,1e999]]}', 422],
  ['an endless position', '{"ranges":[[0,2]],"position":1e999}', 422],
  ['a huge second', '{"ranges":[[0,1e308]]}', 422],
  ['two huge seconds', '{"ranges":[[1e308,1e308]]}', 422],
  ['a huge position', '{"ranges":[[0,2]],"position":1e308}', 200],
  ['fractions', '{"ranges":[[0.3333333333333333,1.9999999999999998]],"position":1.9999999999999998}', 200],
  ['a second that is hardly one', '{"ranges":[[5e-324,5e-324]]}', 200],
  ['an endless rate', '{"ranges":[[0,2]],"rate":1e999}', 422],
  ['endless reading', '{"ranges":[[0,2]],"seconds":1e999}', 422],
  ['an object', '{"ranges":[[{"toString":1},2]]}', 422],
  ['an object for the ranges', '{"ranges":{"length":1e999}}', 422],
]

test('a player that reports seconds which no video has gets a clear answer', async () => {
  const { visitor, address } = await viewer()
  for (const [what, body, expected] of reports) {
    advance(seconds(10))
    const { status } = await request(academy.app)
      .post(`${address}/progress`)
      .set({ cookie: visitor.cookie, 'x-csrf-token': visitor.csrf })
      .type('json')
      .send(body)
    expect([what, status]).toEqual([what, expected])
    await visitor.get(address).expect(200)
  }
})

test('a closing tab sends its last seconds as JSON, and the learner resumes there', async () => {
  const { visitor, address, progress } = await viewer()
  advance(seconds(10))
  await visitor
    .post(`${address}/progress`)
    .type('json')
    .send({ _csrf: visitor.csrf, ranges: [[0, 8.4]], position: 8.4 })
    .expect(200)
  expect(await progress()).toMatchObject({ seconds: 8, position: 8.4 })
  expect((await visitor.get(address)).status).toBe(200)
})

test('a heartbeat without the session’s CSRF token is refused', async () => {
  const { visitor, address } = await viewer()
  await visitor.post(`${address}/progress`).send({ _csrf: 'another', ranges: '0-5' }).expect(403)
})

test('a text counts the seconds in which its page was visible, and no more than have passed', async () => {
  const { visitor, course, person } = await viewer()
  const text = `/courses/${course.slug}/lessons/lesson-2`
  await visitor.get(text)
  advance(seconds(20))
  await visitor.post(`${text}/progress`, { seconds: 15 }).expect(200)
  advance(seconds(10))
  await visitor.post(`${text}/progress`, { seconds: 900 }).expect(200)
  const enrolment = await Enrolments.findById(enrolmentId(person._id, course.course))
  expect(enrolment!.lessons['lesson-2']!.seconds).toBe(27)
})

test('a heartbeat costs two reads and two writes: the learner’s clock, and their progress', async () => {
  holdMachineClock()
  const { heartbeat } = await viewer()
  advance(seconds(10))
  await heartbeat('0-10').expect(200)
  advance(seconds(10))
  expect(await queriesOf(() => heartbeat('10-20'))).toEqual([
    'enrolments.find',
    'attention_clocks.find',
    'attention_clocks.updateOne',
    'enrolments.findOneAndUpdate',
  ])
})

test('a video comes with captions, chapters, and a transcript whose times seek in it', async () => {
  const { visitor, address } = await viewer()
  const { text } = await visitor.get(`${address}?t=5`).expect(200)
  expect(text).toContain('kind="captions"')
  expect(text).toContain('kind="chapters"')
  expect(text).toMatch(/<source src="\/assets\/[0-9a-f]{64}\/tour\.webm#t=5"/)
  expect(text).toContain('This is the catalogue &amp; its walk.')
  expect(text).toMatch(
    /class="chapter"[^>]*>\s*<a href="\?t=5">0:05<\/a>\s*<span lang="en" data-text>The columns/,
  )
  expect(text).toMatch(/data-chapters="\[\[\d+,&#34;/)
  const { hits } = await search(await publishedCourses(), 'catalogue walk')
  expect(hits.map(({ entry }) => entry.course.slug)).toContain(address.split('/')[2])
  const words = await visitor.get(`${address}/transcript.txt`).expect(200)
  expect(words.text).toContain('0:05  Each column is a lesson.')
})

test('chapters of the lesson itself come before those of a file beside its captions', async () => {
  const video = await videoLesson(100)
  const chapters = [
    { start: 0, title: 'First & foremost' },
    { start: 5, title: 'Then' },
  ]
  const course = await make.course({
    assets: video.assets,
    lesson: n => (n === 1 ? { ...video.lesson, chapters, preview: true } : {}),
  })
  const address = `/courses/${course.slug}/lessons/lesson-1`
  const visitor = await anonymous()
  const { text } = await visitor.get(address).expect(200)
  expect(text).toContain('data-chapters="[[0,&#34;First &amp; foremost&#34;],[5,&#34;Then&#34;]]"')
  expect(text).not.toContain('kind="chapters"')
  expect(text).not.toContain('The columns')
  const words = await visitor.get(`${address}/transcript.txt`).expect(200)
  expect(words.text).toContain('\nThen\n\n0:05  Each column is a lesson.')
})

test('a visitor watches a free preview on the page of its course, and a learner has it in its lesson', async () => {
  const video = await videoLesson(100)
  const course = await make.course({
    assets: video.assets,
    lesson: n => (n > 1 ? { ...video.lesson, preview: n < 4 } : {}),
    lessons: 4,
  })
  const { text } = await (await anonymous()).get(`/courses/${course.slug}`).expect(200)
  expect(text).toMatch(/<video[^>]* preload="none"[^>]* poster="\/courses\/[^"]+\/poster\.webp"/)
  expect(text).toMatch(/Free preview:\s*<a href="[^"]+\/lessons\/lesson-2" dir="auto">Lesson 2<\/a>/)
  expect(text).toMatch(/<track\s+kind="captions"/)
  expect(text).not.toContain('data-learner')
  const { visitor, course: own } = await viewer()
  expect((await visitor.get(`/courses/${own.slug}`)).text).not.toContain('<video')
  const author = await as(await make.person({ role: 'author' }))
  const { draft } = (await Courses.findOne({ slug: course.slug }))!
  const settings = `/studio/courses/${course.slug}/settings`
  const form = (await author.get(settings).expect(200)).text
  expect([...form.matchAll(/value="(lesson-\d)"/g)].map(([, lesson]) => lesson)).toEqual([
    'lesson-2',
    'lesson-3',
  ])
  const baseVersion = /name="baseVersion"[^>]*value="([^"]*)"/.exec(form)![1]
  const { title, summary, topic, level } = draft
  const typed = {
    baseVersion,
    title,
    summary,
    topic,
    level,
    language: 'en',
    currency: 'EUR',
    callToAction: 'none',
  }
  const bo = { 'authors.0.name': 'Bo Lind', 'authors.0.role': '', 'authors.0.about': 'Has seen 90 stations.' }
  await author.post(settings, { ...typed, ...bo, previewVideo: 'lesson-4' }).expect(422)
  await author.post(settings, { ...typed, ...bo, previewVideo: 'lesson-3' }).expect(303)
  const { draftNumber, draft: changed } = (await Courses.findOne({ slug: course.slug }))!
  expect(writeCourse(changed)[0]!.text).toMatch(
    /about: Has seen 90 stations\.\n[^]*\npreviewVideo: lesson-3\n/,
  )
  await author.post(`/studio/courses/${course.slug}/publication`, { draftNumber }).expect(303)
  await make.path({ slug: 'way', title: 'Way', summary: '', audience: '', courses: [course.slug] })
  for (const path of [`/courses/${course.slug}`, '/paths/way']) {
    const page = (await (await anonymous()).get(path).expect(200)).text
    expect(page).toMatch(/Free preview:\s*<a href="[^"]+\/lessons\/lesson-3"/)
    expect(page).toContain('Has seen 90 stations.')
    expect(page).toContain(
      `preload" href="/courses/${course.slug}/poster.webp" as="image" fetchpriority="high"`,
    )
    expect(page).toMatch(/lesson-name">\s*<span dir="auto">Lesson 4<\/span>[^]*Locked/)
  }
})
