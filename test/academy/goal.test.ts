import { readBrand } from '../../src/brand/brand'
import type { BrandContent } from '../../src/brand/content'
import { publishBrand, saveBrandDraft } from '../../src/brand/change-brand'
import { remindOfFinishDates } from '../../src/emails'
import { Events } from '../../src/events/event'
import { completeLesson } from '../../src/learning/complete-lesson'
import { enrol } from '../../src/learning/enrol'
import { enrolmentId, Enrolments, readEnrolment } from '../../src/learning/enrolment'
import { goalOf, LearningGoals, saveGoal } from '../../src/learning/goal'
import { Emails } from '../../src/mail/email'
import type { Published } from '../../src/courses/published'
import { erasePerson } from '../../src/people/erase-person'
import type { Person } from '../../src/people/person'
import { days, hours, setClock } from '../../src/platform/clock'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { recordQueries } from '../kit/collection-scans'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let pumps: Published
beforeAll(async () => {
  academy = await openAcademy()
  pumps = await make.course({
    slug: 'pumps',
    title: 'Pumps',
    lessons: 2,
    outcomes: ['tell a pump from a valve'],
  })
  await make.path({ slug: 'start', title: 'Start here', audience: '', summary: '', courses: ['pumps'] })
})
afterAll(() => academy.close())

let ada: Person
let visitor: Visitor
beforeEach(async () => {
  // A Thursday.
  setTime('2026-11-26T12:00:00Z')
  ada = await make.person()
  visitor = await as(ada)
})
afterEach(() => setClock())

const plain = (html: string) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
const read = async (path: string) => plain((await visitor.get(path).expect(200)).text)
const begin = () => enrol({ person: ada._id, published: pumps, paid: false })
async function finish(...slugs: string[]) {
  for (const lesson of pumps.lessons.filter(({ slug }) => slugs.includes(slug))) {
    await completeLesson((await readEnrolment(enrolmentId(ada._id, pumps.course)))!, lesson)
  }
}
const goal = { unit: 'lessons', target: '3', weekStart: '1', timeZone: 'Europe/London', reminders: '' }

test('a goal of one’s own counts what was done this week, and sales never hears of it', async () => {
  expect(await read('/learning')).toContain('This week Set a goal')
  await visitor.post('/learning/goal', goal).expect(303)
  await begin()
  await finish('lesson-1')
  const page = await read('/learning')
  expect(page).toContain('1 of 3 lessons')
  expect(page).toContain('2 more by Sunday.')
  expect(page).toContain('Thursday 26 November: 1 lesson')
  await visitor.post('/learning/goal', { ...goal, unit: 'minutes', target: '5' }).expect(303)
  expect(await read('/learning')).toContain('You&#39;ve reached your goal for this week.')
  const names = (await Events.find({ person: ada._id }, { name: 1 })).map(({ name }) => name)
  expect(names.sort()).toEqual(['course.enrolled', 'lesson.completed'])
})

test.each<[Partial<typeof goal>, string]>([
  [{ target: '0' }, 'Enter a whole number from 1 to 50'],
  [{ target: '2.5' }, 'Enter a whole number from 1 to 50'],
  [{ target: 'many' }, 'Enter a whole number from 1 to 50'],
  [{ unit: 'minutes', target: '9999' }, 'Enter a whole number from 1 to 2400'],
  [{ timeZone: 'Mars/Olympus' }, 'Choose a time zone'],
])('a goal with %j is refused with what was typed', async (wrong, message) => {
  const { text } = await visitor.post('/learning/goal', { ...goal, ...wrong }).expect(422)
  expect(text).toContain(message)
  if (wrong.target) expect(text).toContain(`value="${wrong.target}"`)
  expect(await goalOf(ada._id)).toBeNull()
})

