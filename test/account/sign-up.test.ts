import { days, hours, later, now } from '../../src/platform/clock'
import { Emails } from '../../src/mail/email'
import { Consents } from '../../src/people/consent'
import { Links } from '../../src/people/link'
import { People } from '../../src/people/person'
import { SessionBookings } from '../../src/sessions/booking'
import { LiveSessions } from '../../src/sessions/live-session'
import { publishedSessions } from '../../src/sessions/shown-sessions'
import { openAcademy, type Academy } from '../kit/academy'
import { setTime, advance } from '../kit/clock'
import { runAllDue, happened } from '../kit/ledger'
import * as make from '../kit/make'
import { amara, browser, resetRateLimits, emailTo } from './browser'

let academy: Academy
beforeAll(async () => (academy = await openAcademy()))
afterAll(() => academy.close())
beforeEach(() => {
  setTime('2026-11-23T09:00:00Z')
})
afterEach(async () => {
  await Promise.all([
    People.deleteMany({}),
    Links.deleteMany({}),
    Emails.deleteMany({}),
    Consents.deleteMany({}),
  ])
  await resetRateLimits()
})

const inAWeek = () => later(now(), days(7))
const personAt = (email: string) => People.findOne({ email })

async function signUpAs(who: Record<string, string>, here = browser()) {
  await here.open('/sign-up')
  const answer = await here.send('/sign-up', { how: 'password', ...who })
  return { here, answer }
}

test('a visitor signs up, uses the link in the email once, and is signed in', async () => {
  const { here, answer } = await signUpAs({
    ...amara,
    next: '/pricing',
    profiling: 'on',
    share_with_sales: 'on',
  })
  expect(answer.headers.location).toBe('/sign-up/email-sent')
  expect((await here.open('/sign-up/email-sent')).text).toContain('amara@northwind-pumps.com')
  expect(await personAt(amara.email)).toBeNull()

  const { link } = await emailTo(amara.email)
  const page = await here.open(link)
  expect(page.text).toContain('Finish signing up')
  expect(page.text).toContain('with its sales team, including in its CRM. They may call or email me')
  expect((await here.send(link)).headers.location).toBe('/pricing')
  expect((await here.open('/account')).text).toContain('Northwind Pumps (from northwind-pumps.com)')

  const person = (await personAt(amara.email))!
  expect(person.consents).toEqual(['profiling', 'share_with_sales'])
  expect(await happened(person)).toEqual([
    'consent.given',
    'consent.given',
    'person.confirmed',
    'person.signed_up',
  ])
  expect((await emailTo(amara.email)).subject).toBe('Welcome to the academy')

  const again = browser()
  await again.open('/sign-up')
  expect((await again.send(link)).status).toBe(410)
})

test('who signs up to book a session reads which one, and has a seat with the link, on any device', async () => {
  const session = await make.liveSession({ slug: 'bearings', title: 'Bearings & seals', startsAt: inAWeek() })
  const asked = [{ id: 'why', label: 'Why?', kind: 'text' as const, options: [], isRequired: true }]
  await make.liveSession({ slug: 'asked', title: 'With questions', startsAt: inAWeek(), questions: asked })
  await make.liveSession({ slug: 'hidden', title: 'Nobody knows', visibility: 'listed-companies' })
  publishedSessions.forget()
  const here = browser()
  const signUpFor = async (slug: string) =>
    (await here.open(`/sign-up?next=${encodeURIComponent(`/sessions/${slug}/booking`)}`)).text
  expect(await signUpFor('asked')).toMatch(
    /you go on to book <a [^>]+>With questions<\/a>, Mon 30 Nov, 09:00/,
  )
  expect(await signUpFor('hidden')).not.toContain('Nobody knows')
  const page = await signUpFor('bearings')
  expect(page).toMatch(/you have a seat in <a [^>]+>Bearings &amp; seals<\/a>, Mon 30 Nov/)
  const wish = { ...amara, how: 'password', next: '/sessions/bearings/booking' }
  await here.send('/sign-up', wish)
  const { link } = await emailTo(amara.email)
  const phone = browser()
  await phone.open(link)
  expect(await SessionBookings.count({ session: session._id })).toBe(0)
  expect((await phone.send(link)).headers.location).toBe('/sessions/bearings')
  const person = (await personAt(amara.email))!
  expect(await SessionBookings.findOne({ session: session._id })).toMatchObject({
    ...{ person: person._id, state: 'booked' },
  })
  expect((await phone.open('/sessions/bearings')).text).toContain('You have a seat')
  await Promise.all([LiveSessions.deleteMany({}), SessionBookings.deleteMany({})])
  publishedSessions.forget()
})

