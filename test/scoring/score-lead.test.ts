import { days, hours, later, minutes, now } from '../../src/platform/clock'
import { Events, type Event, type EventName, type EventData } from '../../src/events/event'
import { record } from '../../src/events/record'
import { People, type Person } from '../../src/people/person'
import { erasePerson } from '../../src/people/erase-person'
import { objectToMarketing } from '../../src/people/object-to-marketing'
import { pauseSharing } from '../../src/people/pause-sharing'
import { checkScores } from '../../src/leads/check-scores'
import { explainScore } from '../../src/scoring/explain'
import { Leads, type Lead } from '../../src/leads/lead'
import { rejectLead } from '../../src/leads/reject-lead'
import { Scores, type Score } from '../../src/scoring/score'
import { scorePerson } from '../../src/scoring/score-person'
import { Snapshots } from '../../src/scoring/snapshot'
import { openAcademy, type Academy } from '../kit/academy'
import { setTime, advance } from '../kit/clock'
import { runAllDue, happened } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())
beforeEach(() => setTime('2026-11-23T09:00:00Z'))

const head = { title: 'Head of Enablement' }

test('somebody who finishes a course, reads the prices and asks is handed over, with an owner', async () => {
  const petra = await make.person({ role: 'sales', name: 'Petra Novotná' })
  const amara = await make.person(head)
  await becomesReady(amara)
  expect(await happened(amara)).toContain('lead.qualified')

  const lead = await leadOf(amara)
  expect(lead).toMatchObject({ status: 'new', trigger: 'score', sequence: 1, shared: true })
  expect(lead!.owner).toEqual(petra._id)
  expect(lead!.respondBy).toEqual(later(now(), hours(4)))
  const explained = await explainScore(amara._id)
  expect(explained!.groups.reduce((sum, group) => sum + group.points * 10, 0)).toBeCloseTo(
    explained!.points * 10,
  )
  expect(await Snapshots.findOne({ person: amara._id, kind: 'hand-off' }).lean()).toMatchObject({ model: 1 })
})

test('whoever has not agreed to profiling has no score, and nothing is handed over', async () => {
  const ada = await make.person({ ...head, consents: ['share_with_sales'] })
  await becomesReady(ada)
  await raisesHand(ada)
  expect(await happened(ada)).not.toContain('lead.qualified')
  expect(await scoreOf(ada)).toMatchObject({ engagement: null, fit: null, grade: null })
  expect(await explainScore(ada._id)).toBeNull()
})

test('whoever does not share with sales sees their own score, and sales never hears of it', async () => {
  const ada = await make.person({ ...head, consents: ['profiling'] })
  await becomesReady(ada)
  expect(await happened(ada)).not.toContain('lead.qualified')
  expect((await explainScore(ada._id))!.points).toBeGreaterThan(60)
  expect(await scoreOf(ada)).toMatchObject({ isNearThreshold: false, search: [] })
})

test.each([
  ['a student by title', { title: 'Student of marketing' }],
  ['somebody with university mail', { emailKind: 'university' as const, company: null }],
  ['somebody with throw-away mail', { emailKind: 'disposable' as const, company: null }],
])('%s is never handed over, not even with a contact request', async (_who, profile) => {
  const person = await make.person({ ...head, ...profile })
  await raisesHand(person)
  expect(await happened(person)).not.toContain('lead.qualified')
})

test('a contact request qualifies at once, whatever the score', async () => {
  const viktor = await make.person({ title: null })
  await raisesHand(viktor)
  await runAllDue()
  expect(await leadOf(viktor)).toMatchObject({ status: 'new', trigger: 'contact_request' })
})

test('two workers that score one person at once hand them over once', async () => {
  const ada = await make.person(head)
  await becomesReady(ada)
  await Promise.all(Array.from({ length: 8 }, () => scorePerson(ada._id)))
  await runAllDue()
  expect(await count(ada, 'lead.qualified')).toBe(1)
  expect(await Snapshots.countDocuments({ person: ada._id, kind: 'hand-off' })).toBe(1)
})