test('one switch turns all of it off and on again, with what was set', async () => {
  await visitor.post('/learning/goal', goal).expect(303)
  await begin()
  await visitor.post('/courses/pumps/finish-date', { day: '2026-12-01' }).expect(303)
  await visitor.post('/learning/goal/switch', { off: 'yes' }).expect(303)
  const off = await read('/learning')
  expect(off).not.toMatch(/This week|Coming up|What you can do now/)
  expect(off).toContain('Weekly goal')
  await finish('lesson-1', 'lesson-2')
  await visitor.get('/courses/pumps/finished').expect(303).expect('location', '/courses/pumps')
  await visitor.post('/learning/goal/switch', { off: 'no' }).expect(303)
  expect(await read('/learning')).toContain('2 of 3 lessons')
})

test('a brand without goals and dates has none of their pages', async () => {
  const switchTo = async (motivation: boolean) => {
    const { draft, draftNumber } = await readBrand()
    await publishBrand(
      'academy',
      await saveBrandDraft('academy', { ...draft, motivation }, draftNumber),
      null,
    )
  }
  await switchTo(false)
  expect(await read('/learning')).not.toMatch(/This week|Weekly goal/)
  await visitor.get('/learning/goal').expect(404)
  await begin()
  await visitor.get('/courses/pumps/finish-date').expect(404)
  expect(await read('/courses/pumps')).not.toContain('Set a date')
  await switchTo(true)
})

test('days are those of the reader’s browser', async () => {
  await begin()
  setTime('2026-11-22T23:30:00Z')
  await finish('lesson-1')
  setTime('2026-11-23T12:00:00Z')
  expect(await read('/learning')).toContain('This week Set a goal No lesson yet')
  const { text } = await visitor
    .get('/learning')
    .set('cookie', `${visitor.cookie}; time-zone=Europe%2FPrague`)
  expect(plain(text)).toContain('Monday 23 November: 1 lesson')
})

test('a course without a next step offers that of the brand: a trial, a plan, or a request', async () => {
  const bolts = await make.course({ lessons: 1, callToAction: null })
  await enrol({ person: ada._id, published: bolts, paid: false })
  const offers = async (nextStep: BrandContent['nextStep'], trialUrl = '') => {
    const { draft, draftNumber } = await readBrand()
    const saved = await saveBrandDraft('academy', { ...draft, nextStep, trialUrl }, draftNumber)
    await publishBrand('academy', saved, null)
    return (await visitor.get(`/courses/${bolts.slug}`).expect(200)).text
  }
  const step = { label: 'Go on', text: 'Try it on your own pumps.' }
  expect(await offers({ kind: 'trial', ...step }, 'https://pumps.example/trial')).toContain(
    'href="https://pumps.example/trial">Go on<',
  )
  expect(await offers({ kind: 'trial', ...step })).toContain(`/${bolts.slug}/contact-request">Go on<`)
  expect(await offers({ kind: 'checkout', ...step })).toContain('href="/pricing">Go on<')
  expect(await offers(null)).not.toContain('Go on')
})

test('a finished course has a page with what its learner can do now and the next step', async () => {
  await begin()
  await visitor.get('/courses/pumps/finished').expect(303).expect('location', '/courses/pumps')
  await finish('lesson-1')
  await visitor
    .post('/courses/pumps/lessons/lesson-2/completion')
    .expect(303)
    .expect('location', '/courses/pumps/finished')
  const page = await read('/courses/pumps/finished')
  expect(page).toContain('You&#39;ve finished “Pumps”')
  expect(page).toContain('What you can do now tell a pump from a valve')
  expect(page).toContain('View certificate')
  expect(page).toContain('Half an hour with a person. Book a demo')
  expect(await read('/learning')).toContain('What you can do now tell a pump from a valve')
})

test.each(['courses/pumps', 'paths/start'])(
  'a date for %s is on My learning until it is finished',
  async path => {
    await begin()
    const { text } = await visitor.post(`/${path}/finish-date`, { day: '2026-11-25' }).expect(422)
    expect(text).toContain('Choose a day from today to two years from now')
    expect(text).toContain('value="2026-11-25"')
    for (const day of ['', 'soon', '2026-02-31', '2029-01-01']) {
      await visitor.post(`/${path}/finish-date`, { day }).expect(422)
    }
    await visitor.post(`/${path}/finish-date`, { day: '2026-11-30' }).expect(303)
    expect(await read('/learning')).toContain('Your date, in 4 days.')
    expect(await read(`/${path}`)).toContain('Finish by 30 Nov')
    advance(days(6))
    expect(await read('/learning')).toContain('Your date, 2 days ago.')
    await finish('lesson-1', 'lesson-2')
    expect(await read('/learning')).not.toContain('Your date')
  },
)

