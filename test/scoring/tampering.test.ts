import mongoose, { Types } from 'mongoose'
import { days, hours, minutes } from '../../src/platform/clock'
import { config } from '../../src/platform/config'
import { migrations } from '../../src/platform/migrations'
import { isSealOf, sealOf } from '../../src/platform/record-seal'
import { purgeOldActivity } from '../../src/events/purge-activity'
import { Events } from '../../src/events/event'
import { record } from '../../src/events/record'
import { checkScores } from '../../src/leads/check-scores'
import { ScoreChecks } from '../../src/leads/score-check'
import { addLeadNote, removeLeadNote } from '../../src/leads/lead-note'
import { erasePerson } from '../../src/people/erase-person'
import { pauseSharing } from '../../src/people/pause-sharing'
import { resumeSharing } from '../../src/people/resume-sharing'
import { People, type Person } from '../../src/people/person'
import { activate, activeModel } from '../../src/scoring/model'
import { scoreAt } from '../../src/scoring/score-at'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
/** What the database has, as someone sees and changes it who isn't the academy. */
type Row = { _id: string | number | Types.ObjectId; [field: string]: unknown }
const rows = (name: string) => mongoose.connection.collection<Row>(name)
const kinds = async () => (await checkScores()).map(({ kind, subject }) => [kind, subject])

beforeAll(async () => (academy = await openAcademy()))
beforeEach(() => setTime('2026-11-23T09:00:00Z'))
afterEach(async () => {
  await mongoose.connection.dropDatabase()
  activeModel.forget()
})
afterAll(() => academy.close())

const lesson = (n: number) => ({
  lesson: `l${n}`,
  title: `L${n}`,
  topics: ['pumps'],
  minutes: 5,
  seconds: 300,
  kind: 'text',
})

/** Someone who has done enough to be a lead: two lessons a day apart, a question, a request. */
async function lead(given: Partial<Person> = {}): Promise<Person> {
  const person = await make.person({ title: 'Head of Enablement', ...given })
  const course = new Types.ObjectId()
  for (const n of [1, 2]) {
    advance(hours(12))
    await record({
      name: 'lesson.completed',
      person: person._id,
      course,
      idempotencyKey: [n],
      data: lesson(n),
    })
  }
  const asked = { text: 'How loud is it?', lesson: 'l1', title: 'L1' }
  await record({ name: 'question.asked', person: person._id, course, idempotencyKey: ['q'], data: asked })
  const request = { kind: 'demo' as const, text: 'On Monday', title: null }
  await record({ name: 'contact.requested', person: person._id, idempotencyKey: ['r'], data: request })
  await runAllDue()
  return person
}

test('nothing is found after a pause, a note that was removed and an erasure', async () => {
  const [ada, bob] = [await lead(), await lead({ company: { domain: 'x.example', name: 'X' } })]
  const rep = await make.person({ role: 'sales' })
  await pauseSharing(ada._id)
  await runAllDue()
  advance(minutes(5))
  await resumeSharing(ada._id)
  await runAllDue()
  await addLeadNote(ada._id, rep._id, 'Likes quiet pumps', 'n')
  await runAllDue()
  const { _id } = (await rows('events').findOne({ name: 'lead.noted' }))!
  const ledger = await rows('events').find({ person: ada._id }).toArray()
  await removeLeadNote(ada._id, rep._id, ledger as never, String(_id))
  await erasePerson(bob._id)
  await runAllDue()
  expect(await checkScores()).toEqual([])
  const [check] = await ScoreChecks.find()
  expect(check).toMatchObject({ people: 1, total: 0, finishedAt: expect.any(Date) })
  expect(check!.events).toBe(ledger.length + 1)
})

