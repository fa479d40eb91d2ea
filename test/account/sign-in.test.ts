import mongoose from 'mongoose'
import request from 'supertest'
import { Emails } from '../../src/mail/email'
import { hashPassword } from '../../src/people/password'
import { People } from '../../src/people/person'
import { holdMachineClock } from '../kit/clock'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import * as make from '../kit/make'
import { amara, browser, resetRateLimits, emailTo } from './browser'

let academy: Academy
beforeAll(async () => (academy = await openAcademy()))
afterAll(() => academy.close())
beforeEach(async () => {
  const { password, ...account } = amara
  await make.person({ ...account, passwordHash: await hashPassword(password) })
})
afterEach(async () => {
  jest.restoreAllMocks()
  await People.deleteMany({})
  await Emails.deleteMany({})
  await resetRateLimits()
})

async function signIn(fields: Record<string, string>, here = browser()) {
  await here.open('/sign-in')
  return { here, answer: await here.send('/sign-in', fields) }
}

test('a learner signs in with their password, under a new session id', async () => {
  const { here, answer } = await signIn(amara)
  expect(answer.headers.location).toBe('/learning')
  expect(String(answer.headers['set-cookie'])).toMatch(/academy_session=.*HttpOnly; SameSite=Lax/)
  expect((await here.open('/account')).text).toContain('Amara Okonkwo')
  expect((await here.open('/sign-in')).status).toBe(303)
})

test.each([
  ['prospect', '/learning'],
  ['author', '/studio'],
  ['reviewer', '/studio'],
  ['sales', '/sales/queue'],
  ['sales-lead', '/sales/queue'],
  ['admin', '/admin/people'],
] as const)('a %s starts at %s', async (role, home) => {
  await People.updateOne({ email: amara.email }, { role })
  expect((await signIn(amara)).answer.headers.location).toBe(home)
})

test.each([
  ['a wrong password', { email: amara.email, password: 'not this one at all' }],
  ['an unknown address', { email: 'nobody@northwind-pumps.com', password: amara.password }],
])('%s gets the same response', async (_what, fields) => {
  const { answer } = await signIn(fields)
  expect(answer.status).toBe(422)
  expect(answer.text).toContain('Incorrect email or password')
  expect(answer.text).toContain(`value="${fields.email}"`)
})

test('nobody can sign in with a password to an account without one', async () => {
  await People.updateOne({ email: amara.email }, { passwordHash: null })
  expect((await signIn(amara)).answer.status).toBe(422)
})

test('a suspended person is locked out, even with a session', async () => {
  holdMachineClock()
  const { here } = await signIn(amara)
  expect((await here.open('/account')).status).toBe(200)
  await People.updateOne({ email: amara.email }, { suspendedAt: new Date() })
  expect((await here.open('/account')).headers.location).toMatch(/^\/sign-in/)
  expect((await signIn(amara)).answer.status).toBe(422)
})

test('a change by another process takes effect within 2 seconds', async () => {
  const clock = holdMachineClock()
  const { here } = await signIn(amara)
  const { here: elsewhere } = await signIn(amara)
  for (const browser of [here, elsewhere]) expect((await browser.open('/account')).status).toBe(200)

  // Bypasses this process's cache, as a change by another process does.
  await People.collection.updateOne({ email: amara.email }, { $set: { role: 'author' } })
  clock.move(2001)
  expect((await here.open('/studio')).status).toBe(200)
  await mongoose.connection.collection('sessions').deleteMany({})
  clock.move(2001)
  for (const browser of [here, elsewhere]) expect((await browser.open('/account')).status).toBe(303)
})

test('a learner who signs out is out immediately, even for a request with the old cookie', async () => {
  holdMachineClock()
  const { here, answer } = await signIn(amara)
  const old = /academy_session=[^;]+/.exec(String(answer.headers['set-cookie']))![0]
  const open = () => request(theApp()).get('/account').set('cookie', old)
  await open().expect(200)
  await here.open('/account')
  await here.send('/sign-out')
  await open().expect(303)
})

test('an anonymous visitor is sent to sign in, and then back to the page', async () => {
  const here = browser()
  const redirected = await here.open('/account/sharing')
  expect(redirected.headers.location).toBe('/sign-in?next=%2Faccount%2Fsharing')
  const signInPage = await here.open(redirected.headers.location!)
  expect(signInPage.text).toContain('name="next" value="/account/sharing"')
  const answer = await here.send('/sign-in', { ...amara, next: '/account/sharing' })
  expect(answer.headers.location).toBe('/account/sharing')
})

test('signing in never redirects to another site', async () => {
  for (const next of ['//evil.example', 'https://evil.example/', '/\\evil.example']) {
    expect((await signIn({ ...amara, next })).answer.headers.location).toBe('/learning')
  }
})

test('a sign-in link works for an account, and an address without one gets an email that says so', async () => {
  const here = browser()
  await here.open('/sign-in')
  const known = await here.send('/sign-in/link', { email: amara.email, next: '/pricing' })
  await here.open('/sign-in')
  const unknown = await here.send('/sign-in/link', { email: 'nobody@northwind-pumps.com' })
  expect([known.status, known.headers.location]).toEqual([unknown.status, unknown.headers.location])

  expect((await emailTo('nobody@northwind-pumps.com')).link).toBe('')
  const { link } = await emailTo(amara.email)
  await here.open(link)
  expect((await here.send(link)).headers.location).toBe('/pricing')
})

test('signing out ends the session, and the browser forgets its cookie and pages', async () => {
  const { here } = await signIn(amara)
  await here.open('/account')
  const { headers } = await here.send('/sign-out')
  expect(headers.location).toBe('/')
  expect(String(headers['set-cookie'])).toMatch(/academy_session=; Path=\/; Expires=Thu, 01 Jan 1970/)
  expect(headers['clear-site-data']).toBe('"cache", "storage"')
  expect((await here.open('/account')).status).toBe(303)
})

test('a learner can sign out everywhere else', async () => {
  holdMachineClock()
  const [phone, laptop] = [(await signIn(amara)).here, (await signIn(amara)).here]
  for (const each of [phone, laptop]) expect((await each.open('/account')).status).toBe(200)
  await laptop.send('/account/sessions/end')
  expect((await phone.open('/account')).status).toBe(303)
  expect((await laptop.open('/account')).text).toContain('You&#39;re signed out everywhere else.')
})

test('changing the password takes the current one and signs out all other devices', async () => {
  const [phone, laptop] = [(await signIn(amara)).here, (await signIn(amara)).here]
  await laptop.open('/account')
  const wrong = await laptop.send('/account/password', { current: 'no', password: 'another good one' })
  expect([wrong.status, wrong.text.includes('Incorrect current password')]).toEqual([422, true])
  const short = await laptop.send('/account/password', { current: amara.password, password: 'short' })
  expect(short.text).toContain('Choose a password of at least 10 characters. This one has 5')
  expect(
    (await laptop.send('/account/password', { current: amara.password, password: 'another good one' }))
      .status,
  ).toBe(303)
  expect((await laptop.open('/account')).text).toContain(
    'Password saved. You&#39;re signed out on all other devices.',
  )
  expect((await phone.open('/account')).status).toBe(303)
  expect((await signIn({ ...amara, password: 'another good one' })).answer.status).toBe(303)
})

test('a form without its CSRF token does nothing', async () => {
  const here = browser()
  expect((await here.send('/sign-in', amara)).status).toBe(403)
})
