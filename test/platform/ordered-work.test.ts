import mongoose, { type Types } from 'mongoose'
import { minutes, now } from '../../src/platform/clock'
import { Events } from '../../src/events/event'
import { reactTo, type Reactions } from '../../src/events/react'
import { record } from '../../src/events/record'
import { findInOrder } from '../../src/platform/ordered-work'
import { oncePerBurst, reactions } from '../../src/reactions'
import { Scores } from '../../src/scoring/score'
import { drainQueue } from '../../src/worker'
import { openAcademy, type Academy } from '../kit/academy'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy

beforeAll(async () => (academy = await openAcademy()))
beforeEach(() => setTime('2026-11-23T09:00:00Z'))
afterEach(() => jest.restoreAllMocks())
afterAll(() => academy.close())

type Seen = { person: string; n: number; state: 'begins' | 'ends' }

/** Reactions to `person.confirmed` that take a moment, and what they have seen. */
function slowReactions(seen: Seen[]): Reactions {
  return {
    ...reactions,
    'person.confirmed': [
      async ({ _id, person }) => {
        const which = { person: String(person), n: Number(_id.split(':')[2]) }
        seen.push({ ...which, state: 'begins' })
        await new Promise(resolve => setTimeout(resolve, 5))
        seen.push({ ...which, state: 'ends' })
      },
    ],
  }
}

async function recordEvents(people: { _id: Types.ObjectId }[], each: number): Promise<void> {
  for (let n = 0; n < each; n++) {
    for (const { _id: person } of people) {
      await record({ name: 'person.confirmed', person, idempotencyKey: [n], data: {} })
    }
    advance(1)
  }
}

const makePeople = (n: number) => Promise.all(Array.from({ length: n }, () => make.person()))

test("the events of several people are processed at once, and one person's in order, by two workers too", async () => {
  const people = await makePeople(6)
  await runAllDue()
  await recordEvents(people, 5)
  const seen: Seen[] = []
  const workers = [reactTo(slowReactions(seen)), reactTo(slowReactions(seen))]
  while (await Events.exists({ dueAt: { $ne: null } })) await Promise.all(workers.map(drainQueue))

  for (const { _id } of people) {
    const own = seen.filter(({ person }) => person === String(_id))
    expect(own.map(({ n, state }) => `${n} ${state}`)).toEqual(
      [0, 1, 2, 3, 4].flatMap(n => [`${n} begins`, `${n} ends`]),
    )
  }
  let running = 0
  const most = Math.max(...seen.map(({ state }) => (running += state === 'begins' ? 1 : -1)))
  expect(most).toBeGreaterThan(2)
})

test('events that a worker claimed and did not begin are processed by the next one when it stops', async () => {
  const people = await makePeople(3)
  await runAllDue()
  await recordEvents(people, 2)
  const stopping = reactTo(slowReactions([]))
  const run = await stopping.take()
  await Promise.all([stopping.release!(), run!()])
  expect(await Events.count({ dueAt: { $ne: null }, attempts: { $gt: 0 } })).toBe(0)
  const seen: Seen[] = []
  await drainQueue(reactTo(slowReactions(seen)))
  expect(seen.filter(({ state }) => state === 'ends').length).toBeGreaterThanOrEqual(5)
})

test('events of a worker that died are processed in order once its lease has expired', async () => {
  const people = await makePeople(1)
  await runAllDue()
  await recordEvents(people, 3)
  expect(await reactTo(slowReactions([])).take()).not.toBeNull()
  const seen: Seen[] = []
  const other = reactTo(slowReactions(seen))
  await recordEvents(await makePeople(1), 1)
  await drainQueue(other)
  expect(seen.map(({ person }) => person)).not.toContain(String(people[0]!._id))
  advance(minutes(1))
  await drainQueue(other)
  expect(
    seen.filter(({ person, state }) => person === String(people[0]!._id) && state === 'ends'),
  ).toHaveLength(3)
})

test('one person with thousands of events that cannot begin keeps nobody else waiting', async () => {
  const at = now()
  const records = Array.from({ length: 5_001 }, (_, n) => ({
    _id: String(n),
    key: n < 5_000 ? 'hanging' : 'other',
    leaseUntil: n ? null : new Date(at.getTime() + minutes(1)),
  })) as never[]
  const find = ({ key }: { key?: { $nin: string[] } }) => {
    const matching = records.filter(record => !key?.$nin.includes((record as { key: string }).key))
    return { sort: () => ({ limit: async (count: number) => matching.slice(0, count) }) }
  }
  const keyField = 'key' as never
  const { chosen } = await findInOrder({ find } as never, ({ key }: never) => key, { keyField })
  expect(chosen).toMatchObject([{ _id: '5000', key: 'other' }])
})

test('a burst of actions is scored once, with all of them', async () => {
  const ada = await make.person({ consents: ['profiling', 'share_with_sales'] })
  await runAllDue()
  const saved = jest.spyOn(Scores, 'upsertIfMatching')
  for (let n = 0; n < 10; n++) {
    advance(1)
    await record({
      name: 'pricing.viewed',
      person: ada._id,
      idempotencyKey: [n],
      data: { seconds: 30 },
    })
  }
  await drainQueue(reactTo(reactions, oncePerBurst))
  expect(saved).toHaveBeenCalledTimes(1)
  const score = await Scores.findById(ada._id)
  expect(score!.ledgerVersion).toBeGreaterThanOrEqual(now().getTime())
})

test('thirty completed pieces of work cost at most half as many commands', async () => {
  const people = await makePeople(30)
  await runAllDue()
  await recordEvents(people, 1)
  const sent = jest.spyOn(mongoose.mongo.Collection.prototype, 'bulkWrite')
  await drainQueue(reactTo(slowReactions([])))
  expect(sent.mock.calls.length).toBeLessThanOrEqual(15)
})
