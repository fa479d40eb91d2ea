import mongoose from 'mongoose'
import { days } from '../../src/platform/clock'
import { Events, type Event } from '../../src/events/event'
import { record } from '../../src/events/record'
import { Certificates } from '../../src/learning/certificate'
import { enrol } from '../../src/learning/enrol'
import { Emails } from '../../src/mail/email'
import { Consents } from '../../src/people/consent'
import { signUp } from '../../src/people/sign-up'
import { People, type Person } from '../../src/people/person'
import { hasObjected, isSuppressed } from '../../src/people/suppression'
import { openAcademy, type Academy } from '../kit/academy'
import { as, anonymous } from '../kit/as'
import { setTime, advance } from '../kit/clock'
import { browser, emailTo } from './browser'
import { runAllDue, happened } from '../kit/ledger'
import { shownConsents } from '../kit/consents'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => (academy = await openAcademy()))
afterAll(() => academy.close())
beforeEach(() => {
  setTime('2026-11-23T09:00:00Z')
})

let n = 0
async function newLearner(purposes = ['profiling', 'share_with_sales'] as const) {
  const consents = purposes.map(purpose => ({
    purpose,
    text: `Text of ${purpose}`,
    locale: 'en',
    page: '/sign-up',
  }))
  const email = `ada-${++n}@northwind-pumps.com`
  return (await signUp({ email, name: 'Ada', how: 'link', consents })).person
}
const reload = async (person: Person) => (await People.findById(person._id))!

/** Completes a course and returns the id of the certificate. */
async function finishCourse(person: Person): Promise<string> {
  const pumps = await make.course({ title: 'Pumps, plainly' })
  await enrol({ person: person._id, published: pumps, paid: false })
  const { course, revision } = pumps
  await record({
    name: 'course.completed',
    person: person._id,
    course,
    idempotencyKey: [course],
    data: { revision: String(revision), title: 'Pumps, plainly', topics: [] },
  })
  await runAllDue()
  return (await Certificates.findOne({ person: person._id }))!._id
}

test('a learner sees each point of their score, and that nobody has received their data', async () => {
  const ada = await newLearner()
  const pumps = await make.course()
  for (const lesson of ['one', 'two']) {
    await record({
      name: 'lesson.completed',
      person: ada._id,
      course: pumps.course,
      idempotencyKey: [pumps.course, lesson],
      data: { lesson, title: lesson, topics: ['scoring'], minutes: 5, seconds: 200, kind: 'text' },
    })
  }
  await runAllDue()
  advance(days(14))
  const page = (await (await as(ada)).get('/account/sharing').expect(200)).text
  expect(page).toContain('Sharing has been <b>on</b> since 23 November 2026')
  expect(page).toContain('finished 2 lessons')
  expect(page).toMatch(/Your score at \d\d:\d\d \(UTC\) is 3\.0 out of 100/)
  expect(page).toContain('No system or person has received your data.')
  expect(page).toContain('“Text of share_with_sales”')
})

test('a learner pauses sharing immediately without losing the consent, and resumes it', async () => {
  const ada = await newLearner()
  const her = await as(ada)
  await Promise.all([
    her.post('/account/sharing/pause').expect(303),
    her.post('/account/sharing/pause').expect(303),
  ])
  expect((await reload(ada)).consents).toEqual(['profiling'])
  expect((await her.get('/account/sharing')).text).toContain('Sharing is <b>paused</b>')
  expect(await Consents.count({ person: ada._id, withdrawnAt: null })).toBe(2)

  await her.post('/account/sharing/resumption').expect(303)
  await her.post('/account/sharing/pause').expect(303)
  await her.post('/account/sharing/resumption').expect(303)
  expect((await reload(ada)).consents.sort()).toEqual(['profiling', 'share_with_sales'])
  const changes = (await happened(ada)).filter(name => name.startsWith('sharing')).sort()
  expect(changes).toEqual(['sharing.paused', 'sharing.paused', 'sharing.resumed', 'sharing.resumed'])
  expect((await reload(ada)).consents.sort()).toEqual(['profiling', 'share_with_sales'])
})

test('the worker finishes a pause that was interrupted before its last step', async () => {
  const ada = await newLearner()
  await record({ name: 'sharing.paused', person: ada._id, idempotencyKey: [0], data: { change: 0 } })
  await runAllDue()
  expect(await reload(ada)).toMatchObject({ consents: ['profiling'], sharingChanges: 1 })
})