test('a worker that dies between the decision and the record leaves nothing undone', async () => {
  const ada = await make.person(head)
  await becomesReady(ada)
  await runAllDue()
  const before = [await scoreOf(ada), await leadOf(ada)]
  await Scores.deleteOne({ _id: ada._id })
  await Leads.updateOne(
    { _id: ada._id },
    { $set: { status: 'closed', ledgerVersion: 0, dispositionCount: 7 } },
  )
  await Events.updateMany({ person: ada._id }, { $set: { dueAt: now() } })
  await runAllDue()
  expect([await scoreOf(ada), await leadOf(ada)]).toEqual(
    before.map(kept =>
      expect.objectContaining(without(kept, ['leaseToken', 'leaseUntil', 'attempts', 'assignedAt'])),
    ),
  )
  expect(await count(ada, 'lead.qualified')).toBe(1)
})

test('silence takes somebody below the exit, and the worker notices by itself', async () => {
  const ada = await make.person(head)
  await becomesReady(ada)
  await runAllDue()
  for (let step = 0; step < 5; step++) {
    advance(days(4))
    await runAllDue()
  }
  expect(await last(ada, 'lead.disqualified')).toMatchObject({ data: { reason: 'cooled' } })
  expect((await last(ada, 'lead.disqualified'))!.data.score).toBeLessThan(45)
  expect(await leadOf(ada)).toMatchObject({ status: 'closed', closedReason: 'cooled' })
})

test('between exit and enter somebody stays what they were', async () => {
  const [ada, ben] = [await make.person(head), await make.person(head)]
  await becomesReady(ada)
  await happens(ben, 'course.completed', 'certificate.issued')
  await happens(
    ben,
    'lesson.completed',
    'lesson.completed',
    'lesson.completed',
    'lesson.completed',
    'lesson.completed',
    'lesson.completed',
  )
  await happens(ben, 'question.asked')
  await happens(ben, 'pricing.viewed')
  await runAllDue()
  advance(days(3))
  await Promise.all([scorePerson(ada._id), scorePerson(ben._id)])
  const [hers, his] = [await scoreOf(ada), await scoreOf(ben)]
  expect(hers).toMatchObject({ isQualified: true, isNearThreshold: false })
  expect(his).toMatchObject({ isQualified: false })
  expect(await count(ben, 'lead.qualified')).toBe(0)
})

test('within 30 days of a hand-off only a contact request hands over again', async () => {
  const ada = await make.person(head)
  await becomesReady(ada)
  await runAllDue()
  advance(days(20))
  await runAllDue()
  expect(await scoreOf(ada)).toMatchObject({ isQualified: false })
  await becomesReady(ada)
  await runAllDue()
  expect(await count(ada, 'lead.qualified')).toBe(1)
  await raisesHand(ada)
  await runAllDue()
  expect((await last(ada, 'lead.qualified'))!.data).toMatchObject({ trigger: 'contact_request', sequence: 2 })
})

test('30 days later something new hands over again, and the waiting time ends by itself', async () => {
  const ada = await make.person(head)
  await becomesReady(ada)
  await runAllDue()
  for (const day of [10, 10, 9]) {
    advance(days(day))
    await runAllDue()
  }
  await becomesReady(ada)
  await runAllDue()
  expect(await count(ada, 'lead.qualified')).toBe(1)
  advance(days(1) + minutes(1))
  await runAllDue()
  expect(await count(ada, 'lead.qualified')).toBe(2)
})

test('pausing takes the lead away from sales at once; resuming alone brings nothing back', async () => {
  const ada = await make.person(head)
  await becomesReady(ada)
  await runAllDue()
  await pauseSharing(ada._id)
  await runAllDue()
  expect(await last(ada, 'lead.disqualified')).toMatchObject({ data: { reason: 'paused' } })
  expect(await leadOf(ada)).toMatchObject({ status: 'closed', shared: false, search: [], reasons: [] })
})

test('an objection to marketing ends score and lead at once', async () => {
  const ada = await make.person(head)
  await becomesReady(ada)
  await runAllDue()
  await objectToMarketing(ada._id)
  await runAllDue()
  expect(await last(ada, 'lead.disqualified')).toMatchObject({ data: { reason: 'objection', score: null } })
  expect(await scoreOf(ada)).toMatchObject({ engagement: null, sums: {}, dueAt: null })
  expect(await leadOf(ada)).toMatchObject({ status: 'closed', shared: false })
})

