import { AuditEntries } from '../../src/events/audit'
import { Events } from '../../src/events/event'
import { record } from '../../src/events/record'
import { addProfileQuestion, saveAnswers, profileQuestions } from '../../src/people/profile-question'
import type { Person } from '../../src/people/person'
import { days, hours, later, minutes, now } from '../../src/platform/clock'
import { currentPeople } from '../../src/scoring/current-people'
import { effectOf } from '../../src/scoring/effect'
import { firstModel } from '../../src/scoring/first-model'
import { activate, activeModel, Models } from '../../src/scoring/model'
import { modelDraft, publishModel, saveModelDraft } from '../../src/scoring/model-draft'
import { Scores } from '../../src/scoring/score'
import { Types } from 'mongoose'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let lena: Person
let ada: Person
let boss: Visitor
let rep: Visitor
const size = new Types.ObjectId()
const draftPath = '/admin/scoring-model/draft'

beforeAll(async () => {
  academy = await openAcademy()
  activeModel.forget()
  setTime('2026-11-23T09:00:00Z')
  lena = await make.person({ role: 'sales-lead', name: 'Lena Voss' })
  ;[boss, rep] = [await as(lena), await as(await make.person({ role: 'sales' }))]
  const question = { label: 'How many pumps?', purpose: 'Fit', type: 'number' as const, choices: [] }
  await addProfileQuestion({ _id: size, ...question, required: false, forSales: true }, lena._id)
  ada = await make.person({ name: 'Ada Pump', title: 'Head of Training', country: 'GB' })
  const course = new Types.ObjectId()
  await record({
    ...{
      name: 'course.completed',
      person: ada._id,
      course,
      at: later(now(), -days(7)),
      idempotencyKey: [course],
    },
    data: { revision: '', title: 'Pumps', topics: ['efficiency'] },
  })
  for (const n of [1, 2, 3]) {
    const data = { text: `Question ${n}?`, lesson: null, title: null }
    await record({
      name: 'question.asked',
      person: ada._id,
      at: later(now(), -hours(n)),
      idempotencyKey: [n],
      data,
    })
  }
  await runAllDue()
})
afterAll(async () => {
  activeModel.forget()
  await academy.close()
})
beforeEach(() => currentPeople.forget())

const post = async (path: string, fields: Record<string, unknown> = {}) =>
  boss.post(`${draftPath}/${path}`, { draftNumber: (await modelDraft()).draftNumber, ...fields })
const question = {
  ...{ name: 'Question asked', group: 'intent', events: 'question.asked' },
  ...{ weight: '6', halfLife: '14', cap: '12', passed: '' },
}
const named = (name: 'lead.qualified' | 'person.updated') => Events.find({ person: ada._id, name })
const draftRule = async (id: string) => (await modelDraft()).content.rules.find(rule => rule.id === id)
const verdictIn = (html: string) =>
  html
    .slice(html.indexOf('scoring-verdict'))
    .split('</p>')[0]!
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')

test('a weight is raised: the effect at once, the draft, the diff, and back again', async () => {
  expect((await rep.get(draftPath)).status).toBe(403)
  const page = (await boss.get(`${draftPath}?edit=rules.questionAsked`).expect(200)).text
  expect(page).toContain('Hits 3 times in 90 days. People: 1. At the cap: 1.')

  const typed = { ...question, weight: '40', cap: '100' }
  // The group of buying intent lets 40 points through: 12 before, and her course counts 8.4 after a week.
  const preview = (await post('rules/questionAsked', { ...typed, preview: '1' })).text
  expect(preview).not.toContain('<html')
  expect(preview).toContain('20.4')
  expect(preview).toContain('48.5')
  expect((await modelDraft()).draftNumber).toBe(0)
  expect((await post('rules/questionAsked', { ...typed, weight: '4o', preview: '1' })).status).toBe(422)

  const refused = await post('rules/questionAsked', { ...typed, name: ' ', weight: '-6' })
  expect(refused.status).toBe(422)
  expect(refused.text).toContain('Enter a name.')
  expect(refused.text).toContain('value="-6"')

  await post('rules/questionAsked', typed).then(({ status }) => expect(status).toBe(303))
  // The name that ships stays a translation.
  expect(await draftRule('questionAsked')).toEqual({
    ...firstModel.rules.find(({ id }) => id === 'questionAsked'),
    ...{ weight: 40, cap: 100 },
  })
  const saved = (await boss.get(`${draftPath}?edit=rules.questionAsked`).expect(200)).text
  expect(saved).toContain('1 change')
  expect(saved).toContain('was 6')
  const diff = (await boss.get('/admin/scoring-model/publications/new').expect(200)).text
  expect(diff).toMatch(/Points<\/td>\s*<td[^>]*><del>6<\/del><\/td>\s*<td[^>]*>40</)

  // Someone who opened the form before is told, and keeps what they typed.
  const late = await post('rules/questionAsked', { ...typed, weight: '7', draftNumber: 0 })
  expect(late.status).toBe(409)
  expect(late.text).toContain('value="7"')

  await post('rules/questionAsked', { change: 'back' })
  expect((await modelDraft()).content).toEqual(firstModel)
  expect((await boss.get('/admin/scoring-model/versions/1').expect(200)).text).not.toContain('competitors')
})

