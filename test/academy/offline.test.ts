import { randomUUID } from 'node:crypto'
import { enrol } from '../../src/learning/enrol'
import { enrolmentId, Enrolments } from '../../src/learning/enrolment'
import { revokeEnrolment } from '../../src/learning/revoke-enrolment'
import type { Published } from '../../src/courses/published'
import type { Person } from '../../src/people/person'
import { minutes } from '../../src/platform/clock'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { happened } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let pumps: Published
let ada: Person
let visitor: Visitor
const question = `
\`\`\`quiz
id: air
kind: single
prompt: What is in a loud pump?
choices:
  - content: Pride
  - content: Air
    isCorrect: true
    explanation: Air makes the noise.
\`\`\`
`
const path = (n: number) => `/courses/pumps/lessons/lesson-${n}`

beforeAll(async () => {
  setTime('2026-11-23T09:00:00Z')
  academy = await openAcademy()
  // Each has 5 minutes.
  const lesson = (n: number) => ({ body: `The text of lesson ${n}.\n${n === 1 ? question : ''}`, minutes: 5 })
  pumps = await make.course({ slug: 'pumps', title: 'Pumps', quiz: 1, lesson })
})
afterAll(() => academy.close())
beforeEach(async () => {
  ada = await make.person()
  await enrol({ person: ada._id, published: pumps, paid: false })
  visitor = await as(ada)
})

const progress = async (n: number) =>
  (await Enrolments.findById(enrolmentId(ada._id, pumps.course)))!.lessons[`lesson-${n}`]
const report = (n: number, fields: Record<string, unknown> = {}) =>
  visitor.post(`${path(n)}/offline-progress`, { id: randomUUID(), ...fields })
type Listed = { reader: string; token: string; lessons: { path: string; version: string }[] }
const listed = async () => (await visitor.get('/offline/lessons').expect(200)).body as Listed

test('what was read without a connection counts once, whatever arrives twice', async () => {
  await visitor.get(path(1)).expect(200)
  advance(minutes(4))
  const fields = { id: randomUUID(), seconds: '120', place: 'part', done: '1' }
  const answers = await Promise.all([report(1, fields), report(1, fields), report(1, fields)])
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  await report(1, fields).expect(200, { done: true })
  expect(await progress(1)).toMatchObject({ seconds: 120, place: 'part', completedAt: expect.any(Date) })
  expect((await happened(ada)).filter(name => name === 'lesson.completed')).toHaveLength(1)
})

test('all lessons of a course share the time without a connection', async () => {
  for (const n of [1, 2, 3]) await visitor.get(path(n)).expect(200)
  advance(minutes(6))
  await report(1, { seconds: '240' }).expect(200)
  await report(2, { seconds: '240' }).expect(200)
  await report(3, { seconds: '240' }).expect(200)
  const seconds = await Promise.all([1, 2, 3].map(async n => Math.round((await progress(n))!.seconds ?? 0)))
  expect(seconds).toEqual([240, 120, 0])
})

test('a lesson never gets more than the time since it was opened, or twice its reading time', async () => {
  await visitor.get(path(1)).expect(200)
  advance(minutes(1))
  await report(1, { seconds: '3600' }).expect(200)
  expect(Math.round((await progress(1))!.seconds!)).toBe(60)
  // The same minute can't be claimed again, and neither can one that was reported while online.
  await report(1, { seconds: '3600' }).expect(200)
  expect(Math.round((await progress(1))!.seconds!)).toBe(60)
  advance(minutes(1))
  await visitor.post(`${path(1)}/progress`, { seconds: '60' }).expect(200)
  await report(1, { seconds: '60' }).expect(200)
  expect((await progress(1))!.seconds).toBeLessThanOrEqual(122)
  advance(minutes(300))
  await report(1, { seconds: '18000' }).expect(200)
  expect((await progress(1))!.seconds).toBe(600)
})