test('a date can be taken away, and is for those only who have begun', async () => {
  await visitor.get('/courses/pumps/finish-date').expect(404)
  await visitor.get('/paths/nowhere/finish-date').expect(404)
  await begin()
  await visitor.post('/courses/pumps/finish-date', { day: '2026-11-30' }).expect(303)
  await visitor.post('/courses/pumps/finish-date', { day: '', change: 'remove' }).expect(303)
  expect(await Enrolments.findById(enrolmentId(ada._id, pumps.course))).toMatchObject({ finishBy: null })
})

describe('reminders of dates', () => {
  const emails = () => Emails.find({ person: ada._id, _id: { $regex: '^finishDates:' } }).exec()
  beforeEach(async () => {
    await LearningGoals.deleteMany({})
    await begin()
    await visitor.post('/courses/pumps/finish-date', { day: '2026-12-20' }).expect(303)
  })

  test('are off until someone asks for them', async () => {
    setTime('2026-12-18T12:00:00Z')
    await remindOfFinishDates()
    expect(await emails()).toHaveLength(0)
  })

  test('come in the daytime of a week with a date, at most once a week, and once after a crash', async () => {
    await saveGoal(ada._id, { reminders: true, timeZone: 'Europe/London' })
    await remindOfFinishDates()
    expect(await emails()).toHaveLength(0)
    setTime('2026-12-18T03:00:00Z')
    await remindOfFinishDates()
    expect(await emails()).toHaveLength(0)
    setTime('2026-12-18T12:00:00Z')
    await recordQueries(() => Promise.all([remindOfFinishDates(), remindOfFinishDates()]))
    expect((await emails()).map(({ subject }) => subject)).toEqual(['A date of yours is close: Pumps'])
    expect(await goalOf(ada._id)).toMatchObject({ reminderCount: 1 })
    // As if the process had died before it noted the email.
    await LearningGoals.updateOne({ _id: ada._id }, { $set: { reminderCount: 0, remindedAt: null } })
    await remindOfFinishDates()
    advance(hours(20))
    await remindOfFinishDates()
    expect(await emails()).toHaveLength(1)
  })

  test('end with the link in each of them, without a sign-in', async () => {
    await saveGoal(ada._id, { reminders: true, timeZone: 'UTC' })
    setTime('2026-12-18T12:00:00Z')
    await remindOfFinishDates()
    const [email] = await emails()
    const link = new URL(email!.listUnsubscribe!)
    const page = await visitor.get(link.pathname + link.search).expect(200)
    expect(page.text).toContain('Stop emails about your dates?')
    await visitor.post(link.pathname + link.search, { 'List-Unsubscribe': 'One-Click' }).expect(200)
    expect(await goalOf(ada._id)).toMatchObject({ reminders: false })
  })
})

test('a person’s export has their goal and dates, and an erasure leaves none', async () => {
  await visitor.post('/learning/goal', goal).expect(303)
  await begin()
  await visitor.post('/courses/pumps/finish-date', { day: '2026-12-20' }).expect(303)
  const data = (await visitor.get('/account/data.json').expect(200)).body as Record<string, unknown>
  expect(data.learningGoal).toMatchObject({ unit: 'lessons', target: 3 })
  expect(data.enrolments).toMatchObject([{ finishBy: '2026-12-20' }])
  await erasePerson(ada._id)
  await runAllDue()
  expect(await goalOf(ada._id)).toBeNull()
  expect(await Enrolments.findById(enrolmentId(ada._id, pumps.course))).not.toHaveProperty('finishBy')
})
