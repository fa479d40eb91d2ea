import request from 'supertest'
import { hours } from '../../src/platform/clock'
import { People } from '../../src/people/person'
import { openAcademy, type Academy } from '../kit/academy'
import { advance, setTime } from '../kit/clock'
import * as make from '../kit/make'
import { browser, carriedIn, emailTo, followed, resetRateLimits } from '../account/browser'

let academy: Academy
const firefox = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' }

beforeAll(async () => {
  academy = await openAcademy()
  await make.course({ slug: 'pumps' })
})
beforeEach(() => {
  setTime('2026-11-23T09:00:00Z')
})
afterEach(resetRateLimits)
afterAll(() => academy.close())

type Browser = ReturnType<typeof browser>

/** Signs up from the page that the browser has open, and returns the new person. */
async function signUp(here: Browser, email: string) {
  await here.open('/sign-up')
  await here.send('/sign-up', { how: 'link', name: 'Vera', email })
  const { link } = await emailTo(email)
  await here.open(link)
  await here.send(link)
  return (await People.findOne({ email }))!
}

test('two visitors behind one address with the same browser keep their own touches', async () => {
  const [ada, bob, eve] = [browser(firefox), browser(firefox), browser(firefox)]
  await ada.open('/courses/pumps?utm_source=newsletter&utm_campaign=autumn')
  await bob.open('/pricing?utm_source=partner')
  await eve.open('/pricing')
  for (const here of [ada, bob, eve]) await here.open('/courses')
  expect(await signUp(bob, 'bob@northwind.com')).toMatchObject({
    firstTouch: { landing: '/pricing', source: 'partner', campaign: null },
    lastTouch: { source: 'partner' },
  })
  expect(await signUp(ada, 'ada@northwind.com')).toMatchObject({
    firstTouch: { landing: '/courses/pumps', source: 'newsletter', campaign: 'autumn' },
  })
  // She came directly, so she gets neither of their touches.
  expect(await signUp(eve, 'eve@northwind.com')).toMatchObject({ firstTouch: null, lastTouch: null })
})

test('a visitor who comes back by another route keeps the first touch and gets a new last one', async () => {
  const here = browser(firefox)
  await here.open('/courses/pumps?utm_source=newsletter')
  await here.open('/courses')
  advance(hours(2))
  await here.open('/pricing?utm_source=partner')
  const vera = await signUp(here, 'vera@northwind.com')
  expect(vera.firstTouch).toMatchObject({ source: 'newsletter', at: new Date('2026-11-23T09:00:00Z') })
  expect(vera.lastTouch).toMatchObject({ source: 'partner', at: new Date('2026-11-23T11:00:00Z') })
})

test('a visitor keeps their touch when a form has errors, and when a page asks them to sign up first', async () => {
  const here = browser(firefox)
  await here.open('/courses/pumps?utm_source=newsletter')
  const locked = await here.open('/learning')
  expect(locked.headers.location).toMatch(/^\/sign-in\?next=%2Flearning&touch=/)
  await here.open('/courses/pumps?utm_source=newsletter')
  await here.open('/sign-up')
  expect((await here.send('/sign-up', { how: 'link', name: '' })).status).toBe(422)
  await here.send('/sign-up', { how: 'link', name: 'Tom', email: 'tom@northwind.com' })
  const { link } = await emailTo('tom@northwind.com')
  await here.open(link)
  await here.send(link)
  expect((await People.findOne({ email: 'tom@northwind.com' }))!.firstTouch!.source).toBe('newsletter')
})

describe('a reader of a link that someone copied', () => {
  const touched = async () =>
    carriedIn((await browser(firefox).open('/courses/pumps?utm_source=newsletter')).text)!

  test.each([
    ['types it', { 'sec-fetch-site': 'none' }],
    ['follows it in an email', { 'sec-fetch-site': 'cross-site', referer: 'https://mail.example/' }],
    ['follows it in an old browser', { referer: 'https://wiki.example/page' }],
    ['opens it without any header', {}],
  ])('gets nothing of the sender who %s', async (_how, headers) => {
    const path = followed('/pricing', await touched())
    const page = await request(academy.app)
      .get(path)
      .set({ accept: 'text/html', ...firefox, ...headers })
    expect(page.text).not.toContain('newsletter')
    expect(carriedIn(page.text)).not.toBe(await touched())
  })
})

test('nobody can forge a touch, and one is useless after a day', async () => {
  const site = { 'sec-fetch-site': 'same-origin' }
  const read = async (path: string) =>
    (
      await request(academy.app)
        .get(path)
        .set({ accept: 'text/html', ...firefox, ...site })
        .expect(200)
    ).text
  const token = carriedIn(await read('/courses/pumps?utm_source=newsletter'))!
  expect(carriedIn(await read(followed('/pricing', token)))).toBe(token)
  const [text, signature] = token.split('.')
  for (const forged of [`${text}x.${signature}`, text!, '.', `${text}.${signature}x`, 'x'.repeat(9000)]) {
    expect(carriedIn(await read(followed('/pricing', forged)))).toBeUndefined()
  }
  advance(hours(24))
  expect(carriedIn(await read(followed('/pricing', token)))).toBeUndefined()
})

test('the page of a visitor who carries a touch is not cached; those of direct visitors are shared', async () => {
  const get = (path: string) =>
    request(academy.app)
      .get(path)
      .set({ accept: 'text/html', ...firefox })
  const carrying = await get('/courses/pumps?utm_source=newsletter').expect(200)
  expect(carrying.headers['cache-control']).toBe('private, no-store')
  expect(carrying.headers.etag).toBeUndefined()
  expect(carrying.headers['set-cookie']).toBeUndefined()
  const direct = await get('/courses/pumps').expect(200)
  expect(carriedIn(direct.text)).toBeUndefined()
  expect(direct.headers.etag).toBeDefined()
  expect(carrying.text).not.toMatch(/(src|href)="[^"]*\.(css|js|png|svg|ico)[^"]*touch=/)
})

test('a visitor can read in the privacy notice what their links carry', async () => {
  const { text } = await browser(firefox).open('/privacy')
  expect(text).toContain('the links and forms on our pages carry')
  expect(text).toContain('24 hours')
})