test.each([
  ['its data', { 'data.seconds': 900 }],
  ['its time', { at: new Date('2026-11-23T21:00:01Z') }],
  ['its name', { name: 'course.enrolled' }],
  ['its course', { course: null }],
  ['when it was recorded', { recordedAt: new Date('2026-01-01') }],
  ['its seal', { seal: 'x.y' }],
])('an event is named when %s was changed in the database', async (_what, change) => {
  const ada = await lead()
  const _id = `lesson.completed:${ada._id}:1`
  await rows('events').updateOne({ _id }, { $set: change })
  expect(await kinds()).toContainEqual(['eventChanged', _id])
})

test('an event that was given to someone else is named, and missing where it was', async () => {
  const [ada, eve] = [await lead(), await lead()]
  const _id = `question.asked:${ada._id}:q`
  await rows('events').updateOne({ _id }, { $set: { person: eve._id } })
  const found = await checkScores()
  expect(found).toContainEqual(
    expect.objectContaining({ kind: 'eventChanged', person: eve._id, subject: _id }),
  )
  expect(found).toContainEqual(
    expect.objectContaining({ kind: 'eventMissing', person: ada._id, subject: _id }),
  )
})

test.each(['lesson.completed', 'question.asked', 'contact.requested', 'lead.qualified'])(
  'an event that was deleted in the database is named: %s',
  async name => {
    const ada = await lead()
    const event = (await rows('events').findOne({ person: ada._id, name }))!
    await rows('events').deleteOne({ _id: event._id })
    expect(await kinds()).toContainEqual(['eventMissing', event._id])
  },
)

test('two events that were deleted together are counted', async () => {
  const ada = await lead()
  await rows('events').deleteMany({ person: ada._id, name: 'lesson.completed' })
  const found = await checkScores()
  expect(found).toContainEqual(expect.objectContaining({ kind: 'eventMissing', count: 2 }))
})

test('an event that was inserted in the database is named, with the points that it would bring', async () => {
  const ada = await lead()
  const copy = (await rows('events').findOne({ _id: `lesson.completed:${ada._id}:1` }))!
  const _id = `lesson.completed:${ada._id}:3`
  await rows('events').insertOne({ ...copy, _id } as never)
  const found = await checkScores()
  expect(found.map(({ kind, subject }) => [kind, subject])).toContainEqual(['eventChanged', _id])
  expect(found.find(({ kind }) => kind === 'scoreDiffers')).toMatchObject({ rules: ['lessonFinished'] })
})

test.each([
  ['its points', { 'rawPointsByRule.contactRequested': 3 }, 'scoreChanged'],
  ['its grade', { grade: 'A1' }, 'scoreChanged'],
  ['its fit', { fit: 99 }, 'scoreChanged'],
  [
    'the number of its ledger',
    { ledgerVersion: 9e15, grade: 'A1', 'rawPointsByRule.contactRequested': 3 },
    'scoreChanged',
  ],
  ['what it remembers of the ledger', { 'ledger.count': 1 }, 'scoreChanged'],
])('a score is named, and computed again, when %s was changed', async (_what, change, kind) => {
  const ada = await lead()
  const before = (await rows('scores').findOne({ _id: ada._id }))!
  await rows('scores').updateOne({ _id: ada._id }, { $set: change })
  expect(await checkScores()).toContainEqual(expect.objectContaining({ kind, person: ada._id }))
  const { grade, fit, rawPointsByRule } = (await rows('scores').findOne({ _id: ada._id }))!
  expect({ grade, fit, rawPointsByRule }).toEqual({
    grade: before.grade,
    fit: before.fit,
    rawPointsByRule: before.rawPointsByRule,
  })
  expect(await checkScores()).toEqual([])
})

test('what is held back or has lost its seal is checked all the same', async () => {
  const ada = await lead()
  const [held, gone] = [1, 2].map(n => `lesson.completed:${ada._id}:${n}`)
  // Nothing is due later than the longest wait for another attempt.
  await rows('events').updateOne({ _id: held! }, { $set: { dueAt: new Date('2999-01-01') } })
  await rows('events').deleteOne({ _id: gone! })
  expect(await kinds()).toContainEqual(['eventMissing', gone])

  await rows('scores').updateOne({ _id: ada._id }, { $set: { grade: 'A1' }, $unset: { seal: '' } })
  expect(await kinds()).toContainEqual(['scoreChanged', ''])
  expect((await kinds()).filter(([kind]) => kind === 'scoreChanged')).toEqual([])
})

