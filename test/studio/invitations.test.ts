import { Courses } from '../../src/courses/course'
import { changeDraft } from '../../src/courses/change-draft'
import { setCourseRole } from '../../src/courses/change-team'
import { exportCourse } from '../../src/courses/export-course'
import { CourseInvitations } from '../../src/courses/invitation'
import { replaceLesson } from '../../src/courses/outline'
import { readCourse } from '../../src/courses/read-course'
import { SavedPoints } from '../../src/courses/saved-point'
import { enrol } from '../../src/learning/enrol'
import { Events } from '../../src/events/event'
import { Emails } from '../../src/mail/email'
import { erasePerson } from '../../src/people/erase-person'
import { People, type Person } from '../../src/people/person'
import { days } from '../../src/platform/clock'
import { browser, emailTo, resetRateLimits } from '../account/browser'
import { openAcademy, type Academy } from '../kit/academy'
import { as, anonymous, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let ines: Person
let author: Visitor

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  ines = await make.person({ role: 'author', name: 'Ines Halvorsen' })
  author = await as(ines)
  await make.course({ slug: 'secret', title: 'Secret pumps', visibility: 'invited' })
})
afterAll(() => academy.close())
afterEach(resetRateLimits)

const url = '/studio/courses/secret/invitations'
const free = (email: string) => make.person({ email, company: null, emailKind: 'free' })

