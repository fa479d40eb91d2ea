import { isDeepStrictEqual } from 'node:util'
import { days, hours, later, minutes, now } from '../../src/platform/clock'
import { Events, isNamed, type Event } from '../../src/events/event'
import type { EventName, EventData } from '../../src/events/definitions'
import { purgeOldActivity } from '../../src/events/purge-activity'
import { record } from '../../src/events/record'
import { People, type Person } from '../../src/people/person'
import { erasePerson } from '../../src/people/erase-person'
import { objectToMarketing } from '../../src/people/object-to-marketing'
import { pauseSharing } from '../../src/people/pause-sharing'
import { resumeSharing } from '../../src/people/resume-sharing'
import { withdrawConsent } from '../../src/people/withdraw-consent'
import { blockCompetitors } from '../../src/scoring/block-competitors'
import { activeModel } from '../../src/scoring/model'
import { readKnownLedger } from '../../src/scoring/read-so-far'
import { scoreLead, scoreLeadAnew } from '../../src/leads/score-lead'
import { randomOf } from './histories'
import { checkScores } from '../../src/leads/check-scores'
import { explainScore } from '../../src/scoring/explain'
import { Leads } from '../../src/leads/lead'
import { rejectLead } from '../../src/leads/change-lead'
import { Scores } from '../../src/scoring/score'
import { salesInterestIn } from '../../src/leads/lead-state'
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

test('a learner who finishes a course, reads the pricing page and asks a question becomes a lead', async () => {
  const petra = await make.person({ role: 'sales', name: 'Petra Novotná' })
  const amara = await make.person(head)
  await qualify(amara)
  expect(await happened(amara)).toContain('lead.qualified')

  const lead = await leadOf(amara)
  expect(lead).toMatchObject({ status: 'new', trigger: 'score', sequence: 1, shared: true })
  expect(lead!.owner).toEqual(petra._id)
  expect(lead!.respondBy).toEqual(later(now(), hours(4)))
  const explained = await explainScore(amara._id)
  expect(explained!.groups.reduce((sum, group) => sum + group.points * 10, 0)).toBeCloseTo(
    explained!.points * 10,
  )
  expect(await Snapshots.findOne({ person: amara._id, kind: 'hand-off' })).toMatchObject({ model: 1 })
})

test("a learner who hasn't agreed to scoring has no score and is not handed off", async () => {
  const ada = await make.person({ ...head, consents: ['share_with_sales'] })
  await qualify(ada)
  await askForDemo(ada)
  expect(await happened(ada)).not.toContain('lead.qualified')
  expect(await scoreOf(ada)).toMatchObject({ engagement: null, fit: null, grade: null })
  expect(await explainScore(ada._id)).toBeNull()
})

test("a learner who doesn't share with sales sees their own score, and sales never sees them", async () => {
  const ada = await make.person({ ...head, consents: ['profiling'] })
  await qualify(ada)
  expect(await happened(ada)).not.toContain('lead.qualified')
  expect((await explainScore(ada._id))!.points).toBeGreaterThan(60)
  expect(await scoreOf(ada)).toMatchObject({ isNearThreshold: false, search: [] })
})

test.each([
  ['a student by title', { title: 'Student of marketing' }],
  ['a person with a university address', { emailKind: 'university' as const, company: null }],
  ['a person with a disposable address', { emailKind: 'disposable' as const, company: null }],
])('%s is never handed off, not even after a contact request', async (_who, profile) => {
  const person = await make.person({ ...head, ...profile })
  await askForDemo(person)
  expect(await happened(person)).not.toContain('lead.qualified')
})

test('a contact request qualifies immediately, whatever the score', async () => {
  const viktor = await make.person({ title: null })
  await askForDemo(viktor)
  await runAllDue()
  expect(await leadOf(viktor)).toMatchObject({ status: 'new', trigger: 'contact_request' })
})

test('two workers that score one person at the same time hand them off once', async () => {
  const ada = await make.person(head)
  await qualify(ada)
  await Promise.all(Array.from({ length: 8 }, () => scorePerson(ada._id, salesInterestIn)))
  await runAllDue()
  expect(await count(ada, 'lead.qualified')).toBe(1)
  expect(await Snapshots.count({ person: ada._id, kind: 'hand-off' })).toBe(1)
})