test('a learner withdraws a consent in one click, and can consent again; the proof stays', async () => {
  const ada = await newLearner()
  const her = await as(ada)
  await her.post('/account/consents/profiling/withdrawal').expect(303)
  expect((await reload(ada)).consents).toEqual(['share_with_sales'])
  expect((await her.get('/account/sharing')).text).toContain('You have no score')
  const proof = await Consents.findOne({ person: ada._id, purpose: 'profiling' })
  expect(proof).toMatchObject({
    text: 'Text of profiling',
    textVersion: 1,
    withdrawnAt: setTime('2026-11-23T09:00:00Z'),
  })
  expect(proof!.textHash).toMatch(/^[0-9a-f]{64}$/)

  advance(1000)
  const shown = await shownConsents()
  await her.post('/account/consents/profiling', { back: '/account/sharing', ...shown }).expect(303)
  await runAllDue()
  expect((await reload(ada)).consents.sort()).toEqual(['profiling', 'share_with_sales'])
  const newProof = await Consents.findOne({
    person: ada._id,
    purpose: 'profiling',
    withdrawnAt: null,
  })
  expect(newProof).toMatchObject({ page: '/account/sharing', locale: 'en' })
  expect(newProof!.text).toMatch(/^Lyceum may score what I do in this academy/)
})

test('an objection ends everything until the learner consents again, and marketing stays off even then', async () => {
  const ada = await newLearner()
  const her = await as(ada)
  advance(1000)
  await her.post('/account/sharing/objection').expect(303)
  await runAllDue()
  expect((await reload(ada)).consents).toEqual([])
  expect(await hasObjected(ada.email)).toBe(true)
  advance(1000)
  const shown = await shownConsents()
  await her.post('/account/consents/profiling', { back: '/account/sharing', ...shown }).expect(303)
  await runAllDue()
  expect(await hasObjected(ada.email)).toBe(false)
  expect(await isSuppressed(ada.email)).toBe(true)
  expect((await her.get('/account/sharing')).text).toMatch(/Your score at/)
  advance(1000)
  await her.post('/account/sharing/objection').expect(303)
  await runAllDue()
  expect(await hasObjected(ada.email)).toBe(true)
})

test('a learner who requests a score review is reported to the sales leads, once a day', async () => {
  const ada = await newLearner()
  const lead = await make.person({ role: 'sales-lead' })
  const her = await as(ada)
  await her.post('/account/sharing/review').expect(303)
  await her.post('/account/sharing/review').expect(303)
  await runAllDue()
  const emails = await Emails.find({ to: lead.email })
  expect(emails.map(email => email.subject)).toEqual(['Ada asked for a score review'])
  expect(emails[0]!.text).toContain('Please reply by 25 November 2026')
})

test('a learner’s data export contains every event and no secret', async () => {
  const ada = await newLearner()
  await People.updateOne({ _id: ada._id }, { passwordHash: '$argon2id$secret' })
  const answer = await (await as(ada)).get('/account/data.json').expect(200)
  expect(answer.headers['content-disposition']).toContain('my-data-2026-11-23.json')
  expect(answer.body.person).toMatchObject({ email: ada.email, hasPassword: true })
  expect(answer.body.events.map((event: Event) => event.name)).toContain('person.signed_up')
  expect(answer.body.consents).toHaveLength(2)
  expect(answer.text).not.toContain('argon2id')
  const table = await (await as(ada)).get('/account/data.csv').expect(200)
  expect(table.text.split('\n')[0]).toContain('at,event,data')
  expect(table.text).toContain('person.signed_up')
})

test('a data export does not reveal which colleagues learn here', async () => {
  const [ada, bob] = [await newLearner(), await newLearner()]
  await People.updateOne({ _id: bob._id }, { name: 'Bob Babbage', title: 'Head of Engines' })
  const data = { lesson: 'a', title: 'A', topics: [], minutes: 5, seconds: 200, kind: 'text' }
  await record({ name: 'lesson.completed', person: bob._id, idempotencyKey: ['a'], data })
  await runAllDue()
  const her = await as(ada)
  for (const path of ['/account/data.json', '/account/data.csv', '/account/sharing']) {
    const { text } = await her.get(path).expect(200)
    if (path !== '/account/sharing') expect(text).toContain('colleague.active')
    expect(text).not.toMatch(/Babbage|Head of Engines/)
  }
})

