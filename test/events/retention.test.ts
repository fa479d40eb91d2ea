import { days } from '../../src/platform/clock'
import { Events } from '../../src/events/event'
import { purgeOldActivity } from '../../src/events/purge-activity'
import { record } from '../../src/events/record'
import { purgeOldBodies } from '../../src/webhooks/purge-bodies'
import { Messages } from '../../src/webhooks/message'
import { People, type Person } from '../../src/people/person'
import { purgeIdlePeople } from '../../src/leads/purge-idle-people'
import { Scores } from '../../src/scoring/score'
import { openAcademy, type Academy } from '../kit/academy'
import { setTime, advance } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())

test('after 13 months a learner loses their activity but not their account, and can be scored again', async () => {
  setTime('2025-01-01T10:00:00Z')
  const ada = await make.person()
  await record({ name: 'person.signed_up', person: ada._id, idempotencyKey: [], data: { how: 'link' } })
  for (const n of [1, 2, 3])
    await record({
      name: 'question.asked',
      person: ada._id,
      idempotencyKey: [n],
      data: { text: '?', lesson: null, title: null },
    })
  await runAllDue()
  advance(days(390))
  await purgeOldActivity()
  expect(await namesOf(ada)).toHaveLength(4)
  advance(days(10))
  await purgeOldActivity()
  expect(await namesOf(ada)).toEqual(['person.signed_up'])

  await record({
    name: 'question.asked',
    person: ada._id,
    idempotencyKey: [4],
    data: { text: '?', lesson: null, title: null },
  })
  await runAllDue()
  expect((await Scores.findById(ada._id))!.engagement).toBeCloseTo(6, 1)
})

test('an event with reactions still due is not deleted', async () => {
  setTime('2025-01-01T10:00:00Z')
  const ada = await make.person()
  await record({
    name: 'question.asked',
    person: ada._id,
    idempotencyKey: [1],
    data: { text: '?', lesson: null, title: null },
  })
  advance(days(500))
  await purgeOldActivity()
  expect(await namesOf(ada)).toEqual(['question.asked'])
})

test('after 30 days the body of a webhook message is deleted and its record stays', async () => {
  setTime('2026-01-01T10:00:00Z')
  const ada = await make.person()
  await Messages.create({
    _id: 'msg_1',
    cause: 'x',
    type: 'webhook.test',
    person: ada._id,
    sequence: 1,
    basis: 'none',
    at: setTime('2026-01-01T10:00:00Z'),
    body: '{}',
  })
  advance(days(29))
  await purgeOldBodies()
  expect(await Messages.count({ _id: 'msg_1', body: '{}' })).toBe(1)
  advance(days(2))
  await purgeOldBodies()
  expect(await Messages.count({ _id: 'msg_1', body: null })).toBe(1)
})

test('a learner who was never a lead is erased after two idle years, unless they came back', async () => {
  setTime('2023-01-01T10:00:00Z')
  const [idle, returned, author] = [
    await make.person(),
    await make.person(),
    await make.person({ role: 'author' }),
  ]
  setTime('2025-06-01T10:00:00Z')
  await record({
    name: 'question.asked',
    person: returned._id,
    idempotencyKey: [1],
    data: { text: '?', lesson: null, title: null },
  })
  await purgeIdlePeople()
  const isErased = async ({ _id }: Person) => (await People.findById(_id))!.erasedAt !== null
  expect([await isErased(idle), await isErased(returned), await isErased(author)]).toEqual([
    true,
    false,
    false,
  ])
})

async function namesOf(person: Person): Promise<string[]> {
  const events = await Events.find({ person: person._id })
  return events.map(event => event.name)
}