test('a removed rule can be put back where it was, and rules and sets are added, moved and removed', async () => {
  await post('rules/pricingViewed', { change: 'remove' })
  expect((await boss.get(draftPath)).text).toMatch(/<del>Pricing page read<\/del>/)
  await post('rules/pricingViewed', { change: 'back' })
  expect((await modelDraft()).content).toEqual(firstModel)

  const fields = { ...question, name: 'Asked about prices', topics: ['pricing'], minSeconds: '' }
  await post('rules/new', fields)
  expect(await draftRule('asked-about-prices')).toEqual({
    ...{ id: 'asked-about-prices', name: 'Asked about prices', group: 'intent', events: ['question.asked'] },
    ...{ only: { topics: ['pricing'] }, weight: 6, halfLife: 14, cap: 12 },
  })
  await post('sets/new', { name: 'Size', take: 'all', cap: '30' })
  const fit = { set: 'size', fact: 'answer', points: '25', question: String(size), from: '50', to: '' }
  expect((await post('fit/new', { ...fit, name: 'Many pumps', from: '' })).text).toContain(
    'Say what the answer',
  )
  await post('fit/new', { ...fit, name: 'Many pumps' })
  expect((await modelDraft()).content.fit.at(-1)).toEqual({
    ...{ id: 'size', name: 'Size', take: 'all', cap: 30 },
    rules: [
      {
        ...{ id: 'many-pumps', name: 'Many pumps', points: 25 },
        when: { fact: 'answer', question: String(size), values: [], from: 50, to: null },
      },
    ],
  })
  expect((await boss.get(`${draftPath}?tab=fit`)).text).toContain('How many pumps?: 50 – …')
  expect((await post('sets/size', { change: 'remove' })).status).toBe(422)
  await post('sets/size', { change: 'up' })
  expect((await modelDraft()).content.fit.map(({ id }) => id).slice(-2)).toEqual(['size', 'needs'])
  expect((await post('rules/nobody', { change: 'remove' })).status).toBe(404)
  expect((await post('removal')).status).toBe(303)
  expect((await modelDraft()).draftNumber).toBe(0)
})

test('a rule can be called Constructor, and a computation that nobody waits for ends', async () => {
  await post('rules/new', { ...question, name: 'Constructor' })
  const { base, content } = await modelDraft()
  expect(content.rules.at(-1)).toMatchObject({ id: 'constructor-2', name: 'Constructor' })
  await post('removal')
  const { people } = await currentPeople()
  const compared = { active: base.content, draft: content, version: base._id, at: now() }
  const rest = jest.fn(() => Promise.resolve())
  await effectOf(people, compared, rest)
  expect(rest).toHaveBeenCalledTimes(people.length)
  rest.mockRejectedValue(new Error('left'))
  await expect(effectOf(people, compared, rest)).rejects.toThrow('left')
})

test('thresholds that cross are refused', async () => {
  const grid = {
    a: '70',
    b: '45',
    one: '62',
    two: '45',
    hoursBetweenChanges: '24',
    daysBetweenHandOffs: '30',
  }
  const refused = await post('grid/all', { ...grid, qualifyAt: '40', disqualifyBelow: '45', grades: ['A1'] })
  expect(refused.status).toBe(422)
  expect(refused.text).toContain('has to drop out at a lower score')
})

test('what looks wrong is said: unreachable scores, rules that cancel out', async () => {
  const caps = { learning: '20', intent: '20', account: '10', negative: '20' }
  await post('groups/all', caps)
  await post('rules/new', { ...question, name: 'Asks too much', group: 'negative', weight: '-1' })
  const { text } = await boss.get(`${draftPath}?tab=checks`)
  expect(text).toContain('Nobody can reach a score of 60')
  expect(text).toContain('“Question asked” and “Asks too much” give and take points for the same events.')
  await post('removal')
})

