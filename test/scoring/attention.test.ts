import mongoose from 'mongoose'
import { createHash } from 'node:crypto'
import { days, seconds } from '../../src/platform/clock'
import { record } from '../../src/events/record'
import type { Published } from '../../src/courses/published'
import type { Person } from '../../src/people/person'
import { explainScore } from '../../src/scoring/explain'
import { firstModel } from '../../src/scoring/first-model'
import { activeModel, Models } from '../../src/scoring/model'
import { Scores } from '../../src/scoring/score'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { happened, runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { closeEndpointServers, openEndpointServer } from '../webhooks/endpoint-server'

let academy: Academy
beforeAll(async () => (academy = await openAcademy()))
beforeEach(() => {
  setTime('2026-11-23T09:00:00Z')
})
afterEach(closeEndpointServers)
afterAll(() => academy.close())

/** Opens a lesson of 5 minutes, stays on it for some seconds as public/js/lesson.js reports them, and finishes it. */
async function read(person: Person, { slug }: Published, visible: number, n = 1): Promise<void> {
  const visitor = await as(person)
  const lesson = `/courses/${slug}/lessons/lesson-${n}`
  if (n === 1) await visitor.post(`/courses/${slug}/enrolment`).expect(303)
  await visitor.get(lesson).expect(200)
  for (let left = visible; left > 0; left -= 10) {
    const part = Math.min(10, left)
    advance(seconds(part))
    await visitor.post(`${lesson}/progress`, { seconds: String(part) }).expect(200)
  }
  if (!visible) advance(seconds(2))
  await visitor.post(`${lesson}/completion`).expect(303)
  await runAllDue()
}

async function pointsOf(person: Person): Promise<Record<string, number>> {
  const { groups } = (await explainScore(person._id))!
  return Object.fromEntries(groups.flatMap(({ rules }) => rules.map(({ rule, points }) => [rule, points])))
}

test('a learner who marks a whole course as done immediately completes it, and earns no points', async () => {
  const pumps = await make.course({ lessons: 2 })
  const ada = await make.person()
  await read(ada, pumps, 0, 1)
  await read(ada, pumps, 0, 2)
  expect(await happened(ada)).toEqual(expect.arrayContaining(['course.completed', 'certificate.issued']))
  expect(await pointsOf(ada)).toEqual({})
  expect((await Scores.findById(ada._id))!.engagement).toBe(0)
})

test.each([
  ['19 seconds of 5 minutes', 19, 0],
  ['75 seconds of 5 minutes', 75, 1.5],
  ['half of it, as a fast reader does', 150, 3],
  ['all of it', 300, 3],
])('a learner who reads %s of a lesson earns in proportion', async (_what, visible, points) => {
  const ada = await make.person()
  await read(ada, await make.course({ lessons: 3 }), visible)
  expect((await pointsOf(ada)).lessonFinished ?? 0).toBeCloseTo(points, 1)
})

test('a learner who read one of two lessons gets half of the points of the course', async () => {
  const ada = await make.person()
  const pumps = await make.course({ lessons: 2, certificate: false })
  await read(ada, pumps, 150, 1)
  await read(ada, pumps, 0, 2)
  expect(await pointsOf(ada)).toEqual({ lessonFinished: 3, courseFinished: 6 })
})

test('a learner who passes a quiz gets its points however long it took', async () => {
  const ada = await make.person()
  const about = { lesson: 'final-quiz', title: 'Final check', topics: [], minutes: 5, seconds: 0 }
  const data = { ...about, kind: 'quiz' }
  await record({ name: 'lesson.completed', person: ada._id, idempotencyKey: ['q'], data })
  expect(await pointsOf(ada)).toEqual({ lessonFinished: 3 })
})

test('a rep sees the points that attention earned, and they add up on the page and in the CRM', async () => {
  const crm = await openEndpointServer()
  const rep = await as(await make.person({ role: 'sales' }))
  const ada = await make.person()
  const pumps = await make.course({ lessons: 3, certificate: false })
  await read(ada, pumps, 150, 1)
  await read(ada, pumps, 60, 2)
  await read(ada, pumps, 0, 3)
  const request = { kind: 'demo' as const, text: '', title: null }
  await record({ name: 'contact.requested', person: ada._id, idempotencyKey: ['r'], data: request })
  await runAllDue()
  const page = (await rep.get(`/sales/leads/${ada._id}`).expect(200)).text
  // 3.0 + 1.2 for the lessons, 12 × (1 + 0.4 + 0) / 3 for the course, 20 for the request.
  expect(page).toContain('Score 29.8 at 09:03')
  expect(page).toMatch(/class="num">\s*4\.2\s*</)
  expect(page).not.toContain('3 × 3.0')
  const { score } = crm.received
    .map(({ body }) => JSON.parse(body))
    .find(({ type }: { type: string }) => type === 'lead.qualified')!.data
  expect(score.value).toBe(29.8)
  const sum = score.reasons.reduce((total: number, { points }: { points: number }) => total + points, 0)
  expect(sum).toBeCloseTo(29.8, 9)
})

test('a learner and a rep can read the rule on the scoring pages', async () => {
  const ada = await as(await make.person())
  const own = (await ada.get('/scoring').expect(200)).text
  expect(own).toContain('It counts in full once you reach half its length')
  expect(own).toContain('mark it as done: it counts for your course and your certificate')
  const rep = await as(await make.person({ role: 'sales' }))
  expect((await rep.get('/sales/scoring-model').expect(200)).text).toContain(
    'full points from 50% of its length',
  )
})

test('an academy with the earlier formula gets a new version, and its scores are computed again', async () => {
  const { formula: _formula, ...content } = {
    ...firstModel,
    qualifyAt: 55,
    rules: firstModel.rules.map(({ attention: _attention, ...rule }) => rule),
  }
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex')
  const stored = mongoose.connection.collection<{ _id: number }>('scoring_models')
  await stored.deleteMany({})
  const dates = { createdAt: new Date(), activeSince: new Date() }
  await stored.insertOne({ _id: 1, status: 'active', hash, content, ...dates } as { _id: number })
  const ada = await make.person()
  const data = { lesson: 'a', title: 'A', topics: [], minutes: 8, seconds: 2, kind: 'text' }
  await record({ name: 'lesson.completed', person: ada._id, idempotencyKey: ['a'], data })
  await Scores.create({ _id: ada._id, ledgerVersion: 1, at: advance(days(1)), model: 1, engagement: 3 })
  activeModel.forget()
  const model = await activeModel()
  expect(model).toMatchObject({ _id: 2, content: { qualifyAt: 55, formula: 2 } })
  expect(model.content.rules.find(({ id }) => id === 'lessonFinished')!.attention).toEqual({
    minSeconds: 20,
    fullFrom: 0.5,
  })
  expect(await Models.findById(1)).toMatchObject({ hash, status: 'retired' })
  await runAllDue()
  expect(await Scores.findById(ada._id)).toMatchObject({ engagement: 0, model: 2 })
})