async function makeLink(size: number): Promise<string> {
  // The newest link is the first on the page.
  advance(1000)
  await author.post(url, { how: 'link', days: 7, size }).expect(303)
  const page = await author.get(url).expect(200)
  return /href="[^"]*(\/course-invitations\/[^"]+)"/.exec(page.text)![1]!
}

test('a link opens the course to as many people as it is for, once each, until it is revoked', async () => {
  const link = await makeLink(10)
  const [ada, bo] = [await as(await free('ada@gmail.com')), await as(await free('bo@gmail.com'))]
  await ada.get('/courses/secret').expect(404)
  const page = await ada.get(link).expect(200)
  expect(page.text).toContain('You’re invited to Secret pumps')
  expect(page.headers['x-robots-tag']).toContain('noindex')
  await ada.get('/courses/secret').expect(404)
  await ada.post(link).expect(303).expect('location', '/courses/secret')
  await ada.post(link).expect(303)
  await ada.get('/courses/secret').expect(200)
  expect((await ada.get('/courses')).text).toContain('/courses/secret')
  expect((await author.get(url)).text).toContain('1 of 10 accepted')

  await CourseInvitations.updateOne({ email: null }, { $set: { maximum: 1 } })
  await bo.post(link).expect(410)
  await bo.get('/courses/secret').expect(404)
  const id = (await CourseInvitations.findOne({ email: null }))!._id
  await author.post(`${url}/${id}/revocation`).expect(303)
  await ada.get('/courses/secret').expect(404)
  const ended = await ada.get(link).expect(410)
  expect(ended.text).not.toContain('Secret pumps')
})

test('of many people who accept a link at once, no more get in than it is for', async () => {
  const link = await makeLink(1)
  const visitors = await Promise.all([1, 2, 3, 4].map(async n => as(await free(`many-${n}@gmail.com`))))
  const answers = await Promise.all(visitors.map(visitor => visitor.post(link)))
  expect(answers.map(({ status }) => status).sort()).toEqual([303, 410, 410, 410])
})

test('a link expires, and a changed token is none', async () => {
  const link = await makeLink(1)
  const cy = await as(await free('cy@gmail.com'))
  await cy.get(link.replace(/.$/, last => (last === 'A' ? 'B' : 'A'))).expect(410)
  advance(days(8))
  await cy.post(link).expect(410)
})

test('a visitor who opens a link and signs up, on another device too, finds the course', async () => {
  const link = await makeLink(1)
  const here = browser()
  const page = await here.open(link)
  expect(page.text).toContain('href="/sign-up?next=%2Fcourses%2Fsecret"')
  const signUp = await here.open('/sign-up?next=/courses/secret')
  expect(signUp.text).not.toContain('Secret pumps')
  const fields = { how: 'link', name: 'Di', email: 'di@gmail.com', next: '/courses/secret' }
  await here.send('/sign-up', fields)
  const { link: confirmation } = await emailTo('di@gmail.com')
  const elsewhere = browser()
  await elsewhere.open(confirmation)
  expect((await elsewhere.send(confirmation)).headers.location).toBe('/courses/secret')
  expect((await elsewhere.open('/courses/secret')).status).toBe(200)
})

test('an invitation lets in who opened it, and not the next person at the same computer', async () => {
  const link = await makeLink(10)
  const shared = browser()
  const signUp = async (name: string) => {
    const email = `${name}@gmail.com`
    await shared.open('/sign-up')
    await shared.send('/sign-up', { how: 'link', name, email })
    const { link: confirmation } = await emailTo(email)
    await shared.open(confirmation)
    await shared.send(confirmation)
    return (await shared.open('/courses/secret')).status
  }
  await shared.open(link)
  expect(await signUp('jo')).toBe(200)
  await shared.send('/sign-out')
  expect(await signUp('kit')).toBe(404)
})

test('someone invited by address gets one email, and in with that address only', async () => {
  const ed = await free('ed@gmail.com')
  await author.post(url, { how: 'address', days: 30, addresses: 'Fi@Gmail.com, ed@gmail.com' }).expect(303)
  await author.post(url, { how: 'address', days: 30, addresses: 'fi@gmail.com' }).expect(303)
  const emails = await Emails.find({ to: 'fi@gmail.com' })
  expect(emails).toHaveLength(1)
  expect(emails[0]).toMatchObject({ subject: 'You’re invited: Secret pumps' })
  const link = /\/course-invitations\/[\w.-]+/.exec(emails[0]!.text)![0]
  const edHere = await as(ed)
  await edHere.get('/courses/secret').expect(200)
  expect((await edHere.get(link).expect(200)).text).toContain('for another email address')
  await edHere.post(link).expect(410)
  const fi = await as(await free('fi@gmail.com'))
  await fi.get('/courses/secret').expect(200)
  const imposter = await make.person({ ...{ email: 'FI+1@gmail.com', company: null, emailKind: 'free' } })
  await (await as(imposter)).get('/courses/secret').expect(404)
})

test('an invited person whose address isn’t confirmed confirms it, and is then in the course', async () => {
  const una = await make.person({
    email: 'una@gmail.com',
    emailKind: 'free',
    company: null,
    confirmedAt: null,
  })
  await author.post(url, { how: 'address', days: 7, addresses: 'una@gmail.com' }).expect(303)
  const [invitation] = await Emails.find({ to: 'una@gmail.com' })
  const path = /\/course-invitations\/[\w.-]+/.exec(invitation!.text)![0]
  const signedIn = await as(una)
  await signedIn.post(path).expect(303).expect('location', path)
  expect((await signedIn.get(path).expect(200)).text).toContain('Confirm first that una@gmail.com is yours')

  const visitor = browser()
  await visitor.open(path)
  await visitor.open('/sign-in?next=/courses/secret')
  await visitor.send('/sign-in/link', { email: una.email, next: '/courses/secret' })
  const { link } = await emailTo(una.email)
  await visitor.open(link)
  expect((await visitor.send(link)).headers.location).toBe('/courses/secret')
  expect((await visitor.open('/courses/secret')).status).toBe(200)
  expect((await People.findById(una._id))!.confirmedAt).not.toBeNull()
  expect(await Events.count({ name: 'person.confirmed', person: una._id })).toBe(1)
  expect((await CourseInvitations.findOne({ email: una.email }))!.people).toEqual([una._id])
})

test('an address whose owner wants no invitations gets none, and the author doesn’t learn of it', async () => {
  await author.post(url, { how: 'address', days: 7, addresses: 'gus@gmail.com' }).expect(303)
  const [email] = await Emails.find({ to: 'gus@gmail.com' })
  const stop = /\/stop-invitations\/[\w.-]+/.exec(email!.text)![0]
  const stranger = await anonymous()
  await stranger.get(stop.replace(/.$/, '')).expect(404)
  await stranger.get(stop).expect(200)
  await stranger.post(stop).expect(200)
  await CourseInvitations.deleteMany({ email: 'gus@gmail.com' })
  await author.post(url, { how: 'address', days: 7, addresses: 'gus@gmail.com' }).expect(303)
  expect(await Emails.count({ to: 'gus@gmail.com' })).toBe(1)
})

test.each([
  [{ how: 'address', days: 7, addresses: 'ada@, bo@gmail.com' }, 'These aren’t email addresses: ada@'],
  [{ how: 'address', days: 7, addresses: ' ' }, 'Enter at least one email address'],
  [
    { how: 'address', days: 7, addresses: Array.from({ length: 51 }, (_, n) => `a${n}@gmail.com`).join(' ') },
    'Enter at most 50 addresses at a time',
  ],
  [{ how: 'link', days: 4, size: 1 }, 'Fix 1 error'],
  [{ how: 'else' }, 'Fix 1 error'],
])(
  'the form %j is refused and keeps what was typed',
  async (fields: { how: string; addresses?: string }, sentence) => {
    const before = await CourseInvitations.count()
    const { text } = await author.post(url, fields).expect(422)
    expect(text).toContain(sentence)
    if (fields.addresses?.trim()) expect(text).toContain(fields.addresses.slice(0, 20))
    expect(await CourseInvitations.count()).toBe(before)
  },
)

test('an erased person’s address is in no invitation', async () => {
  const hal = await free('hal@gmail.com')
  await author.post(url, { how: 'address', days: 7, addresses: 'hal@gmail.com' }).expect(303)
  await (await as(hal)).post('/account/erasure', { confirmation: 'hal@gmail.com' }).expect(303)
  expect(await CourseInvitations.count({ email: 'hal@gmail.com' })).toBe(0)
  await runAllDue()
  await erasePerson(hal._id)
})

test('those who may publish say who sees a course; a partner can’t, and the folder keeps it', async () => {
  const settings = '/studio/courses/open/settings'
  const open = await make.course({ slug: 'open', title: 'Open pumps' })
  const { course } = open
  const page = await author.get(settings).expect(200)
  expect(page.text).toContain('Who can find this course')
  const field = (text: string, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)![1]!
  const form = {
    ...{ title: 'Open pumps', topic: 'learning', level: 'beginner', language: 'en', currency: 'EUR' },
    callToAction: 'none',
  }
  const baseVersion = field(page.text, 'baseVersion')
  const refused = await author.post(settings, {
    ...{ ...form, baseVersion, visibility: 'listed-companies', companies: 'gmail.com nonsense' },
  })
  expect(refused.status).toBe(422)
  expect(refused.text).toContain('These aren’t company domains: gmail.com, nonsense')
  expect(refused.text).toContain('gmail.com nonsense')
  const empty = await author
    .post(settings, { ...form, baseVersion, visibility: 'listed-companies' })
    .expect(422)
  expect(empty.text).toContain('Enter at least one company')
  await author
    .post(settings, {
      ...{ ...form, baseVersion, visibility: 'listed-companies' },
      ...{ companies: 'https://www.acme.com/x\nbob@Bücher.example', excludedCompanies: 'rival.com' },
    })
    .expect(303)
  const draft = (await Courses.findById(course))!.draft
  expect(draft).toMatchObject({
    visibility: 'listed-companies',
    companies: ['acme.com', 'xn--bcher-kva.example'],
    excludedCompanies: ['rival.com'],
  })
  const files = await exportCourse('open', draft)
  expect(files[0]!.bytes.toString()).toContain('visibility: listed-companies\ncompanies:\n  - acme.com\n')
  const { content } = await readCourse(files)
  expect(content).toMatchObject({ visibility: 'listed-companies', companies: draft.companies })

  const partner = await make.person({ role: 'contributor' })
  await setCourseRole({ course, by: ines._id, person: partner._id, role: 'partner' })
  const theirs = await as(partner)
  const seen = await theirs.get(settings).expect(200)
  expect(seen.text).not.toContain('Who can find this course')
  const version = field(seen.text, 'baseVersion')
  await theirs.post(settings, { ...form, baseVersion: version, visibility: 'public' }).expect(303)
  expect((await Courses.findById(course))!.draft.visibility).toBe('listed-companies')
  await theirs.get('/studio/courses/open/invitations').expect(403)
  await theirs.post('/studio/courses/open/invitations', { how: 'link', days: 7, size: 1 }).expect(403)

  const pia = await make.person({ email: 'pia@gmail.com', company: null, emailKind: 'free' })
  const quy = await make.person({ company: { domain: 'acme.com', name: 'Acme' } })
  for (const { _id } of [pia, quy]) {
    await enrol({ person: _id, published: open, paid: false })
  }
  const publication = await author.get('/studio/courses/open/publications/new').expect(200)
  expect(publication.text).toContain('Who can see it: Everyone → People of the companies listed below')
  expect(publication.text).toMatch(
    /1 of the people who have enrolled wouldn’t find it any more. They keep the course/,
  )
  await People.deleteMany({ _id: { $in: [pia._id, quy._id] } })
})

test('a partner opens a lesson or a course to nobody by its settings, or by restoring what it was', async () => {
  const open = await make.course({ slug: 'shut', title: 'Shut pumps', lessons: 1 })
  const { course } = open
  const read = async () => (await Courses.findById(course))!
  const isShut = async () => {
    const { draft } = await read()
    expect(draft.visibility).toBe('invited')
    expect(draft.modules[0]!.lessons[0]!.visibility).toBe('invited')
  }
  const shut = { by: ines._id, keepsBefore: true }
  await changeDraft(
    course,
    content => ({
      ...replaceLesson(content, { ...open.lessons[0]!, visibility: 'invited' }),
      visibility: 'invited',
    }),
    shut,
  )
  const partner = await make.person({ role: 'contributor' })
  await setCourseRole({ course, by: ines._id, person: partner._id, role: 'partner' })
  const theirs = await as(partner)
  const lesson = '/studio/courses/shut/lessons/lesson-1'

  const page = (await theirs.get(`${lesson}/settings`).expect(200)).text
  expect(page).not.toContain('name="visibility"')
  expect((await author.get(`${lesson}/settings`).expect(200)).text).toContain('name="visibility"')
  const baseVersion = /name="baseVersion" value="([^"]*)"/.exec(page)![1]!
  const form = { baseVersion, kind: 'text', minutes: '7', completion: 'marked', visibility: 'learners' }
  await theirs.post(`${lesson}/settings`, form).expect(303)
  expect((await read()).draft.modules[0]!.lessons[0]!.minutes).toBe(7)
  await isShut()

  const [point] = await SavedPoints.find({ course }).sort({ draftNumber: 1 })
  expect(point!.content.visibility).toBeUndefined()
  await theirs.post(`${lesson}/history/${point!.draftNumber}/restoration`).expect(303)
  expect((await read()).draft.modules[0]!.lessons[0]!.minutes).not.toBe(7)
  await isShut()
  await theirs.post('/studio/courses/shut/revisions/1/restoration').expect(303)
  await isShut()
  await author.post('/studio/courses/shut/revisions/1/restoration').expect(303)
  expect((await read()).draft.visibility).toBeUndefined()
})