test('a learner can sign in later with the password from sign-up', async () => {
  const { here } = await signUpAs(amara)
  const { link } = await emailTo(amara.email)
  await here.open(link)
  await here.send(link)
  const elsewhere = browser()
  await elsewhere.open('/sign-in?next=/pricing')
  const signedIn = await elsewhere.send('/sign-in', {
    email: ' Amara@Northwind-Pumps.com ',
    password: amara.password,
    next: '/pricing',
  })
  expect(signedIn.headers.location).toBe('/pricing')
})

test('a password typed in one browser is kept when it is typed again where the email is opened', async () => {
  const { here } = await signUpAs(amara)
  const { link } = await emailTo(amara.email)
  const owner = browser()
  await owner.open(link)
  const wrong = await owner.send(link, { password: 'some other password' })
  expect(wrong.status).toBe(422)
  expect(wrong.text).toContain('That isn’t the password from the sign-up form')
  expect(await personAt(amara.email)).toBeNull()
  expect((await owner.send(link, { password: amara.password })).status).toBe(303)
  await here.open('/sign-in')
  const signedIn = await here.send('/sign-in', { email: amara.email, password: amara.password })
  expect(signedIn.status).toBe(303)
})

test('a password typed in one browser is dropped when the email is opened in another without it', async () => {
  await signUpAs(amara)
  const { link } = await emailTo(amara.email)
  const owner = browser()
  expect((await owner.open(link)).text).toContain('You opened the email in a different browser.')
  expect((await owner.send(link)).status).toBe(303)
  expect((await personAt(amara.email))!.passwordHash).toBeNull()
  expect((await owner.open('/account')).text).toContain('Your password wasn&#39;t saved')
})

test('signing up does not reveal whether an address has an account', async () => {
  await make.person({ email: 'known@northwind-pumps.com', name: 'Known Person' })
  const known = await signUpAs({ ...amara, email: 'known@northwind-pumps.com' })
  const unknown = await signUpAs(amara)
  expect(known.answer.status).toBe(unknown.answer.status)
  expect(known.answer.headers.location).toBe(unknown.answer.headers.location)
  const [a, b] = [
    await known.here.open('/sign-up/email-sent'),
    await unknown.here.open('/sign-up/email-sent'),
  ]
  const bare = (text: string) => text.replace(/value="[^"]+"|\S+@\S+/g, '')
  expect(bare(a.text)).toBe(bare(b.text))

  const email = await emailTo('known@northwind-pumps.com')
  expect(email.subject).toBe('You already have an account')
  await known.here.open(email.link)
  await known.here.send(email.link)
  const owner = (await personAt('known@northwind-pumps.com'))!
  expect(owner).toMatchObject({ name: 'Known Person', passwordHash: null })
})

test('a visitor can sign up without a password', async () => {
  const here = browser()
  await here.open('/sign-up')
  await here.send('/sign-up', { how: 'link', name: amara.name, email: amara.email })
  const { link } = await emailTo(amara.email)
  await here.open(link)
  expect((await here.send(link)).headers.location).toBe('/learning')
  expect((await personAt(amara.email))!.consents).toEqual([])
})

