import { setTimeout as rest } from 'node:timers/promises'
import request from 'supertest'
import { hours, now } from '../../src/platform/clock'
import type { Touch } from '../../src/people/person'
import { recordVisit, Visits } from '../../src/people/visit'
import { VisitDays } from '../../src/people/visit-day'
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
