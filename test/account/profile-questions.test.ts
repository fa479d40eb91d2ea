import { enrol } from '../../src/learning/enrol'
import { Enrolments } from '../../src/learning/enrolment'
import { erasePerson } from '../../src/people/erase-person'
import { People } from '../../src/people/person'
import {
  storedAnswer,
  nextQuestion,
  ProfileAnswers,
  profileQuestions,
} from '../../src/people/profile-question'
import { days, later, now } from '../../src/platform/clock'
import { Types } from 'mongoose'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import * as make from '../kit/make'

let academy: Academy
let admin: Visitor
const url = '/admin/profile-questions'

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  admin = await as(await make.person({ role: 'admin' }))
})
afterAll(() => academy.close())

const pumps = { label: 'How many pumps?', purpose: 'So that examples fit.', type: 'number', forSales: 'on' }
const tools = { label: 'Your tools?', purpose: 'We add guides.', type: 'choice', choices: 'Pliers\nWrench' }

test('an administrator adds questions, each with its purpose, and sees how many have answered', async () => {
  expect((await admin.get(url).expect(200)).text).toContain('No questions yet')
  await admin.post(url, { ...pumps, occasion: 'a'.repeat(22) }).expect(303)
  await admin.post(url, { ...pumps, occasion: 'a'.repeat(22) }).expect(303)
  advance(1000)
  await admin.post(url, { ...tools, required: 'on' }).expect(303)
  expect((await profileQuestions()).map(({ label }) => label)).toEqual(['How many pumps?', 'Your tools?'])
  const { text } = await admin.get(url).expect(200)
  expect(text).toContain('Number · Shown to sales · 0 answers')
})

test.each([
  [{ label: '' }, 'Enter a question'],
  [{ purpose: ' ' }, 'Say what the answer is for'],
  [{ type: 'choice', choices: 'One' }, 'Enter 2 to 20 answers'],
  [{ type: 'date' }, 'Fix 1 error'],
])(
  'a question with %j is refused and stays in the form',
  async (change: Record<string, string>, sentence) => {
    const { text } = await admin.post(url, { ...tools, ...change }).expect(422)
    expect(text).toContain(sentence)
    expect(text).toContain('We add guides.'.slice(0, change.purpose ? 0 : undefined))
    expect(await profileQuestions()).toHaveLength(2)
  },
)

test('a learner is asked one question a day after their first finished lesson, and never what is known', async () => {
  const ada = await make.person({ name: 'Ada Lovelace' })
  const visitor = await as(ada)
  const course = await make.course()
  await enrol({ person: ada._id, published: course, paid: false })
  expect((await visitor.get('/learning').expect(200)).text).not.toContain('How many pumps?')
  await visitor.post(`/courses/${course.slug}/lessons/lesson-1/completion`).expect(303)
  const asked = await visitor.get('/learning').expect(200)
  expect(asked.text).toContain('How many pumps?')
  expect(asked.text).toContain('So that examples fit.')
  expect(asked.text).not.toContain('Your tools?')
  const action = /action="(\/account\/questions\/[0-9a-f]{24})"/.exec(asked.text)![1]!
  const wrong = await visitor.post(action, { answer: 'many' }).expect(422)
  expect(wrong.text).toContain('Enter a number such as 25 or 1.5')
  expect(wrong.text).toContain('value="many"')
  await visitor.post(action, { answer: '25' }).expect(303).expect('location', '/learning')
  expect((await visitor.get('/learning')).text).not.toContain('Your tools?')
  advance(days(1) + 1)
  const second = await visitor.get('/learning').expect(200)
  expect(second.text).toContain('Your tools?')
  expect(second.text).not.toContain('How many pumps?')
  const skip = /action="(\/account\/questions\/[0-9a-f]{24})"/.exec(second.text)![1]!
  await visitor.post(skip, { answer: '', skip: 'on' }).expect(303)
  advance(days(2))
  expect((await visitor.get('/learning')).text).not.toContain('Your tools?')
  advance(days(6))
  expect((await visitor.get('/learning')).text).toContain('Your tools?')
  await visitor.post(skip, { answer: 'Wrench' }).expect(303)

  const sales = await as(await make.person({ role: 'sales' }))
  const lead = await sales.get(`/sales/leads/${ada._id}`).expect(200)
  expect(lead.text).toContain('How many pumps?')
  expect(lead.text).not.toContain('Your tools?')
  await People.updateOne({ _id: ada._id }, { $set: { sharingPausedAt: now() } })
  const paused = await sales.get(`/sales/leads/${ada._id}`)
  expect(paused.text).not.toContain('How many pumps?')

  const data = await visitor.get('/account/data.json').expect(200)
  expect(data.text).toContain('"question": "How many pumps?"')
  const own = await visitor.get('/account/questions').expect(200)
  expect(own.text).toContain('value="25"')
  expect(own.text).toContain('Sales doesn’t see this.')
  const fields = Object.fromEntries((await profileQuestions()).map(({ _id }) => [`question-${_id}`, '']))
  await visitor.post('/account/questions', fields).expect(303)
  expect(await ProfileAnswers.count({ person: ada._id, value: { $ne: null } })).toBe(0)
  await erasePerson(ada._id)
  expect(await ProfileAnswers.count({ person: ada._id })).toBe(0)
  await Enrolments.deleteMany({ person: ada._id })
})

test('a removed question takes its answers along', async () => {
  const bo = await make.person()
  const [question] = await profileQuestions()
  const visitor = await as(bo)
  await visitor.post(`/account/questions/${question!._id}`, { answer: '3' }).expect(303)
  await admin.post(`${url}/${question!._id}/removal`).expect(303)
  expect(await ProfileAnswers.count({ question: question!._id })).toBe(0)
  await visitor.post(`/account/questions/${question!._id}`, { answer: '3' }).expect(404)
})

test.each([
  ['number', '1,5', '1.5'],
  ['number', '-1', null],
  ['number', '1e9', null],
  ['choice', 'Wrench', 'Wrench'],
  ['choice', 'Hammer', null],
  ['text', ' hi ', 'hi'],
  ['text', 'x'.repeat(301), null],
] as const)('to a question of the kind %s, %.20s is stored as %.20s', (type, typed, stored) =>
  expect(storedAnswer({ type, choices: ['Wrench'] }, typed)).toBe(stored),
)

test('an optional question that was skipped is never asked again', () => {
  const question = { _id: new Types.ObjectId(), required: false }
  const skipped = { question: question._id, value: null, at: later(now(), -days(100)) }
  expect(nextQuestion([question], [])).toBe(question)
  expect(nextQuestion([question], [skipped])).toBeUndefined()
  expect(nextQuestion([{ ...question, required: true }], [skipped])).toBeDefined()
})
