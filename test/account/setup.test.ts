import { readBrand } from '../../src/brand/brand'
import { publishBrand } from '../../src/brand/change-brand'
import { days, minutes, now } from '../../src/platform/clock'
import { Emails } from '../../src/mail/email'
import { issueLink, issueSetupLink, Links } from '../../src/people/link'
import { People } from '../../src/people/person'
import { openAcademy, type Academy } from '../kit/academy'
import { advance, setTime } from '../kit/clock'
import * as make from '../kit/make'
import { runAllDue } from '../kit/ledger'
import { browser, resetRateLimits } from './browser'

let academy: Academy
beforeAll(async () => (academy = await openAcademy(async () => {})))
afterAll(() => academy.close())
beforeEach(async () => {
  setTime('2026-11-23T09:00:00Z')
  await Promise.all([People.deleteMany({}), Links.deleteMany({}), resetRateLimits()])
})

const ines = {
  academyName: 'Harbour Crane School',
  name: 'Ines Halvorsen',
  email: 'ines@harbour-crane.example',
  password: 'quiet water under bridges',
}
const setupLink = async () => `/setup/${await issueSetupLink()}`

test('whoever can read the output of the server becomes the administrator of a named academy', async () => {
  const link = await setupLink()
  const here = browser()
  expect((await here.open(link)).status).toBe(200)
  const answer = await here.send(link, ines)
  expect(answer.status).toBe(303)
  expect(answer.headers.location).toBe('/admin')
  expect((await here.open('/admin')).text).toContain('the administrator of Harbour Crane School')
  expect(await People.find({})).toMatchObject([{ role: 'admin', email: ines.email, name: ines.name }])
  expect((await readBrand()).draft.academyName).toBe('Harbour Crane School')
  // The academy has no legal name yet, so no email can end with one.
  await runAllDue()
  expect(await Emails.find({})).toEqual([])

  const again = browser()
  await again.open('/sign-in')
  expect((await again.send('/sign-in', { email: ines.email, password: ines.password })).status).toBe(303)
})

test('a form that is refused keeps what was typed, and creates nobody', async () => {
  const link = await setupLink()
  const here = browser()
  await here.open(link)
  const weak = await here.send(link, { ...ines, password: 'harbour crane school' })
  expect(weak.status).toBe(422)
  expect(weak.text).toContain('value="ines@harbour-crane.example"')
  expect(weak.text).not.toContain('harbour crane school"')
  expect((await here.send(link, {})).status).toBe(422)
  expect(await People.count({})).toBe(0)
  expect((await here.send(link, ines)).status).toBe(303)
})

test('visitors see an academy once it is published, and the team before that', async () => {
  const status = async (path: string, here = browser()) => (await here.open(path)).status
  expect((await browser().open('/')).text).toMatch(/isn.{1,6}t open yet[^]*href="\/sign-in"/)
  for (const path of ['/courses', '/sign-up', '/paths', '/sitemap.xml']) expect(await status(path)).toBe(404)
  expect(await status('/sign-in')).toBe(200)
  const link = await setupLink()
  const here = browser()
  await here.open(link)
  await here.send(link, ines)
  expect(await status('/', here)).toBe(200)
  await publishBrand('academy', (await readBrand()).draftNumber, null)
  for (const path of ['/', '/courses', '/sign-up']) expect(await status(path)).toBe(200)
})

test('an account that has the address already becomes the administrator, even when it was suspended', async () => {
  await make.person({ email: ines.email, suspendedAt: now() })
  const link = await setupLink()
  const here = browser()
  await here.open(link)
  expect((await here.send(link, ines)).status).toBe(303)
  expect((await here.open('/admin')).status).toBe(200)
  expect(await People.find({})).toMatchObject([{ role: 'admin', suspendedAt: null }])
})

test('two people with the link at the same moment make one administrator', async () => {
  const link = await setupLink()
  const answers = await Promise.all(
    ['one', 'two'].map(async name => {
      const here = browser()
      await here.open(link)
      return here.send(link, { ...ines, email: `${name}@harbour-crane.example` })
    }),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([303, 410])
  expect(await People.count({})).toBe(1)
})

test('two links at the same moment make one administrator too, and a newer link ends an older one', async () => {
  const links = [await issueLink({ purpose: 'setup' }), await issueLink({ purpose: 'setup' })].map(
    token => `/setup/${token}`,
  )
  const visitors = await Promise.all(
    links.map(async link => {
      const here = browser()
      await here.open(link)
      return here
    }),
  )
  const answers = await Promise.all(
    visitors.map((here, n) => here.send(links[n]!, { ...ines, email: `${n}@harbour-crane.example` })),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([303, 410])
  expect(await People.count({ role: 'admin' })).toBe(1)

  await People.deleteMany({})
  const [older, newer] = [await setupLink(), await setupLink()]
  expect((await browser().open(older)).status).toBe(410)
  const here = browser()
  await here.open(newer)
  expect((await here.send(newer, ines)).status).toBe(303)
})

test('an account that is there already becomes the administrator, with the password of the form', async () => {
  const known = await make.person({ email: ines.email })
  const link = await setupLink()
  const here = browser()
  await here.open(link)
  expect((await here.send(link, ines)).status).toBe(303)
  expect(await People.find({})).toMatchObject([{ _id: known._id, role: 'admin' }])
  const again = browser()
  await again.open('/sign-in')
  expect((await again.send('/sign-in', { email: ines.email, password: ines.password })).status).toBe(303)
})

test('nobody else gets in: the link ends after a day and with the first administrator', async () => {
  const expired = await setupLink()
  advance(days(1) + minutes(1))
  expect((await browser().open(expired)).status).toBe(410)
  const signIn = await issueLink({ purpose: 'sign-in', email: ines.email })
  expect((await browser().open(`/setup/${signIn}`)).status).toBe(410)
  const link = await setupLink()
  expect((await browser().open(link.replace('/setup/', '/links/'))).status).toBe(410)
  const here = browser()
  await here.open(link)
  await make.person({ role: 'admin' })
  expect((await here.send(link, ines)).status).toBe(410)
  expect((await browser().open(link)).text).toContain('already has an administrator')
  expect(await People.count({})).toBe(1)
})
