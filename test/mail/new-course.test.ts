import request from 'supertest'
import { hours, minutes } from '../../src/platform/clock'
import { Courses, type Course } from '../../src/courses/course'
import { Emails, type Email } from '../../src/mail/email'
import { Consents } from '../../src/people/consent'
import { People, type Person } from '../../src/people/person'
import { browser, letterTo } from '../account/browser'
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

/** An author presses Publish on a course that nobody has seen yet. */
async function publish(slug: string): Promise<void> {
  const draft = make.courseContent({ title: `About ${slug}`, summary: 'Pumps, in short.' })
  const made = await Courses.create({ slug, draft, createdAt: new Date(), changedAt: new Date() })
  await author.post(`/studio/courses/${slug}/publication`, { draftNumber: made.draftNumber }).expect(303)
}

/** Somebody who joined, ticked the box of letters, and pressed the button in the letter that asked again, unless told not to. */
async function reader(name: string, confirms = true): Promise<Person> {
  const here = browser()
  const email = `${name}@northwind-pumps.com`
  await here.open('/sign-up')
  await here.send('/sign-up', { how: 'link', name, email, marketing_email: 'on' })
  for (const needed of confirms ? ['signUp', 'confirm'] : ['signUp']) {
    await runAllDue()
    const { link, _id } = await letterTo(email)
    expect(_id).toContain(needed)
    await here.open(link)
    await here.send(link)
    advance(1000)
    if (needed === 'signUp') await Emails.deleteMany({ _id: /^signUp:/ })
    await runAllDue()
    await Emails.deleteMany({ _id: /^welcome:/ })
  }
  return (await People.findOne({ email }).lean<Person>())!
}

const newsTo = (person: Person) =>
  Emails.find({ person: person._id, kind: 'marketing' }).sort({ createdAt: 1 }).lean<Email[]>()

test('a new course is told to whoever asked for it and confirmed it, an hour later, with one click to end it', async () => {
  const [ada, bob] = [await reader('ada'), await reader('bob', false)]
  await publish('pumps')
  await runAllDue()
  expect(await newsTo(ada)).toEqual([])
  advance(hours(1))
  await runAllDue()
  const [letter, ...more] = await newsTo(ada)
  expect(more).toEqual([])
  expect(letter).toMatchObject({ subject: 'New course: About pumps', sendDecision: 'open', to: ada.email })
  expect(letter!.sentAt).not.toBeNull()
  expect(letter!.text).toContain('Pumps, in short.')
  expect(letter!.text).toContain("3 lessons, 15 min in all. It's free.")
  expect(letter!.text).toContain('/courses/pumps?utm_medium=newsletter')
  expect(letter!.text).toContain('602 00 Brno')
  expect(letter!.text).toContain(`Unsubscribe: ${letter!.listUnsubscribe}`)
  expect(await newsTo(bob)).toEqual([])

  await request(academy.app)
    .post(new URL(letter!.listUnsubscribe!).pathname)
    .type('form')
    .send('List-Unsubscribe=One-Click')
    .expect(200)
  await publish('valves')
  advance(hours(50))
  await runAllDue()
  expect(await newsTo(ada)).toHaveLength(1)
})

test('a later version is no news, and a course that was published by mistake is told to nobody', async () => {
  const cyd = await reader('cyd')
  await publish('oops')
  advance(minutes(20))
  await author.post('/studio/courses/oops/withdrawal').expect(303)
  advance(hours(50))
  await runAllDue()
  expect(await newsTo(cyd)).toEqual([])

  await publish('seals')
  advance(hours(1))
  await runAllDue()
  expect(await newsTo(cyd)).toHaveLength(1)
  const { _id, draftNumber } = (await Courses.findOne({ slug: 'seals' }).lean<Course>())!
  await Courses.updateOne({ _id }, { $set: { draftNumber: draftNumber + 1 } })
  await author.post('/studio/courses/seals/publication', { draftNumber: draftNumber + 1 }).expect(303)
  advance(hours(50))
  await runAllDue()
  expect(await newsTo(cyd)).toHaveLength(1)
})

test('what waits for its turn is taken back when the course is withdrawn', async () => {
  const dee = await reader('dee')
  await publish('one')
  await publish('two')
  advance(hours(1))
  await runAllDue()
  const news = await newsTo(dee)
  expect(news.map(({ sendDecision }) => sendDecision).sort()).toEqual(['open', 'too-soon'])
  const waiting = news.find(({ sentAt }) => !sentAt)!
  const slug = /courses\/(one|two)/.exec(waiting.text)![1]
  await author.post(`/studio/courses/${slug}/withdrawal`).expect(303)
  advance(hours(50))
  await runAllDue()
  expect((await newsTo(dee)).map(({ _id }) => _id)).not.toContain(waiting._id)
})

test('many readers are written to in pieces, each once', async () => {
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
  const told = await Emails.distinct('person', {
    _id: /^newCourse:/,
    person: { $in: many.map(({ _id }) => _id) },
  })
  expect(told).toHaveLength(230)
})