test('a file is a model too: exported, checked against its schema, imported as the draft', async () => {
  const exported = await boss.get(`${draftPath}/export.json`).expect(200)
  const schema = await boss.get('/admin/scoring-model/schema.json').expect(200)
  expect(JSON.parse(schema.text)).toMatchObject({ type: 'object', additionalProperties: false })
  const { $schema: _schema, ...model } = JSON.parse(exported.text)
  expect(model).toEqual(firstModel)
  const send = async (text: string) =>
    boss.post('/admin/scoring-model/imports', { model: text, draftNumber: (await modelDraft()).draftNumber })
  expect((await send('{"rules":')).text).toContain('This isn&#39;t JSON')
  const wrong = await send(JSON.stringify({ ...model, qualifyAt: 400, extra: 1 }))
  expect(wrong.status).toBe(422)
  expect(wrong.text).toContain('qualifyAt')
  expect(wrong.text).toContain('&#34;extra&#34;')
  // Points are kept by id in plain objects, which have a constructor of their own.
  const rules = [...model.rules, { ...model.rules[0], id: 'constructor' }]
  expect((await send(JSON.stringify({ ...model, rules }))).status).toBe(422)
  const gift = { ...model.rules[0], id: 'gift', group: 'negative', weight: 9 }
  expect((await send(JSON.stringify({ ...model, rules: [gift] }))).status).toBe(422)
  // A file from before the formula of today would be replaced as soon as it is active.
  const { formula, ...older } = model
  const blocked = { ...model.blocked, domains: [' Rival.COM'] }
  await send(JSON.stringify({ ...older, blocked, qualifyAt: 55 }))
  const { content } = await modelDraft()
  expect(content).toMatchObject({ formula, qualifyAt: 55, blocked: { domains: ['rival.com'] } })
  await post('removal')
})

test('comments stay with the version; only their author can delete them', async () => {
  const key = String(new Types.ObjectId())
  await post('comments', { text: 'Questions come first', key })
  await post('comments', { text: 'Questions come first', key })
  expect((await post('comments', { text: '', key })).status).toBe(422)
  const { text } = await boss.get(`${draftPath}?tab=comments`)
  expect(text.split('Questions come first')).toHaveLength(2)
  const other = await as(await make.person({ role: 'sales-lead' }))
  expect((await other.post(`${draftPath}/comments/${key}/removal`)).status).toBe(404)
  expect((await other.get(`${draftPath}?tab=comments`)).text).toContain('Questions come first')
  expect((await other.get('/account/data/export.json')).text ?? '').not.toContain('Questions come first')
})

test('a publication asks why, is one version however often it is clicked, and moves people by events', async () => {
  const other = await make.person({ name: 'Bo Quiet' })
  await record({ name: 'pricing.viewed', person: other._id, idempotencyKey: [1], data: { seconds: 60 } })
  await runAllDue()
  currentPeople.forget()
  await post('rules/questionAsked', { ...question, weight: '60', cap: '100' })
  const grades = ['A1', 'A2', 'A3', 'B1', 'B2', 'B3']
  const grid = {
    a: '70',
    b: '45',
    one: '62',
    two: '30',
    hoursBetweenChanges: '24',
    daysBetweenHandOffs: '30',
  }
  await post('grid/all', { ...grid, qualifyAt: '45', disqualifyBelow: '30', grades })
  const page = (await boss.get(draftPath)).text
  expect(verdictIn(page)).toContain('1 more would qualify')
  expect((await boss.get(`${draftPath}/people?move=up`)).text).toContain('Ada Pump')

  const { draftNumber } = await modelDraft()
  const publish = (reason: string) => boss.post('/admin/scoring-model/publications', { draftNumber, reason })
  expect((await publish(' ')).status).toBe(422)
  expect(await Models.count({ _id: { $gt: 0 } })).toBe(1)
  await publish('Questions come before deals').expect(303)
  await publish('Questions come before deals').expect(409)
  expect(await activeModel()).toMatchObject({
    _id: 2,
    publication: { reason: 'Questions come before deals', by: lena._id },
  })
  expect((await modelDraft()).draftNumber).toBe(0)
  expect(await named('lead.qualified')).toEqual([])
  const due = await Scores.find({ _id: { $in: [ada._id, other._id] } }, { dueAt: 1 })
  expect(due.map(({ dueAt }) => dueAt! > now())).toEqual([true, true])
  advance(minutes(3))
  await runAllDue()
  expect(await named('lead.qualified')).toMatchObject([{ data: { trigger: 'score' } }])
  expect(await Scores.findById(ada._id)).toMatchObject({ model: 2 })

  const history = (await boss.get('/admin/scoring-model/versions').expect(200)).text
  expect(history).toContain('Questions come before deals')
  const version = (await boss.get('/admin/scoring-model/versions/2').expect(200)).text
  expect(version).toContain('Questions come first')
  expect(version).toMatch(/<del>6<\/del>/)
  expect((await boss.get('/admin/scoring-model/versions/9')).status).toBe(404)
  await boss.post('/admin/scoring-model/versions/1/restoration', { draftNumber: 0 }).expect(303)
  expect((await modelDraft()).content).toEqual(firstModel)
  const actions = (await AuditEntries.find({ actor: lena._id }, { action: 1 })).map(({ action }) => action)
  expect(new Set(actions)).toEqual(
    new Set([
      ...['profile_question.added', 'scoring_model.draft_changed', 'scoring_model.draft_discarded'],
      ...['scoring_model.imported', 'scoring_model.published', 'scoring_model.restored'],
    ]),
  )
})