test('of somebody who has themselves erased nothing is kept but the count', async () => {
  const ada = await make.person({ ...head, name: 'Ada Vanishing' })
  await becomesReady(ada)
  await runAllDue()
  await rejectLead((await leadOf(ada))!, ada._id, 'other', 'Ada told me on the telephone')
  await erasePerson(ada._id)
  await runAllDue()
  expect(await scoreOf(ada)).toBeNull()
  expect(await Snapshots.countDocuments({ person: ada._id })).toBe(0)
  expect(JSON.stringify(await leadOf(ada))).not.toMatch(/\bada\b|telephone/i)
  expect(await leadOf(ada)).toMatchObject({ shared: false })
})

test('leads go round the sales people: the fewest open ones first', async () => {
  await make.person({ role: 'sales', name: 'Idris Bello' })
  const people = await Promise.all(Array.from({ length: 4 }, () => make.person(head)))
  for (const person of people) {
    await raisesHand(person)
    await runAllDue()
    advance(minutes(1))
  }
  const sellers = await People.find({ role: 'sales' }).lean<Person[]>()
  const open = await Promise.all(
    sellers.map(({ _id }) => Leads.countDocuments({ owner: _id, rank: { $in: [0, 1] } })),
  )
  expect(Math.max(...open) - Math.min(...open)).toBeLessThanOrEqual(1)
})

test('the nightly check names whoever differs from the ledger, and puts it right', async () => {
  setTime('2027-06-01T09:00:00Z')
  const ada = await make.person(head)
  await becomesReady(ada)
  await runAllDue()
  expect(await checkScores()).toEqual([])
  await Scores.updateOne({ _id: ada._id }, { $set: { 'sums.courseFinished': 3 } })
  expect((await checkScores()).map(({ person }) => person)).toEqual([ada._id])
  expect(await checkScores()).toEqual([])
})

test('the score as of a past day knows nothing of what came later', async () => {
  const ada = await make.person(head)
  await happens(ada, 'course.completed')
  advance(days(2))
  await raisesHand(ada)
  await runAllDue()
  const then = await explainScore(ada._id, later(now(), -days(1)))
  expect(then!.groups.map(({ group }) => group)).toEqual(['learning'])
})

async function becomesReady(person: Person) {
  await happens(person, ...Array<EventName>(6).fill('lesson.completed'))
  await happens(
    person,
    'course.completed',
    'certificate.issued',
    'question.asked',
    'plans.compared',
    'pricing.viewed',
  )
  await record({
    name: 'pricing.viewed',
    person: person._id,
    at: later(now(), -hours(1)),
    idempotencyKey: [serial++],
    data: { seconds: 60 },
  })
  await happens(person, 'question.asked')
}

let serial = 0

const says: { [N in EventName]?: EventData[N] } = {
  'lesson.completed': {
    lesson: 'one',
    title: 'One',
    topics: ['scoring'],
    minutes: 5,
    seconds: 300,
    kind: 'text',
  },
  'course.completed': { revision: 'r', title: 'Read the evidence', topics: ['scoring'] },
  'certificate.issued': { certificate: 'c', title: 'Read the evidence' },
  'question.asked': { text: 'Does it write to our CRM?', lesson: null, title: null },
  'plans.compared': { seconds: 48 },
  'pricing.viewed': { seconds: 82 },
  'contact.requested': { kind: 'demo', text: '', title: 'Read the evidence' },
}

async function happens(person: Person, ...names: EventName[]) {
  for (const name of names) {
    await record({ name, person: person._id, idempotencyKey: [serial++], data: says[name] as never })
  }
}

const raisesHand = (person: Person) => happens(person, 'contact.requested')
const leadOf = (person: Person) => Leads.findById(person._id).lean<Lead>()
const scoreOf = (person: Person) => Scores.findById(person._id).lean<Score>()
const count = (person: Person, name: EventName) => Events.countDocuments({ person: person._id, name })
const last = <N extends EventName>(person: Person, name: N) =>
  Events.findOne({ person: person._id, name }).sort({ at: -1 }).lean<Event<N>>()

function without(record: object | null, fields: string[]): object {
  return Object.fromEntries(Object.entries(record!).filter(([field]) => !fields.includes(field)))
}