test('a sign-up link works for a day, a sign-in link for 15 minutes', async () => {
  const { here } = await signUpAs(amara)
  const signUpLink = (await emailTo(amara.email)).link
  advance(hours(23))
  expect((await here.open(signUpLink)).status).toBe(200)
  advance(hours(2))
  expect((await here.open(signUpLink)).status).toBe(410)

  await make.person({ email: 'ada@example.org' })
  await here.open('/sign-in')
  await here.send('/sign-in/link', { email: 'ada@example.org' })
  const signInLink = (await emailTo('ada@example.org')).link
  advance(16 * 60_000)
  expect((await here.open(signInLink)).status).toBe(410)
})

test('opening a link does not use it, and only its hash is stored', async () => {
  const { here } = await signUpAs(amara)
  const { link } = await emailTo(amara.email)
  for (let n = 0; n < 3; n++) expect((await browser().open(link)).status).toBe(200)
  expect(JSON.stringify(await Links.find({}))).not.toContain(link.split('/').pop())
  await here.open(link)
  expect((await here.send(link)).status).toBe(303)
})

test('only one of two browsers that use a link at the same time gets in', async () => {
  const { here } = await signUpAs(amara)
  const { link } = await emailTo(amara.email)
  const other = browser()
  await Promise.all([here.open(link), other.open(link)])
  const answers = await Promise.all([here.send(link), other.send(link)])
  expect(answers.map(answer => answer.status).sort()).toEqual([303, 410])
  expect(await People.count({ email: amara.email })).toBe(1)
})

test.each([
  ['nothing', {}, ['Enter your name', 'Enter your email address', 'Enter a password']],
  [
    'an address without an ending',
    { ...amara, email: 'amara@northwind' },
    ['Enter a complete email address, including an ending such as .com'],
  ],
  ['a short password', { ...amara, password: 'seven77' }, ['at least 10 characters. This one has 7']],
  [
    'an email address as the password',
    { ...amara, password: amara.email },
    ['This password is too easy to guess, because it&#39;s made of your name, email address or company'],
  ],
  [
    'a name as the password',
    { ...amara, password: 'Amara-Okonkwo' },
    ['made of your name, email address or company'],
  ],
  ['five emoji', { ...amara, password: '😀🎉🚀🌷🐙' }, ['at least 10 characters. This one has 5']],
  ['a tab', { ...amara, password: 'walk and\ttalk a while' }, ['without tabs and line breaks']],
  ['a common password', { ...amara, password: 'Password123!' }, ['This password is too easy to guess']],
  [
    'a name that is too long',
    { ...amara, name: 'a'.repeat(101) },
    ['Use at most 100 characters. You&#39;ve used 101'],
  ],
  [
    'a password that is too long',
    { ...amara, password: 'abcde'.repeat(41) },
    ['Use at most 200 characters. You&#39;ve used 205'],
  ],
])('a form with %s comes back with what was typed, and nothing is written', async (_what, typed, errors) => {
  const { answer } = await signUpAs({ ...typed, next: '/pricing', profiling: 'on' })
  expect(answer.status).toBe(422)
  for (const error of errors) expect(answer.text).toContain(error)
  if ('name' in typed) expect(answer.text).toContain(`value="${typed.name}"`)
  expect(answer.text).toContain('name="next" value="/pricing"')
  expect(await Links.count({})).toBe(0)
})

test('the sign-up page names the lesson the visitor was going to, and links to no other site', async () => {
  const pumps = await make.course({ lessons: 3, title: 'Pumps, plainly' })
  const page = await browser().open(`/sign-up?next=/courses/${pumps.slug}/lessons/lesson-2`)
  expect(page.text).toMatch(/you go straight to lesson 2 of <a [^>]+>Pumps, plainly<\/a>/)
  for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example', '/a/..//evil.example']) {
    expect((await browser().open(`/sign-up?next=${encodeURIComponent(next)}`)).text).not.toContain('evil')
  }
})