test('the last administrator cannot delete their account, or nobody could manage people', async () => {
  await People.updateMany({ role: 'admin' }, { role: 'prospect' })
  const [first, second] = [await make.person({ role: 'admin' }), await make.person({ role: 'admin' })]
  await (await as(first)).post('/account/erasure', { confirmation: first.email }).expect(303)
  const refused = await (
    await as(second)
  )
    .post('/account/erasure', { confirmation: second.email })
    .expect(409)
  expect(refused.text).toContain('This is the only admin left.')
  expect(await reload(second)).toMatchObject({ erasedAt: null, name: second.name })
})

test('a learner who deletes their account leaves no email behind, not even those from before sign-up', async () => {
  const here = browser()
  const email = 'eve@northwind-pumps.com'
  await here.open('/sign-up')
  await here.send('/sign-up', { how: 'link', name: 'Eve', email })
  const { link } = await emailTo(email)
  await here.open(link)
  await here.send(link)
  await here.open('/account/data')
  await here.send('/account/erasure', { confirmation: email })
  await runAllDue()
  for (const collection of await mongoose.connection.db!.collections())
    expect(JSON.stringify(await collection.find({}).toArray())).not.toContain(email)
})

test('a learner types their address to delete the account, which then exists only as a hash', async () => {
  const ada = await newLearner()
  const her = await as(ada)
  const lead = await make.person({ role: 'sales-lead' })
  await her.post('/account/sharing/review').expect(303)
  await record({
    name: 'question.asked',
    person: ada._id,
    idempotencyKey: ['q'],
    data: { text: `Write to ${ada.email}`, lesson: null, title: null },
  })
  await runAllDue()
  const certificate = await finishCourse(ada)
  await her.get('/account/certificates').expect(200, /Pumps, plainly/)
  await her.get(`/certificates/${certificate}`).expect(200)
  await her.post('/account/erasure', { confirmation: 'yes' }).expect(422)
  expect((await her.post('/account/erasure', { confirmation: ada.email }).expect(303)).headers.location).toBe(
    '/account-deleted',
  )
  await runAllDue()

  await her.get('/account').expect(303)
  await her.get(`/certificates/${certificate}`).expect(404)
  expect(await reload(ada)).toMatchObject({ name: 'Erased', company: null, passwordHash: null, consents: [] })
  expect(await Emails.count({ to: lead.email })).toBe(0)
  const collections = await mongoose.connection.db!.collections()
  for (const collection of collections) {
    expect(JSON.stringify(await collection.find({}).toArray())).not.toContain(ada.email)
  }
  expect(await Events.count({ person: ada._id, name: 'person.erased' })).toBe(1)
})

test('a learner cannot read messages about others, and an anonymous visitor reads nothing', async () => {
  const ada = await newLearner()
  await (await as(ada)).get('/account/sharing/messages/msg_x.123').expect(404)
  const visitor = await anonymous()
  for (const path of [
    '/account',
    '/account/sharing',
    '/account/email-preferences',
    '/account/data',
    '/account/data.json',
  ]) {
    await visitor.get(path).expect(303)
  }
  for (const path of ['pause', 'resumption', 'objection', 'review']) {
    await visitor.post(`/account/sharing/${path}`).expect(401)
  }
  await visitor.post('/account/erasure').expect(401)
})

test('a learner saves their profile; an invalid form comes back as typed', async () => {
  const ada = await newLearner()
  const her = await as(ada)
  await her.post('/account', { name: 'Ada L.', title: 'Head of Enablement', country: 'CZ' }).expect(303)
  expect(await reload(ada)).toMatchObject({ name: 'Ada L.', title: 'Head of Enablement', country: 'CZ' })
  // A pasted line with invisible characters.
  await her
    .post('/account', { name: 'Ada\r\nBcc: L.\u0000\u202e', title: 'Head\u0007', country: 'CZ' })
    .expect(303)
  expect(await reload(ada)).toMatchObject({ name: 'Ada Bcc: L.', title: 'Head' })
  const refused = await her.post('/account', { name: '', title: 'x'.repeat(101), country: 'XX' }).expect(422)
  for (const sentence of [
    'Enter your name',
    'Use at most 100 characters. You&#39;ve used 101',
    'Choose a country from the list',
  ]) {
    expect(refused.text).toContain(sentence)
  }
})

test.each(['sharing', 'scoring', 'privacy', 'terms', 'accessibility'])(
  'an anonymous visitor can read /%s',
  async name => {
    const page = (await (await anonymous()).get(`/${name}`).expect(200)).text
    expect(page.replace(/<[^>]+>/g, ' ').split(/\s+/).length).toBeGreaterThan(200)
  },
)