test('what happens while someone is read isn’t taken for a change', async () => {
  const ada = await lead()
  const before = (await rows('events').find({ person: ada._id }).toArray()).slice(0, -1)
  const find = jest.spyOn(Events, 'find').mockReturnValueOnce(Promise.resolve(before) as never)
  expect(await kinds()).toEqual([])
  expect(find).toHaveBeenCalledTimes(2)
  find.mockRestore()
})

test('a score that was deleted comes back', async () => {
  const ada = await lead()
  await rows('scores').deleteOne({ _id: ada._id })
  expect(await kinds()).toEqual([['scoreMissing', '']])
  expect(await checkScores()).toEqual([])
})

test('the record of an earlier score is named when it was changed or deleted', async () => {
  const ada = await lead()
  const handOff = `lead.qualified:${ada._id}:1`
  await rows('score_snapshots').updateOne({ _id: handOff }, { $set: { engagement: 99 } })
  expect(await kinds()).toEqual([['snapshotChanged', handOff]])
  await rows('score_snapshots').deleteOne({ _id: handOff })
  expect(await kinds()).toEqual([['snapshotMissing', handOff]])
})

test('a version of the model is named when its content was changed', async () => {
  await lead()
  await rows('scoring_models').updateOne({ _id: 1 }, { $set: { 'content.qualifyAt': 1 } })
  expect(await kinds()).toEqual([['modelChanged', '1']])
})

test('activity that is deleted after its time isn’t missing, and its person’s score is renewed before', async () => {
  const ada = await lead()
  // Once in its last month, the score remembers its ledger without what is about to go.
  for (const wait of [372, 26]) {
    advance(days(wait))
    expect(await checkScores()).toEqual([])
    await runAllDue()
  }
  await purgeOldActivity()
  expect(await checkScores()).toEqual([])
  expect(await rows('events').countDocuments({ person: ada._id, name: 'lesson.completed' })).toBe(0)
})

test('someone whose activity ends bit by bit isn’t missing any, and is still scored', async () => {
  const ada = await lead()
  advance(days(15))
  const [course, at] = [new Types.ObjectId(), advance(0)]
  await record({ name: 'lesson.completed', person: ada._id, course, idempotencyKey: [3], data: lesson(3) })
  await runAllDue()
  for (const day of [340, 25, 21, 16, 21]) {
    advance(days(day))
    await purgeOldActivity()
    expect(await kinds()).toEqual([])
    await runAllDue()
  }
  expect((await rows('scores').findOne({ _id: ada._id }))!.at).toEqual(advance(0))
  expect(await rows('events').countDocuments({ name: 'lesson.completed', at: { $lte: at } })).toBe(0)
})

test('a check that was interrupted goes on where it stopped, and knows everyone once', async () => {
  for (let n = 0; n < 3; n++) await lead()
  const ids = (await People.find({ role: 'prospect' }).sort({ _id: 1 })).map(({ _id }) => _id)
  await ScoreChecks.create({ startedAt: advance(0), after: ids[1]!, people: 2, events: 10, total: 0 })
  await rows('scores').updateMany({}, { $set: { fit: 1 } })
  expect((await checkScores()).map(({ person }) => String(person))).toEqual([String(ids[2])])
  expect(await ScoreChecks.find()).toMatchObject([{ people: 3, total: 1 }])
})

test('administrators see what was found, with the person and the event, and when all is well', async () => {
  const ada = await lead()
  const admin = await as(await make.person({ role: 'admin' }))
  await checkScores()
  expect((await admin.get('/admin/background-jobs').expect(200)).text).toContain(
    'All scores follow from the ledger',
  )
  const _id = `question.asked:${ada._id}:q`
  await rows('events').deleteOne({ _id })
  advance(days(1))
  await checkScores()
  const { text } = await admin.get('/admin/background-jobs').expect(200)
  expect(text).toContain(_id)
  expect(text).toContain(`href="/sales/leads/${ada._id}"`)
  expect(text).toContain('An event is gone from the ledger')
})