test('a worker that dies between the decision and the lead record leaves nothing undone', async () => {
  const ada = await make.person(head)
  await qualify(ada)
  await runAllDue()
  const before = [await scoreOf(ada), await leadOf(ada)]
  await Scores.deleteOne({ _id: ada._id })
  await Leads.updateOne({ _id: ada._id }, { $set: { status: 'closed', ledgerVersion: 0, changeCount: 7 } })
  await Events.updateMany({ person: ada._id }, { $set: { dueAt: now() } })
  await runAllDue()
  expect([await scoreOf(ada), await leadOf(ada)]).toEqual(
    before.map(stored =>
      expect.objectContaining(without(stored, ['leaseToken', 'leaseUntil', 'attempts', 'assignedAt'])),
    ),
  )
  expect(await count(ada, 'lead.qualified')).toBe(1)
})

test('after weeks of silence a lead drops out, and the worker notices by itself', async () => {
  const ada = await make.person(head)
  await qualify(ada)
  await runAllDue()
  for (let step = 0; step < 5; step++) {
    advance(days(4))
    await runAllDue()
  }
  expect(await last(ada, 'lead.disqualified')).toMatchObject({ data: { reason: 'cooled' } })
  expect((await last(ada, 'lead.disqualified'))!.data.score).toBeLessThan(45)
  expect(await leadOf(ada)).toMatchObject({ status: 'closed', closed: { reason: 'cooled' } })
})

test('between the two thresholds a lead stays a lead, and a learner stays a learner', async () => {
  const [ada, ben] = [await make.person(head), await make.person(head)]
  await qualify(ada)
  await recordEvents(ben, 'course.completed', 'certificate.issued')
  await recordEvents(
    ben,
    'lesson.completed',
    'lesson.completed',
    'lesson.completed',
    'lesson.completed',
    'lesson.completed',
    'lesson.completed',
  )
  await recordEvents(ben, 'question.asked')
  await recordEvents(ben, 'pricing.viewed')
  await runAllDue()
  advance(days(3))
  await Promise.all([scorePerson(ada._id, salesInterestIn), scorePerson(ben._id, salesInterestIn)])
  const [adaScore, benScore] = [await scoreOf(ada), await scoreOf(ben)]
  expect(adaScore).toMatchObject({ isQualified: true, isNearThreshold: false })
  expect(benScore).toMatchObject({ isQualified: false })
  expect(await count(ben, 'lead.qualified')).toBe(0)
})

test('within 30 days of a hand-off, only a contact request hands the lead off again', async () => {
  const ada = await make.person(head)
  await qualify(ada)
  await runAllDue()
  advance(days(20))
  await runAllDue()
  expect(await scoreOf(ada)).toMatchObject({ isQualified: false })
  await qualify(ada)
  await runAllDue()
  expect(await count(ada, 'lead.qualified')).toBe(1)
  await askForDemo(ada)
  await runAllDue()
  expect((await last(ada, 'lead.qualified'))!.data).toMatchObject({ trigger: 'contact_request', sequence: 2 })
})

test('after 30 days, new activity hands the lead off again as soon as the wait is over', async () => {
  const ada = await make.person(head)
  await qualify(ada)
  await runAllDue()
  for (const day of [10, 10, 9]) {
    advance(days(day))
    await runAllDue()
  }
  await qualify(ada)
  await runAllDue()
  expect(await count(ada, 'lead.qualified')).toBe(1)
  advance(days(1) + minutes(1))
  await runAllDue()
  expect(await count(ada, 'lead.qualified')).toBe(2)
})

test('pausing sharing takes the lead away from sales immediately', async () => {
  const ada = await make.person(head)
  await qualify(ada)
  await runAllDue()
  await pauseSharing(ada._id)
  await runAllDue()
  expect(await last(ada, 'lead.disqualified')).toMatchObject({ data: { reason: 'paused' } })
  expect(await leadOf(ada)).toMatchObject({ status: 'closed', shared: false, search: [], reasons: [] })
})

