import { setTimeout as rest } from 'node:timers/promises'
import mongoose from 'mongoose'
import request from 'supertest'
import { hours, now } from '../../src/platform/clock'
import type { Touch } from '../../src/people/person'
import { recordVisit, Visits } from '../../src/people/visit'
import { VisitDays } from '../../src/people/visit-day'
import { isBot } from '../../src/web/visits'
import { openAcademy, type Academy } from '../kit/academy'
import { setTime, advance } from '../kit/clock'

let academy: Academy
beforeAll(async () => (academy = await openAcademy()))
afterAll(() => academy.close())
beforeEach(() => {
  setTime('2026-11-23T23:30:00Z')
})
afterEach(async () => {
  await Visits.deleteMany({})
  await VisitDays.deleteMany({})
  await mongoose.connection.collection('visit_networks').deleteMany({})
})

const firefox = { ip: '192.0.2.7', userAgent: 'Firefox' }
function touch(given: Partial<Touch> = {}): Touch {
  const none = { referrer: null, source: null, medium: null, campaign: null, term: null, content: null }
  return { at: now(), landing: '/', ...none, ...given }
}

test('a visit is counted once, and once for each course that it opens', async () => {
  await recordVisit(firefox, touch({ landing: '/courses/pumps', source: 'Newsletter' }))
  await recordVisit(firefox, touch({ landing: '/pricing' }))
  await recordVisit(firefox, touch({ landing: '/courses/valves', referrer: 'example.org' }))
  await recordVisit(firefox, touch({ landing: '/courses/pumps/lessons/lesson-1' }))
  const counted = (await VisitDays.find({})).map(({ day, source, course, visits }) => [
    day,
    source,
    course,
    visits,
  ])
  expect(counted.sort()).toEqual(
    ['pumps', 'valves', null].map(course => ['2026-11-23', 'newsletter', course, 1]).sort(),
  )
})

test('yesterday’s visit is another one after midnight', async () => {
  await recordVisit(firefox, touch())
  advance(hours(1))
  await recordVisit(firefox, touch())
  expect((await VisitDays.find({})).map(({ day }) => day).sort()).toEqual(['2026-11-23', '2026-11-24'])
})

test('a visit contains neither the IP address nor the browser, and is deleted after 2 days', async () => {
  await recordVisit(firefox, touch())
  const [visit] = await Visits.find({})
  expect(JSON.stringify(visit)).not.toMatch(/192\.0\.2\.7|Firefox/)
  expect(visit!.expiresAt).toEqual(new Date('2026-11-25T23:30:00Z'))
})

test('people’s page views count, bots and missing pages do not, and nobody gets a cookie', async () => {
  const get = (path: string, agent: string) =>
    request(academy.app).get(path).set({ accept: 'text/html', 'user-agent': agent })
  const page = await get('/pricing', 'Mozilla/5.0 Firefox/140.0')
  expect(page.headers['set-cookie']).toBeUndefined()
  await get('/pricing', 'Mozilla/5.0 Firefox/140.0')
  await get('/pricing', 'Mozilla/5.0 (compatible; Googlebot/2.1)')
  await get('/there-is-no-such-page', 'Mozilla/5.0 Safari/605')
  await get('/robots.txt', 'Mozilla/5.0 Safari/605')
  for (let n = 0; n < 50 && !(await VisitDays.count({})); n++) await rest(10)
  expect(await VisitDays.find({})).toMatchObject([{ source: 'direct', course: null, visits: 1 }])
})

const countedVisits = async () =>
  (await VisitDays.find({ course: null })).reduce((sum, { visits }) => sum + visits, 0)

test('400 pages opened by a script are one visit, and 30 when it poses as another browser each time', async () => {
  const open = (agent: string) =>
    request(academy.app).get('/pricing').set({ accept: 'text/html', 'user-agent': agent })
  for (let n = 0; n < 4; n++)
    await Promise.all(Array.from({ length: 100 }, () => open('Mozilla/5.0 Firefox/140')))
  expect(await countedVisits()).toBe(1)
  for (let n = 0; n < 300; n += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, i) => open(`Mozilla/5.0 Firefox/${n + i}`)))
  }
  for (let n = 0; n < 50 && (await countedVisits()) < 30; n++) await rest(20)
  await rest(200)
  expect(await countedVisits()).toBe(30)
  expect(await Visits.count()).toBe(30)
})

test('the addresses of one IPv6 network are one caller, and another network still counts', async () => {
  for (let n = 0; n < 40; n++) {
    await recordVisit({ ip: `2001:db8:0:7::${n.toString(16)}`, userAgent: `Firefox ${n}` }, touch())
  }
  expect(await countedVisits()).toBe(30)
  await recordVisit({ ip: '2001:db8:0:8::1', userAgent: 'Firefox 1' }, touch())
  await recordVisit({ ip: '2001:db8:0:8::2', userAgent: 'Firefox 1' }, touch())
  expect(await countedVisits()).toBe(31)
})

test.each([
  'curl/8.5.0',
  'python-requests/2.32',
  'axios/1.7.2',
  'node',
  'Go-http-client/2.0',
  'okhttp/4.12',
  'facebookexternalhit/1.1',
  'Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/143.0',
  'Mozilla/5.0 (compatible; AhrefsBot/7.0)',
  'Mozilla/5.0 Chrome/143.0 Playwright/1.65',
])('%s is not a visitor', agent => expect(isBot(agent)).toBe(true))

test.each([
  'Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 Chrome/143.0 Mobile Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile Safari/604.1',
  'Opera/9.80 (J2ME/MIDP; Opera Mini/9.80) Presto/2.12',
])('%s is a visitor', agent => expect(isBot(agent)).toBe(false))

test('a page that a browser loads in case its reader opens it is not a visit', async () => {
  const agent = { accept: 'text/html', 'user-agent': 'Mozilla/5.0 Firefox/141' }
  await request(academy.app)
    .get('/pricing')
    .set({ ...agent, 'sec-purpose': 'prefetch' })
  await rest(100)
  expect(await countedVisits()).toBe(0)
})
