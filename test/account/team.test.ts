import { enrol } from '../../src/learning/enrol'
import { Emails } from '../../src/mail/email'
import { erasePerson } from '../../src/people/erase-person'
import type { Person } from '../../src/people/person'
import { teamOf } from '../../src/people/team-member'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import * as make from '../kit/make'
import { browser, emailTo, resetRateLimits } from './browser'

let academy: Academy
let ada: Person
let here: Visitor
const acme = { domain: 'acme.com', name: 'Acme' }

beforeAll(async () => {
  academy = await openAcademy()
  ada = await make.person({ name: 'Ada Lovelace', email: 'ada@acme.com', company: acme })
  here = await as(ada)
})
afterAll(() => academy.close())
afterEach(resetRateLimits)

test('colleagues see the progress of those who show it, until they hide it', async () => {
  const course = await make.course()
  await enrol({ person: ada._id, published: course, paid: false })
  await here.post(`/courses/${course.slug}/lessons/lesson-1/completion`).expect(303)
  const bo = await as(await make.person({ company: acme }))
  const rival = await as(await make.person({ company: { domain: 'rival.com', name: 'Rival' } }))
  expect((await bo.get('/account/team').expect(200)).text).not.toContain('Ada Lovelace')
  await here.post('/account/team/progress').expect(303)
  await here.post('/account/team/progress').expect(303)
  const seen = await bo.get('/account/team').expect(200)
  expect(seen.text).toContain('Ada Lovelace')
  expect(seen.text).toContain('0 courses finished · 1 in progress · 1 lesson')
  expect((await rival.get('/account/team').expect(200)).text).not.toContain('Ada Lovelace')
  expect((await here.get('/account/data.json')).text).toContain('"showsProgressToColleagues": true')
  await here.post('/account/team/progress/end').expect(303)
  expect((await bo.get('/account/team')).text).not.toContain('Ada Lovelace')
})

test.each([
  ['free mail', { email: 'cy@gmail.com', company: null, emailKind: 'free' as const }],
  ['an address that isn’t confirmed', { company: acme, confirmedAt: null }],
])('someone with %s has no team', async (_what, given) => {
  const person = await make.person(given)
  const visitor = await as(person)
  const page = await visitor.get('/account/team').expect(200)
  expect(page.text).toContain('Teams are for people with a confirmed company address')
  await visitor.post('/account/team/progress').expect(403)
  await visitor.post('/account/team/invitations', { email: 'di@acme.com' }).expect(403)
  expect(await teamOf('acme.com')).toEqual([])
})

test('a colleague gets one email, and the answer tells nothing about accounts', async () => {
  await make.person({ email: 'known@acme.com', company: acme })
  const answers = []
  for (const email of ['new@acme.com', 'known@acme.com', 'new@acme.com']) {
    await here.post('/account/team/invitations', { email }).expect(303)
    answers.push((await here.get('/account/team')).text.replaceAll(email, '').replace(/value="[^"]+"/g, ''))
  }
  expect(new Set(answers).size).toBe(1)
  expect(await Emails.count({ to: 'known@acme.com' })).toBe(0)
  const emails = await Emails.find({ to: 'new@acme.com' })
  expect(emails).toHaveLength(1)
  expect(emails[0]!.text).toContain('ada@acme.com takes courses')
  expect(emails[0]!.text).not.toContain('Ada Lovelace')
})

test('invitations don’t use up what the invited person needs to sign up', async () => {
  for (let n = 0; n < 10; n++) await here.post('/account/team/invitations', { email: 'eve@acme.com' })
  await here.post('/account/team/invitations', { email: 'eve@acme.com' }).expect(429)
  const eve = browser()
  await eve.open('/sign-up')
  const answer = await eve.send('/sign-up', { how: 'link', name: 'Eve', email: 'eve@acme.com' })
  expect(answer.status).toBe(303)
  expect((await emailTo('eve@acme.com')).subject).toBe('Finish signing up')
  expect(await Emails.count({ to: 'eve@acme.com', subject: /colleague/ })).toBe(1)
})

test('whoever stops invitations gets none from colleagues either', async () => {
  await here.post('/account/team/invitations', { email: 'flo@acme.com' }).expect(303)
  const [email] = await Emails.find({ to: 'flo@acme.com' })
  const stop = /\/stop-invitations\/[\w.-]+/.exec(email!.text)![0]
  await (await anonymous()).post(stop).expect(200)
  await resetRateLimits()
  await here.post('/account/team/invitations', { email: 'flo@acme.com' }).expect(303)
  expect(await Emails.count({ to: 'flo@acme.com' })).toBe(1)
})

test.each(['bob@rival.com', 'bob@acme.com.evil.com', 'bob@gmail.com', 'nonsense', ''])(
  'an invitation to “%s” is refused and keeps what was typed',
  async email => {
    const { text } = await here.post('/account/team/invitations', { email }).expect(422)
    expect(text).toContain('aria-invalid="true"')
    expect(text).toContain(`value="${email}"`)
  },
)

test('an erased person is in no team', async () => {
  await here.post('/account/team/progress').expect(303)
  expect(await teamOf('acme.com')).toHaveLength(1)
  await erasePerson(ada._id)
  expect(await teamOf('acme.com')).toEqual([])
})
