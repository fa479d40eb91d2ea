import { Courses } from '../../src/courses/course'
import { decimalAmount, minorAmount } from '../../src/platform/currency'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import { cpuTimeOf } from '../kit/cpu-time'
import * as make from '../kit/make'

let academy: Academy
let author: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  author = await as(await make.person({ role: 'admin' }))
  await author.get('/courses').expect(200)
})
afterAll(() => academy.close())

/** Far more than any of these takes on a slow computer, and far less than without a cap. */
const maxMs = 2000

async function statusOf(send: () => PromiseLike<{ status: number }>): Promise<number> {
  let status = 0
  const spent = await cpuTimeOf(async () => ({ status } = await send()))
  expect(spent).toBeLessThan(maxMs)
  return status
}

const chinese = Array.from({ length: 40_000 }, (_, n) => String.fromCharCode(0x4e00 + (n % 20_000))).join('')
const spaces = ' '.repeat(30_000)

test.each(['/sign-in', '/sign-in/links', '/sign-up'])(
  'an endless email address is answered in a moment at %s',
  async path => {
    const visitor = await anonymous()
    const form = { email: `ada@${chinese}`, password: 'x'.repeat(50_000), name: spaces, next: chinese }
    const status = await statusOf(() => visitor.post(path, form))
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
  },
)

test.each([
  '/search?q=',
  '/courses?role=',
  '/studio/questions?course=',
  '/sales/leads?q=',
  '/admin/people?q=',
  '/integrations/inbound-events?q=',
])('an endless search is answered in a moment: %s', async path => {
  for (const text of [
    'a'.repeat(12_000),
    '%20'.repeat(4000),
    encodeURIComponent(chinese.slice(0, 1200)),
    '.*'.repeat(5000),
  ]) {
    expect(await statusOf(() => author.get(path + text))).toBeLessThan(500)
  }
})

test('endless headers are read in a moment', async () => {
  const referrer = `http://${encodeURIComponent(chinese.slice(0, 1200))}.example/`
  const visitor = await anonymous()
  const headers = {
    referer: referrer,
    'accept-language': 'en,'.repeat(3000),
    'user-agent': 'Mozilla '.repeat(300),
  }
  for (const [name, value] of Object.entries(headers)) {
    expect(await statusOf(() => visitor.get('/courses').set(name, value))).toBeLessThan(500)
  }
})

test('an author’s endless lines in the settings of a lesson and a course are answered in a moment', async () => {
  const course = await make.course()
  const settings = `/studio/courses/${course.slug}/lessons/lesson-1/settings`
  const line = `a b${spaces}c`
  const form = {
    kind: 'audio',
    minutes: 5,
    ...{ 'downloads.0.file': 'a.csv', 'downloads.0.title': line },
    ...{ 'chapters.0.start': `1:05${spaces}c`, 'chapters.0.title': 'b' },
    topics: ','.repeat(20_000),
  }
  expect(await statusOf(() => author.post(settings, form))).toBe(422)
  const fields = {
    'authors.0.name': line,
    outcomes: line,
    price: `1.${'0'.repeat(20_000)}1`,
    title: spaces,
  }
  expect(await statusOf(() => author.post(`/studio/courses/${course.slug}/settings`, fields))).toBe(422)
  expect(minorAmount(`1.${'0'.repeat(100_000)}1`, 'EUR')).toBeNull()
  expect(decimalAmount(minorAmount('79.500', 'EUR')!, 'EUR')).toBe('79.50')
})

test('a link to an endless number is read in a moment, and a numbered file still leads to its lesson', async () => {
  const { course, slug } = await make.course()
  const body = `[a](${'1'.repeat(100_000)}) [b](../01-all/02-lesson-2.md)\n`
  await Courses.updateOne({ _id: course }, { $set: { 'draft.modules.0.lessons.0.body': body } })
  const page = await author.get(`/studio/courses/${slug}/lessons/lesson-1`).expect(200)
  expect(page.text).not.toContain('lesson-2.md” is broken')
  expect(await statusOf(() => author.get(`/studio/courses/${slug}`))).toBe(200)
})

test('a learner’s heartbeat with endless ranges is refused in a moment', async () => {
  const course = await make.course({ lessons: 1 })
  const ada = await as(await make.person())
  await ada.post(`/courses/${course.slug}/enrolment`).expect(303)
  const progress = `/courses/${course.slug}/lessons/lesson-1/progress`
  expect(await statusOf(() => ada.post(progress, { ranges: '1-2,'.repeat(40_000) }))).toBe(422)
})