test('only an opened lesson counts, a quiz is not done by a report, and rubbish is refused', async () => {
  await report(2, { seconds: '10' }).expect(409)
  const quiz = '/courses/pumps/lessons/final-quiz'
  await visitor.get(quiz).expect(200)
  const sent = await visitor.post(`${quiz}/offline-progress`, { id: randomUUID(), seconds: '60', done: '1' })
  expect(sent.body).toEqual({ done: false })
  await visitor.get(path(2)).expect(200)
  for (const fields of [{ id: 'x' }, { seconds: '-1' }, { seconds: '1e9' }, { place: 'x'.repeat(200) }]) {
    await report(2, fields).expect(422)
  }
  await revokeEnrolment(ada._id, pumps.course)
  await report(2, { seconds: '10' }).expect(403)
  await visitor.get(`${path(2)}/offline`).expect(403)
})

test('a copy has the text and the answers to practice questions, and nothing to send or of the person', async () => {
  await visitor.get(`${path(1)}/offline`).expect(404)
  await visitor.get(path(1)).expect(200)
  const { text, headers } = await visitor.get(`${path(1)}/offline`).expect(200)
  expect(text).toContain('The text of lesson 1.')
  expect(text).toContain('Air makes the noise.')
  for (const secret of [visitor.csrf, '_csrf', '<form', ada.name, ada.email])
    expect(text).not.toContain(secret)
  expect(headers['cache-control']).toBe('no-store')
  expect(headers['x-reader']).toBe((await listed()).reader)
  await visitor.get('/courses/pumps/lessons/final-quiz').expect(200)
  const quiz = (await visitor.get('/courses/pumps/lessons/final-quiz/offline').expect(200)).text
  expect(quiz).toContain('The quiz needs a connection.')
  expect(quiz).not.toContain('Show the answer')
})

test('the list has the opened lessons that may still be opened, and says whose it is', async () => {
  const hidden = await make.course({
    slug: 'valves',
    price: { amount: 24_000, currency: 'EUR' },
    lesson: n => (n === 2 ? { visibility: 'paid', title: 'Secret', slug: 'secret-lesson' } : {}),
  })
  await enrol({ person: ada._id, published: hidden, paid: false })
  await visitor.get(path(2)).expect(200)
  await visitor.get('/courses/valves/lessons/lesson-1').expect(200)
  const { reader, lessons } = await listed()
  expect(lessons.map(each => each.path).sort()).toEqual([
    '/courses/pumps/lessons/lesson-2',
    '/courses/valves/lessons/lesson-1',
  ])
  expect(JSON.stringify(lessons)).not.toContain('secret')
  await revokeEnrolment(ada._id, pumps.course)
  expect((await listed()).lessons).toHaveLength(1)
  const other = await as(await make.person())
  const theirs = (await other.get('/offline/lessons')).body as Listed
  expect(theirs.lessons).toEqual([])
  expect(theirs.reader).not.toBe(reader)
  const nobody = await anonymous()
  await nobody.get('/offline/lessons').set('accept', 'application/json').expect(401)
  expect((await nobody.get('/')).headers['x-reader']).toBe('none')
})

test.each([
  ['/courses/pumps/cover.png', 'accept-language'],
  [`/oembed?url=${encodeURIComponent('http://127.0.0.1:3000/courses/pumps')}`, 'accept-language'],
  ['/feed.xml', 'accept-language'],
  ['/feed.json', 'accept-language'],
  ['/courses/pumps/poster.webp', undefined],
  ['/embed.js', undefined],
])('%s may be in shared caches, and doesn’t say who asked for it first', async (shared, vary) => {
  const { headers } = await visitor.get(shared).expect(200)
  expect(headers['cache-control']).toMatch(/^public, max-age=\d+$/)
  expect(headers.vary).toBe(vary)
  expect(headers).not.toHaveProperty('x-reader')
})

test('the service worker is never cached, and has the version of the build', async () => {
  const { text, headers } = await (await anonymous()).get('/service-worker.js').expect(200)
  expect(headers['content-type']).toContain('javascript')
  expect(headers['cache-control']).toBe('no-cache')
  const [, version] = /^const version = "([\w-]{10})"\n/.exec(text)!
  expect((await visitor.get(path(1))).text).toContain(`/js/offline.js?v=${version}`)
})