test('a new competitor is in the draft too, so that publishing doesn’t take it back', async () => {
  const admin = await as(await make.person({ role: 'admin' }))
  await admin.post('/admin/competitors', { domains: 'rival.com', version: 2 }).expect(303)
  const draft = await modelDraft()
  expect(draft.content.blocked.domains).toEqual(['rival.com'])
  expect(draft.base._id).toBe(3)
  // An earlier version comes back without the competitors of its time, unless they are asked for.
  const path = '/admin/scoring-model/versions/1'
  const restore = async (more: object) => {
    await admin
      .post(`${path}/restoration`, { draftNumber: (await modelDraft()).draftNumber, ...more })
      .expect(303)
    return (await modelDraft()).content.blocked.domains
  }
  expect((await admin.get(path).expect(200)).text).toContain('The list differs in 1 domain.')
  expect(await restore({})).toEqual(['rival.com'])
  expect(await restore({ competitors: 'on' })).toEqual([])
  await post('removal')
})

test('an answer that sales sees is an event, and counts for fit where the model asks for it', async () => {
  await post('sets/new', { name: 'Size', take: 'all', cap: '30' })
  const fit = {
    name: 'Many pumps',
    set: 'size',
    fact: 'answer',
    points: '12',
    question: String(size),
    from: '50',
  }
  await post('fit/new', fit)
  const { draftNumber } = await modelDraft()
  await boss.post('/admin/scoring-model/publications', { draftNumber, reason: 'Size matters' }).expect(303)
  const before = (await Scores.findById(ada._id))!.fit!
  const [asked] = await profileQuestions()
  await saveAnswers(ada, [{ question: asked!, value: '120' }])
  await runAllDue()
  expect((await Scores.findById(ada._id))!.fit).toBe(before + 12)
  await saveAnswers(ada, [{ question: asked!, value: '120' }])
  expect(await named('person.updated')).toHaveLength(1)
  // The editor knows the answer before a rule of the draft asks for it.
  await post('fit/many-pumps', { change: 'remove' })
  const { people } = await currentPeople()
  expect(people.find(({ id }) => id === String(ada._id))!.answers).toEqual({ [String(size)]: '120' })
  await post('removal')
})

test('what is saved while a version is published, or after a process ended on it, changes that version', async () => {
  const reason = 'More for questions'
  const publish = async () => {
    const { draftNumber } = await modelDraft()
    return boss.post('/admin/scoring-model/publications', { draftNumber, reason })
  }
  await post('rules/questionAsked', { ...question, weight: '7' })
  const { draftNumber, content } = await modelDraft()
  const by = lena._id
  await Promise.all([
    publishModel(draftNumber, { reason, by, comparison: null }),
    saveModelDraft({ ...content, qualifyAt: 61 }, draftNumber, by),
  ])
  expect((await modelDraft()).base._id).toBe((await activeModel())._id)
  expect((await publish()).status).toBe(303)
  expect((await activeModel()).content.qualifyAt).toBe(61)

  await post('rules/questionAsked', { ...question, weight: '8' })
  await activate((await activeModel())._id + 1, (await modelDraft()).content)
  activeModel.forget()
  await post('rules/questionAsked', { ...question, weight: '9' })
  expect((await publish()).status).toBe(303)
  expect((await activeModel()).content.rules.find(({ id }) => id === 'questionAsked')).toMatchObject({
    weight: 9,
  })
})

test('three leads are followed, of those who let sales know who they are', async () => {
  const hidden = await make.person({ name: 'Hidden Person', consents: ['profiling'] })
  await runAllDue()
  currentPeople.forget()
  expect((await boss.get('/admin/scoring-model/follows')).text).not.toContain('Hidden Person')
  const chosen = [ada._id, hidden._id].map(String)
  await boss.post('/admin/scoring-model/follows', { people: chosen }).expect(303)
  const { text } = await boss.get(draftPath)
  expect(text).toContain('Ada Pump')
  expect(text).not.toContain('Hidden Person')
  const four = Array.from({ length: 4 }, () => String(new Types.ObjectId()))
  expect((await boss.post('/admin/scoring-model/follows', { people: four })).status).toBe(422)
})
