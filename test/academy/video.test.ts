import { seconds } from '../../src/platform/clock'
import { enrol } from '../../src/learning/enrol'
import { enrolmentId, Enrolments, type Enrolment } from '../../src/learning/enrolment'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { setTime, holdMachineClock, advance } from '../kit/clock'
import { happened } from '../kit/ledger'
import * as make from '../kit/make'
import { filmOf } from './video-file'
import { queriesOf } from './queries'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())
beforeEach(() => setTime('2026-11-23T09:00:00Z'))
afterEach(() => jest.restoreAllMocks())

/** Somebody who has just opened a film of 100 seconds. */
async function viewer(length = 100) {
  const film = await filmOf(length)
  const [person, course] = [
    await make.person(),
    await make.course({ assets: film.assets, lesson: n => (n === 1 ? film.lesson : {}) }),
  ]
  await enrol({ person: person._id, published: course, paid: false })
  const visitor = await as(person)
  const address = `/courses/${course.slug}/lessons/lesson-1`
  await visitor.get(address).expect(200)
  const beat = (ranges: string, fields: Record<string, unknown> = {}) =>
    visitor.post(`${address}/progress`, { ranges, position: ranges.split('-').pop(), ...fields })
  const progress = async () =>
    (await Enrolments.findById(enrolmentId(person._id, course.course)).lean<Enrolment>())!.lessons[
      'lesson-1'
    ]!
  return { person, course, visitor, address, beat, progress }
}

test('ninety of a hundred seconds finish the film, and not one less', async () => {
  const { person, visitor, address, beat, progress } = await viewer()
  for (let second = 0; second < 80; second += 10) {
    advance(seconds(10))
    await beat(`${second}-${second + 10}`).expect(200, { watched: second + 10, done: false })
  }
  advance(seconds(9))
  await beat('80-89').expect(200, { watched: 89, done: false })
  await visitor.post(`${address}/completion`).expect(409)
  advance(seconds(1))
  await beat('89-90').expect(200, { watched: 90, done: true })
  expect(await progress()).toMatchObject({ seconds: 90, position: 90 })
  expect((await happened(person)).filter(name => name === 'lesson.completed')).toHaveLength(1)
})

test('whoever claims more than time has passed gets no more than that', async () => {
  const { beat, progress } = await viewer()
  advance(seconds(10))
  await beat('0-100', { rate: 2 }).expect(200, { watched: 22, done: false })
  await beat('22-100', { rate: 2 }).expect(200)
  expect((await progress()).seconds).toBeLessThanOrEqual(22)
  for (let n = 0; n < 30; n++) await beat('0-100', { rate: 16 })
  expect((await progress()).seconds).toBeLessThanOrEqual(22)
})

test('the same minute watched five times counts once', async () => {
  const { beat, progress } = await viewer()
  for (let n = 0; n < 5; n++) {
    advance(seconds(10))
    await beat('0-10').expect(200)
  }
  expect((await progress()).seconds).toBe(10)
})

test('two tabs at once never make more than one of them would have', async () => {
  const { beat, progress } = await viewer()
  advance(seconds(10))
  const answers = await Promise.all([beat('0-10'), beat('0-10'), beat('50-60')])
  expect(answers.every(answer => answer.status === 200 || answer.status === 409)).toBe(true)
  expect((await progress()).seconds).toBeLessThanOrEqual(14)
})

test('seconds outside the film, before it and backwards are refused, and nothing is written', async () => {
  const { beat, progress } = await viewer()
  advance(seconds(10))
  for (const ranges of ['95-105', '-5-3', '9-3', 'a-b', '1']) await beat(ranges).expect(422)
  await beat('0-5', { rate: -1 }).expect(422)
  expect((await progress()).seconds).toBeUndefined()
})

test('a tab that is closed sends its last seconds as JSON or as a form, and the film goes on there', async () => {
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

test('a beat without the token of the session is refused', async () => {
  const { visitor, address } = await viewer()
  await visitor.post(`${address}/progress`).send({ _csrf: 'another', ranges: '0-5' }).expect(403)
})

test('seconds on a text are those in which its page was seen, and no more than have passed', async () => {
  const { visitor, course, person } = await viewer()
  const text = `/courses/${course.slug}/lessons/lesson-2`
  await visitor.get(text)
  advance(seconds(20))
  await visitor.post(`${text}/progress`, { seconds: 15 }).expect(200)
  advance(seconds(10))
  await visitor.post(`${text}/progress`, { seconds: 900 }).expect(200)
  const enrolment = await Enrolments.findById(enrolmentId(person._id, course.course)).lean<Enrolment>()
  expect(enrolment!.lessons['lesson-2']!.seconds).toBe(27)
})

test('one beat is one read and one write', async () => {
  holdMachineClock()
  const { beat } = await viewer()
  advance(seconds(10))
  expect(await queriesOf(() => beat('0-10'))).toEqual(['enrolments.find', 'enrolments.updateOne'])
})

test('the film comes with captions, chapters, and a transcript whose times wind it', async () => {
  const { visitor, address } = await viewer()
  const { text } = await visitor.get(`${address}?t=5`).expect(200)
  expect(text).toContain('kind="captions"')
  expect(text).toContain('kind="chapters"')
  expect(text).toMatch(/<source src="\/assets\/[0-9a-f]{64}\/tour\.webm#t=5"/)
  expect(text).toContain('This is the catalogue &amp; its walk.')
  expect(text).toMatch(/class="chapter"[^>]*><a href="\?t=5">0:05<\/a><span>The columns/)
  const words = await visitor.get(`${address}/transcript.txt`).expect(200)
  expect(words.text).toContain('0:05  Each column is a lesson.')
})
