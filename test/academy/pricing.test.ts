import { minutes, seconds } from '../../src/platform/clock'
import { Events } from '../../src/events/event'
import type { Person } from '../../src/people/person'
import { openAcademy, type Academy } from '../kit/academy'
import { as, anonymous } from '../kit/as'
import { setTime, advance } from '../kit/clock'
import { happened } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())
beforeEach(() => setTime('2026-11-23T09:00:00Z'))

async function reader(path: string, person?: Person) {
  const ada = person ?? (await make.person())
  const visitor = await as(ada)
  const { text } = await visitor.get(path).expect(200)
  const timestamp = /data-timestamp="([^"]+)"/.exec(text)![1]!
  const report = (page: string, seconds: number, signed = timestamp) =>
    visitor.post('/pricing/attention', { page, seconds, timestamp: signed })
  return { ada, visitor, report, timestamp }
}

test('an anonymous visitor views pricing without being tracked', async () => {
  const visitor = await anonymous()
  const { text } = await visitor.get('/pricing').expect(200)
  expect(text).toContain('€240')
  expect(text).not.toContain('data-attention')
  const plans = await visitor.get('/pricing/compare').expect(200)
  expect(plans.text).toContain('>Unlimited webhook endpoints<')
  expect(plans.text).toContain('>Yes<')
  await visitor.post('/pricing/attention', { page: 'pricing', seconds: 30, timestamp: 'x' }).expect(401)
})

test('a prospect who views pricing for 20 seconds records one event per hour in which they open it', async () => {
  const { ada, visitor, report } = await reader('/pricing')
  advance(seconds(30))
  await report('pricing', 24).expect(204)
  await report('pricing', 29).expect(204)
  expect(await happened(ada)).toEqual(['pricing.viewed'])
  const [event] = await Events.find({ person: ada._id })
  expect(event!.data).toEqual({ seconds: 24 })
  advance(minutes(61))
  await report('pricing', 40).expect(204)
  expect(await happened(ada)).toEqual(['pricing.viewed'])
  const { text } = await visitor.get('/pricing').expect(200)
  advance(seconds(45))
  await report('pricing', 40, /data-timestamp="([^"]+)"/.exec(text)![1]!).expect(204)
  expect(await happened(ada)).toEqual(['pricing.viewed', 'pricing.viewed'])
})

test('a prospect who compares the plans records a separate event', async () => {
  const { ada, report } = await reader('/pricing/compare')
  advance(seconds(25))
  await report('plans', 25).expect(204)
  expect(await happened(ada)).toEqual(['plans.compared'])
})

test('a prospect records nothing for a glance, for time that has not passed, or for another’s page', async () => {
  const { ada, report, timestamp } = await reader('/pricing')
  advance(seconds(10))
  await report('pricing', 10).expect(204)
  await report('pricing', 600).expect(204)
  advance(seconds(60))
  await report('plans', 60).expect(422)
  await report('pricing', 60, 'forged.timestamp').expect(422)
  await report('pricing', -1).expect(422)
  await report('everything', 60).expect(422)
  const other = await reader('/pricing')
  await other.report('pricing', 60, timestamp).expect(422)
  expect(await happened(ada)).toEqual([])
  expect(await happened(other.ada)).toEqual([])
})
