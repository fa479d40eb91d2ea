import request from 'supertest'
import { hours, minutes } from '../../src/platform/clock'
import { Courses } from '../../src/courses/course'
import { Emails } from '../../src/mail/email'
import { Consents } from '../../src/people/consent'
import { People, type Person } from '../../src/people/person'
import { browser, emailTo } from '../account/browser'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { setTime, advance } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let author: Visitor

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  author = await as(await make.person({ role: 'author' }))
})
afterAll(() => academy.close())

/** An author publishes a new course. */
async function publish(slug: string): Promise<void> {
  const draft = make.courseContent({ title: `About ${slug}`, summary: 'Pumps, in short.' })
  const made = await Courses.create({ slug, draft, createdAt: new Date(), changedAt: new Date() })
  await author.post(`/studio/courses/${slug}/publication`, { draftNumber: made.draftNumber }).expect(303)
}

/** A learner who signs up for emails about courses and, by default, confirms the subscription. */
async function subscriber(name: string, confirms = true): Promise<Person> {
  const here = browser()
  const email = `${name}@northwind-pumps.com`
  await here.open('/sign-up')
  await here.send('/sign-up', { how: 'link', name, email, marketing_email: 'on' })
  for (const kind of confirms ? ['signUp', 'confirm'] : ['signUp']) {
    await runAllDue()
    const { link, _id } = await emailTo(email)
    expect(_id).toContain(kind)
    await here.open(link)
    await here.send(link)
    advance(1000)
    if (kind === 'signUp') await Emails.deleteMany({ _id: /^signUp:/ })
    await runAllDue()
    await Emails.deleteMany({ _id: /^welcome:/ })
  }
  return (await People.findOne({ email }))!
}

const announcementsTo = (person: Person) =>
  Emails.find({ person: person._id, kind: 'marketing' }).sort({ createdAt: 1 })

test('a subscriber gets an email about a new course an hour later, and unsubscribes in one click', async () => {
  const [ada, bob] = [await subscriber('ada'), await subscriber('bob', false)]
  await publish('pumps')
  await runAllDue()
  expect(await announcementsTo(ada)).toEqual([])
  advance(hours(1))
  await runAllDue()
  const [email, ...more] = await announcementsTo(ada)
  expect(more).toEqual([])
  expect(email).toMatchObject({ subject: 'New course: About pumps', sendDecision: 'open', to: ada.email })
  expect(email!.sentAt).not.toBeNull()
  expect(email!.text).toContain('Pumps, in short.')
  expect(email!.text).toContain("3 lessons, 15 min in all. It's free.")
  expect(email!.text).toContain('/courses/pumps?utm_medium=newsletter')
  expect(email!.text).toContain('602 00 Brno')
  expect(email!.text).toContain(`Unsubscribe <${email!.listUnsubscribe}>`)
  expect(await announcementsTo(bob)).toEqual([])

  await request(academy.app)
    .post(new URL(email!.listUnsubscribe!).pathname)
    .type('form')
    .send('List-Unsubscribe=One-Click')
    .expect(200)
  await publish('valves')
  advance(hours(50))
  await runAllDue()
  expect(await announcementsTo(ada)).toHaveLength(1)
})

test('subscribers get no email about a later version, or about a course published by mistake', async () => {
  const cyd = await subscriber('cyd')
  await publish('oops')
  advance(minutes(20))
  await author.post('/studio/courses/oops/withdrawal').expect(303)
  advance(hours(50))
  await runAllDue()
  expect(await announcementsTo(cyd)).toEqual([])

  await publish('seals')
  advance(hours(1))
  await runAllDue()
  expect(await announcementsTo(cyd)).toHaveLength(1)
  const { _id, draftNumber } = (await Courses.findOne({ slug: 'seals' }))!
  await Courses.updateOne({ _id }, { $set: { draftNumber: draftNumber + 1 } })
  await author.post('/studio/courses/seals/publication', { draftNumber: draftNumber + 1 }).expect(303)
  advance(hours(50))
  await runAllDue()
  expect(await announcementsTo(cyd)).toHaveLength(1)
})

test('an email that waits for its slot is cancelled when the course is withdrawn', async () => {
  const dee = await subscriber('dee')
  await publish('one')
  await publish('two')
  advance(hours(1))
  await runAllDue()
  const announcements = await announcementsTo(dee)
  expect(announcements.map(({ sendDecision }) => sendDecision).sort()).toEqual(['open', 'too-soon'])
  const waiting = announcements.find(({ sentAt }) => !sentAt)!
  const slug = /courses\/(one|two)/.exec(waiting.text)![1]
  await author.post(`/studio/courses/${slug}/withdrawal`).expect(303)
  advance(hours(50))
  await runAllDue()
  expect((await announcementsTo(dee)).map(({ _id }) => _id)).not.toContain(waiting._id)
})

test('many subscribers are emailed in batches, each once', async () => {
  const many = await Promise.all(
    Array.from({ length: 230 }, () => make.person({ consents: ['marketing_email'] })),
  )
  const moment = setTime('2026-12-01T09:00:00Z')
  await Consents.insertMany(
    many.map(({ _id }) => ({
      _id: `${_id}:marketing_email:0`,
      person: _id,
      purpose: 'marketing_email',
      textVersion: 1,
      textHash: 'x',
      text: 'x',
      locale: 'en',
      page: '/sign-up',
      givenAt: moment,
      confirmedAt: moment,
    })),
  )
  await publish('bearings')
  advance(hours(1))
  await runAllDue()
  const emailed = await Emails.distinct('person', {
    _id: /^newCourse:/,
    person: { $in: many.map(({ _id }) => _id) },
  })
  expect(emailed).toHaveLength(230)
})
