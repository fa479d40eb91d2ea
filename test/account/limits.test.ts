import mongoose from 'mongoose'
import { config } from '../../src/platform/config'
import { Emails } from '../../src/mail/email'
import { hashPassword } from '../../src/people/password'
import { People } from '../../src/people/person'
import { perCaller } from '../../src/web/rate-limit'
import { openAcademy, type Academy } from '../kit/academy'
import * as make from '../kit/make'
import { amara, browser, emailTo, resetRateLimits } from './browser'

// Behind one trusted proxy, which names the caller's address.
config.demo = false
config.trustProxy = 1

let academy: Academy
beforeAll(async () => (academy = await openAcademy()))
afterAll(() => academy.close())
beforeEach(async () => {
  const { password, ...account } = amara
  await make.person({ ...account, role: 'admin', passwordHash: await hashPassword(password) })
})
afterEach(async () => {
  jest.restoreAllMocks()
  await People.deleteMany({})
  await Emails.deleteMany({})
  await resetRateLimits()
})

const home = '93.184.216.34'
const attacker = '198.51.100.7'
const at = (address: string) => browser({ 'x-forwarded-for': address })

/** Sends a form several times, one after the other, and returns the last response. */
async function sendTimes(times: number, address: string, path: string, fields: Record<string, string>) {
  const here = at(address)
  await here.open('/sign-in')
  let answer = await here.send(path, fields)
  for (let n = 1; n < times; n++) answer = await here.send(path, fields)
  return answer
}

const wrong = { email: amara.email, password: 'a guess of somebody else' }

test('wrong passwords from elsewhere keep nobody out, not even an administrator', async () => {
  const refused = await sendTimes(12, attacker, '/sign-in', wrong)
  expect(refused.status).toBe(429)
  expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(30)
  expect((await sendTimes(1, home, '/sign-in', amara)).status).toBe(303)
})

test('whoever guesses is slowed down, reads how long to wait, and keeps the form', async () => {
  const refused = await sendTimes(12, attacker, '/sign-in', wrong)
  expect(refused.text).toMatch(/Too many attempts\. Try again in \d+ seconds/)
  expect(refused.text).toContain(`value="${amara.email}"`)
  expect(refused.text).not.toContain(wrong.password)
  // As after 30 seconds.
  await mongoose.connection.collection('rate_limits').deleteMany({ key: /-pace:/ })
  expect((await sendTimes(1, attacker, '/sign-in', wrong)).status).toBe(422)
  expect((await sendTimes(1, attacker, '/sign-in', wrong)).status).toBe(429)
})

test('a browser that signed in before gets in from the address of an attacker', async () => {
  const here = at(attacker)
  await here.open('/sign-in')
  await here.send('/sign-in', amara)
  await here.open('/account')
  await here.send('/sign-out')
  expect((await sendTimes(12, attacker, '/sign-in', wrong)).status).toBe(429)
  await here.open('/sign-in')
  expect((await here.send('/sign-in', amara)).status).toBe(303)
})

test('a remembered browser is remembered for one account only, and guesses are counted there too', async () => {
  const here = at(home)
  await here.open('/sign-in')
  await here.send('/sign-in', amara)
  await here.open('/account')
  await here.send('/sign-out')
  await here.open('/sign-in')
  const answers: number[] = []
  for (let n = 0; n < 12; n++) answers.push((await here.send('/sign-in', wrong)).status)
  expect(answers.at(-1)).toBe(429)
})

test('many callers who guess one password together are slowed down as well', async () => {
  for (let n = 0; n < 10; n++) await sendTimes(10, `198.51.100.${n}`, '/sign-in', wrong)
  await sendTimes(1, '198.51.100.90', '/sign-in', wrong)
  expect((await sendTimes(1, '198.51.100.91', '/sign-in', wrong)).status).toBe(429)
  const link = await sendTimes(1, home, '/sign-in/link', { email: amara.email })
  expect(link.headers.location).toBe('/sign-up/email-sent')
})