test('an objection to marketing removes the score and closes the lead immediately', async () => {
  const ada = await make.person(head)
  await qualify(ada)
  await runAllDue()
  await objectToMarketing(ada._id)
  await runAllDue()
  expect(await last(ada, 'lead.disqualified')).toMatchObject({ data: { reason: 'objection', score: null } })
  expect(await scoreOf(ada)).toMatchObject({ engagement: null, rawPointsByRule: {}, dueAt: null })
  expect(await leadOf(ada)).toMatchObject({ status: 'closed', shared: false })
})

test('after a deletion nothing about the person is left but the count', async () => {
  const ada = await make.person({ ...head, name: 'Ada Vanishing' })
  await qualify(ada)
  await runAllDue()
  await rejectLead((await leadOf(ada))!, ada._id, 'other', 'Ada told me on the phone')
  await erasePerson(ada._id)
  await runAllDue()
  expect(await scoreOf(ada)).toBeNull()
  expect(await Snapshots.count({ person: ada._id })).toBe(0)
  expect(JSON.stringify(await leadOf(ada))).not.toMatch(/\bada\b|phone/i)
  expect(await leadOf(ada)).toMatchObject({ shared: false })
})

test('new leads go to the teammate with the fewest open leads', async () => {
  await make.person({ role: 'sales', name: 'Idris Bello' })
  const people = await Promise.all(Array.from({ length: 4 }, () => make.person(head)))
  for (const person of people) {
    await askForDemo(person)
    await runAllDue()
    advance(minutes(1))
  }
  const sellers = await People.find({ role: 'sales' })
  const open = await Promise.all(sellers.map(({ _id }) => Leads.count({ owner: _id, rank: { $in: [0, 1] } })))
  expect(Math.max(...open) - Math.min(...open)).toBeLessThanOrEqual(1)
})

test('the nightly check names each score that differs from the ledger, and corrects it', async () => {
  setTime('2027-06-01T09:00:00Z')
  const ada = await make.person(head)
  await qualify(ada)
  await runAllDue()
  expect(await checkScores()).toEqual([])
  await Scores.updateOne({ _id: ada._id }, { $set: { 'rawPointsByRule.courseFinished': 3 } })
  const found = await checkScores()
  expect(found.map(({ kind, person }) => [kind, person])).toEqual([
    ['scoreChanged', ada._id],
    ['scoreDiffers', ada._id],
  ])
  expect(found[1]!.rules).toEqual(['courseFinished'])
  expect(await checkScores()).toEqual([])
})

