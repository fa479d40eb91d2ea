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
  const stamp = /data-stamp="([^"]+)"/.exec(text)![1]!
  const say = (what: string, seen: number, with_ = stamp) =>
    visitor.post('/pricing/attention', { what, seconds: seen, stamp: with_ })
  return { ada, visitor, say, stamp }
}

test('a stranger reads the prices, and nobody learns of it', async () => {
  const visitor = await anonymous()
  const { text } = await visitor.get('/pricing').expect(200)
  expect(text).toContain('€240')
  expect(text).not.toContain('data-attention')
  await visitor.get('/pricing/compare').expect(200)
  await visitor.post('/pricing/attention', { what: 'pricing', seconds: 30, stamp: 'x' }).expect(401)
})

test('twenty seconds of looking are evidence, once an hour', async () => {
  const { ada, say } = await reader('/pricing')
  advance(seconds(30))
  await say('pricing', 24).expect(204)
  await say('pricing', 29).expect(204)
  expect(await happened(ada)).toEqual(['pricing.viewed'])
  const [event] = await Events.find({ person: ada._id }).lean()
  expect(event!.data).toEqual({ seconds: 24 })
  advance(minutes(61))
  await say('pricing', 40).expect(204)
  expect(await happened(ada)).toEqual(['pricing.viewed', 'pricing.viewed'])
})

test('comparing the plans is another thing than reading the prices', async () => {
  const { ada, say } = await reader('/pricing/compare')
  advance(seconds(25))
  await say('plans', 25).expect(204)
  expect(await happened(ada)).toEqual(['plans.compared'])
})

test('a glance is no evidence, nor are seconds that have not passed, nor a page of somebody else', async () => {
  const { ada, say, stamp } = await reader('/pricing')
  advance(seconds(10))
  await say('pricing', 10).expect(204)
  await say('pricing', 600).expect(204)
  advance(seconds(60))
  await say('plans', 60).expect(422)
  await say('pricing', 60, 'forged.stamp').expect(422)
  await say('pricing', -1).expect(422)
  await say('everything', 60).expect(422)
  const other = await reader('/pricing')
  await other.say('pricing', 60, stamp).expect(422)
  expect(await happened(ada)).toEqual([])
  expect(await happened(other.ada)).toEqual([])
})