test('link requests from elsewhere keep nobody out: a link that works is in the inbox', async () => {
  for (let n = 0; n < 3; n++) {
    await sendTimes(8, `198.51.100.${n}`, '/sign-in/link', { email: amara.email })
  }
  expect(await Emails.count({ to: amara.email })).toBeLessThanOrEqual(9)
  const here = at(home)
  await here.open('/sign-in')
  expect((await here.send('/sign-in/link', { email: amara.email })).status).toBe(303)
  const { link } = await emailTo(amara.email)
  await here.open(link)
  expect((await here.send(link)).headers.location).toBe('/admin/people')
})

test('a caller who asks for link after link is refused on the form', async () => {
  const refused = await sendTimes(10, attacker, '/sign-in/link', { email: amara.email })
  expect(refused.status).toBe(429)
  expect(refused.text).toContain(`value="${amara.email}"`)
})

test('thirty people in one room sign up, with typing errors', async () => {
  for (let n = 0; n < 30; n++) {
    const here = at(home)
    await here.open('/sign-up')
    const person = { how: 'link', name: `Learner ${n}`, email: `learner-${n}@northwind-pumps.com` }
    expect((await here.send('/sign-up', { ...person, email: 'learner' })).status).toBe(422)
    expect((await here.send('/sign-up', person)).status).toBe(303)
    const { link } = await emailTo(person.email)
    await here.open(link)
    expect((await here.send(link)).status).toBe(303)
  }
})

test('a sign-up that has to wait keeps its form', async () => {
  const fields = { how: 'link', name: 'Ada', email: 'ada@northwind-pumps.com' }
  const refused = await sendTimes(10, home, '/sign-up', fields)
  expect(refused.status).toBe(429)
  expect(refused.text).toContain('value="ada@northwind-pumps.com"')
})

test('a caller is an IPv4 address, or a /64 network of IPv6', () => {
  expect(perCaller({ ip: '93.184.216.34' })).toBe('93.184.216.34')
  expect(perCaller({ ip: '::ffff:93.184.216.34' })).toBe('93.184.216.34')
  expect(perCaller({ ip: '2001:db8:1:2:3:4:5:6' })).toBe('2001:db8:1:2::/64')
  expect(perCaller({ ip: '2001:db8:1:2::' })).toBe('2001:db8:1:2::/64')
  expect(perCaller({ ip: '2001:db8:1:3::1' })).not.toBe(perCaller({ ip: '2001:db8:1:2::1' }))
  expect(perCaller({ ip: undefined })).toBe('unknown')
})

test('the counts have their unique index before the first request', async () => {
  await mongoose.connection.collection('rate_limits').insertOne({ key: 'once', points: 1, expire: null })
  const again = mongoose.connection
    .collection('rate_limits')
    .insertOne({ key: 'once', points: 1, expire: null })
  await expect(again).rejects.toMatchObject({ code: 11000 })
})

test('an address can request 300 emails a day; then one every 5 minutes, and other addresses go on', async () => {
  const visitor = at(attacker)
  await visitor.open('/sign-up')
  const signUp = async (n: number) => {
    const { status } = await visitor.send('/sign-up', {
      name: 'Amara Okonkwo',
      email: `amara-${n}@northwind-pumps.com`,
      how: 'link',
    })
    return status
  }
  const statuses: number[] = []
  for (let n = 0; n < 305; n++) {
    if (n % 150 === 0)
      await mongoose.connection.collection('rate_limits').deleteMany({ key: /^link-caller:/ })
    statuses.push(await signUp(n))
  }
  expect(statuses.filter(status => status === 303)).toHaveLength(301)
  expect(statuses.slice(301)).toEqual([429, 429, 429, 429])
  const elsewhere = at(home)
  await elsewhere.open('/sign-up')
  const fields = { name: 'Ada', email: 'ada@northwind-pumps.com', how: 'link' }
  expect((await elsewhere.send('/sign-up', fields)).status).toBe(303)
  const keys = await mongoose.connection.collection('rate_limits').distinct('key', { key: /caller-day/ })
  expect(keys.join()).not.toContain(attacker)
})