test('events from before there were seals get theirs once, and an earlier key still checks its own', async () => {
  const ada = await lead()
  await rows('events').updateMany({}, { $unset: { seal: '' } })
  await rows('score_snapshots').updateMany({}, { $unset: { seal: '' } })
  expect((await kinds()).length).toBeGreaterThan(4)
  for (let n = 0; n < 2; n++) await migrations[9]!(mongoose.connection)
  await runAllDue()
  expect(await checkScores()).toEqual([])
  expect(await scoreAt(ada._id, advance(0))).not.toBeNull()
  const seal = sealOf('event', { b: 1, a: null })
  expect(isSealOf('event', { b: 1 }, seal)).toBe(true)
  expect(isSealOf('event', { b: 2 }, seal)).toBe(false)
  expect(isSealOf('score', { b: 1 }, seal)).toBe(false)
  const key = config.encryptionKey
  jest.replaceProperty(config, 'encryptionKey', Buffer.alloc(32, 9))
  jest.replaceProperty(config, 'earlierEncryptionKeys', [key])
  expect(isSealOf('event', { b: 1 }, seal)).toBe(true)
  expect(sealOf('event', { b: 1 })).not.toBe(seal)
  jest.replaceProperty(config, 'earlierEncryptionKeys', [])
  expect(isSealOf('event', { b: 1 }, seal)).toBe(false)
  jest.restoreAllMocks()
})

describe('the score of a past day', () => {
  test('is the same, to the byte, whatever happened since', async () => {
    const ada = await lead()
    const then = advance(0)
    const before = JSON.stringify(await scoreAt(ada._id, then))
    expect(JSON.parse(before)).toMatchObject({ model: 1, isQualified: true, grade: expect.any(String) })
    advance(days(3))
    await record({
      name: 'question.asked',
      person: ada._id,
      idempotencyKey: ['2'],
      data: { text: 'x', lesson: null, title: null },
    })
    // Late news of then: it wasn't known.
    await record({
      name: 'pricing.viewed',
      person: ada._id,
      at: then,
      idempotencyKey: [9],
      data: { seconds: 60 },
    })
    const colleague = await make.person({ company: ada.company! })
    const won = { deal: 'd', amount: 1, currency: 'EUR' }
    await record({
      name: 'opportunity.won',
      person: colleague._id,
      at: then,
      idempotencyKey: ['w'],
      data: won,
    })
    await pauseSharing(ada._id)
    await People.updateOne(
      { _id: ada._id },
      { $set: { needsAssessment: { answers: { work: 'learning' }, path: null, at: advance(1) } } },
    )
    const { content } = await activeModel()
    await activate(2, {
      ...content,
      rules: content.rules.map(rule => ({ ...rule, weight: rule.weight / 2 })),
    })
    activeModel.forget()
    await runAllDue()
    expect(JSON.stringify(await scoreAt(ada._id, then))).toBe(before)
    expect(JSON.stringify(await scoreAt(ada._id, then))).toBe(before)
  })

  test('can be asked for under any version', async () => {
    const ada = await lead()
    const then = advance(minutes(1))
    const { content } = await activeModel()
    await activate(2, {
      ...content,
      rules: content.rules.map(rule => ({ ...rule, weight: rule.weight / 2 })),
    })
    const [first, second] = [await scoreAt(ada._id, then, 1), await scoreAt(ada._id, then, 2)]
    expect(second!.scored.points).toBeCloseTo(first!.scored.points / 2, 9)
    expect(await scoreAt(ada._id, advance(days(-30)))).toMatchObject({
      scored: { points: 0 },
      isQualified: false,
    })
    await expect(scoreAt(ada._id, then, 99)).rejects.toThrow('no version 99')
    expect(await scoreAt(new Types.ObjectId(), then)).toBeNull()
  })
})