test('someone who did a lot is scored from what is stored and what is new; nothing stored wrong counts', async () => {
  setTime('2027-06-01T09:00:00Z')
  const seed = Number(process.env.SCORE_SEED ?? 7)
  const random = randomOf(seed)
  const ada = await make.person(head)
  await qualify(ada)
  // A third of them is from long ago, and deleted soon.
  const ago = (n: number) => later(now(), -days(n % 3 ? n / 12 : 394))
  await Promise.all(
    Array.from({ length: 330 }, (_, n) =>
      recordAt(ada, ago(n), n % 8 ? 'lesson.completed' : 'pricing.viewed'),
    ),
  )
  await runAllDue()
  const isRead = async () => (await readKnownLedger(ada._id, await activeModel(), now())).isWhole
  const steps = {
    'new events': async () => recordEvents(ada, 'lesson.completed', 'course.completed', 'question.asked'),
    'a request': async () => askForDemo(ada),
    'an event from before': async () => recordAt(ada, later(now(), -days(3)), 'pricing.viewed'),
    'time passes': async () => void advance(days(1.5) * random()),
    'sales responds': async () => rejectLead((await leadOf(ada))!, ada._id, 'other', '').catch(() => {}),
    'old activity is deleted': async () => {
      advance(days(1))
      await purgeOldActivity()
      await recordEvents(ada, 'plans.compared')
    },
    'what is stored is changed': async () => {
      await Scores.updateOne({ _id: ada._id }, { $set: { 'soFar.score.sums.0': 1000 } })
      await recordEvents(ada, 'pricing.viewed')
    },
    'sharing is paused': async () => pauseSharing(ada._id),
    'and resumed': async () => resumeSharing(ada._id),
  }
  const names = Object.keys(steps) as (keyof typeof steps)[]
  let shortcuts = 0
  for (let n = 0; n < 15; n++) {
    advance(minutes(3))
    const name = n < names.length ? names[n]! : names[Math.floor(random() * names.length)]!
    await steps[name]()
    await runAllDue()
    if (!(await isRead())) shortcuts++
    await scoreLead({ person: ada._id })
    const found = await shown(ada)
    await scoreLeadAnew(ada._id)
    const anew = await shown(ada)
    if (!isDeepStrictEqual(found, anew)) throw new Error(`SCORE_SEED=${seed}, step ${n}: ${name}`)
  }
  expect(shortcuts).toBeGreaterThan(10)

  // An event that is gone is missing from the ledger, and its points from the score.
  const [gone] = await Events.find({ person: ada._id, name: 'course.completed' }).sort({ at: -1 }).limit(1)
  await Events.deleteOne({ _id: gone!._id })
  const found = (await checkScores()).filter(({ person }) => person?.equals(ada._id))
  expect(found.map(({ kind, subject }) => [kind, subject])).toContainEqual(['eventMissing', gone!._id])
  expect((await checkScores()).filter(({ kind }) => kind === 'scoreDiffers')).toEqual([])
  const figures = await scoreOf(ada)
  await blockCompetitors(['elsewhere.example'], (await activeModel())._id)
  await recordEvents(ada, 'pricing.viewed')
  await runAllDue()
  expect((await scoreOf(ada))!.soFar!.model).not.toBe(figures!.soFar!.model)
  await withdrawConsent(ada._id, 'profiling')
  await runAllDue()
  expect(await scoreOf(ada)).toMatchObject({ engagement: null, soFar: null })
}, 300_000)

/** What everyone sees of a person: the figures and reasons of their score, and their lead. */
async function shown(person: Person) {
  const [score, lead] = await Promise.all([scoreOf(person), leadOf(person)])
  const { engagement, fit, grade, rawPointsByRule, pointsByGroup, isQualified, reasons, ledgerVersion } =
    score!
  return { engagement, fit, grade, rawPointsByRule, pointsByGroup, isQualified, reasons, ledgerVersion, lead }
}

const recordAt = (person: Person, at: Date, name: EventName) =>
  record({ name, person: person._id, at, idempotencyKey: [serial++], data: dataOf[name]! })

test('the score as of a past day leaves out later activity', async () => {
  const ada = await make.person(head)
  await recordEvents(ada, 'course.completed')
  advance(days(2))
  await askForDemo(ada)
  await runAllDue()
  const then = await explainScore(ada._id, later(now(), -days(1)))
  expect(then!.groups.map(({ group }) => group)).toEqual(['learning'])
})

async function qualify(person: Person) {
  await recordEvents(person, ...Array<EventName>(6).fill('lesson.completed'))
  await recordEvents(
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
  await recordEvents(person, 'question.asked')
}

let serial = 0

const dataOf: { [N in EventName]?: EventData[N] } = {
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

async function recordEvents(person: Person, ...names: EventName[]) {
  for (const name of names) {
    await record({ name, person: person._id, idempotencyKey: [serial++], data: dataOf[name]! })
  }
}

const askForDemo = (person: Person) => recordEvents(person, 'contact.requested')
const leadOf = (person: Person) => Leads.findById(person._id)
const scoreOf = (person: Person) => Scores.findById(person._id)
const count = (person: Person, name: EventName) => Events.count({ person: person._id, name })
async function last<N extends EventName>(person: Person, name: N): Promise<Event<N> | undefined> {
  return (await Events.find({ person: person._id, name }).sort({ at: -1 }).limit(1)).filter(isNamed(name))[0]
}

function without(record: object | null, fields: string[]): object {
  return Object.fromEntries(Object.entries(record!).filter(([field]) => !fields.includes(field)))
}