test('a learner is subscribed only after confirming, and the email that asked is stored as proof', async () => {
  const { here } = await signUpAs({ ...amara, marketing_email: 'on' })
  await here.open((await emailTo(amara.email)).link)
  await here.send((await emailTo(amara.email)).link)
  await runAllDue()
  expect((await personAt(amara.email))!.consents).toEqual([])

  const email = await Emails.findOne({ to: amara.email, _id: /^confirmMarketing/ })
  const link = /\/links\/[\w-]+/.exec(email!.text)![0]
  advance(days(6))
  const phone = browser()
  expect((await phone.open(link)).text).toContain('Confirm your subscription')
  expect((await phone.send(link)).headers.location).toBe('/email-preferences/confirmed')
  expect((await phone.open('/email-preferences/confirmed')).text).toContain('You&#39;re subscribed')
  expect((await personAt(amara.email))!.consents).toEqual(['marketing_email'])
  const consent = await Consents.findOne({ purpose: 'marketing_email' })
  expect(consent!.confirmedBy).toContain('You ticked this box')
  expect((await phone.open(link)).status).toBe(410)
})

test.each([
  'Visit https://evil.example',
  'Win at evil.com',
  'evil[dot]com',
  'Call me@evil.com',
  'evil．com',
  'hxxp://evil',
])('nobody signs a stranger up as “%s”: the form says why, and nothing is sent', async name => {
  const { answer } = await signUpAs({ ...amara, name, how: 'link' })
  expect(answer.status).toBe(422)
  expect(answer.text).toContain('Enter your name without a web or email address')
  expect(await Emails.count()).toBe(0)
})

test('the email to an unconfirmed address carries no word that was typed into the form', async () => {
  await signUpAs({ ...amara, name: 'You have won 1,000 euros' })
  const email = await emailTo(amara.email)
  expect(email.html + email.text + email.subject).not.toMatch(/won|1,000/)
})

test('a name is stored without what nobody can see, and in one form of its accents', async () => {
  const { here } = await signUpAs({
    ...amara,
    name: '\u202eJose\u0301\u200b\r\nBcc:\ufeff Maria\u2066',
    how: 'link',
  })
  const { link } = await emailTo(amara.email)
  await here.open(link)
  await here.send(link)
  expect(await personAt(amara.email)).toMatchObject({ name: 'José Bcc: Maria' })
})

test('a name of invisible characters is no name', async () => {
  const { answer } = await signUpAs({ ...amara, name: '\u200b\u202e\u3164', how: 'link' })
  expect(answer.status).toBe(422)
  expect(answer.text).toContain('Enter your name')
})

test('a learner can work at Booking.com, but not at https://booking.com', async () => {
  const { here } = await signUpAs({ ...amara, how: 'link' })
  const { link } = await emailTo(amara.email)
  await here.open(link)
  await here.send(link)
  await here.open('/account')
  const save = (title: string, name = 'Amara Okonkwo') => here.send('/account', { name, title, country: '' })
  expect((await save('Head of learning, Booking.com')).status).toBe(303)
  expect(await personAt(amara.email)).toMatchObject({ title: 'Head of learning, Booking.com' })
  expect((await save('See https://booking.com')).text).toContain(
    'Enter a job title without a web or email address',
  )
  expect((await save('', 'evil.com')).status).toBe(422)
})

test('a password that was set with composed accents opens the account from a keyboard without them', async () => {
  const password = 'café crème brûlée'
  const { here } = await signUpAs({ ...amara, password: password.normalize('NFD') })
  const { link } = await emailTo(amara.email)
  await here.open(link)
  await here.send(link)
  for (const form of ['NFC', 'NFD']) {
    const elsewhere = browser()
    await elsewhere.open('/sign-in')
    const answer = await elsewhere.send('/sign-in', {
      email: amara.email,
      password: password.normalize(form),
    })
    expect(answer.headers.location).toBe('/learning')
  }
})

test('a learner can’t change their password to their company, and reads why', async () => {
  const { here } = await signUpAs({ ...amara, how: 'link' })
  const { link } = await emailTo(amara.email)
  await here.open(link)
  await here.send(link)
  await here.open('/account')
  const change = (password: string) => here.send('/account/password', { password })
  expect((await change('Northwind Pumps!')).text).toContain('made of your name, email address or company')
  expect((await change('Lyceum-2026-')).text).toContain('This password is too easy to guess')
  expect((await change('a river full of fish')).status).toBe(303)
})
