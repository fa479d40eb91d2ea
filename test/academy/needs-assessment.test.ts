import { Paths } from '../../src/courses/path'
import { Enrolments } from '../../src/learning/enrolment'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous } from '../kit/as'
import * as make from '../kit/make'
import { amara, browser, emailTo } from '../account/browser'

let academy: Academy
const answers = 'work=sales&goal=leads&now=nothing&people=me&when=looking'
const lessonsOf = (minutes: number) => ({ lessons: 1, topic: 'sales' as const, lesson: () => ({ minutes }) })

beforeAll(async () => {
  academy = await openAcademy()
  await make.course({ slug: 'short', title: 'Short', ...lessonsOf(41) })
  await make.course({
    slug: 'long',
    title: 'Long',
    ...lessonsOf(140),
    price: { amount: 24000, currency: 'EUR' },
  })
  await make.path({
    slug: 'both',
    title: 'Both of them',
    audience: 'Sales',
    summary: 'All there is.',
    courses: ['long', 'short'],
  })
})
afterAll(() => academy.close())

const read = async (path: string) => (await (await anonymous()).get(path).expect(200)).text

test('a visitor with about an hour gets what fits into it; the rest comes later, with its price', async () => {
  const page = await read(`/needs-assessment?${answers}&time=hour`)
  expect(page).toContain('start with 1 course, 41 min. The rest of the path takes 2 h 20, which is more than')
  const [now, later] = page.split('When you have more time')
  expect(now).toContain('41 min · Free')
  expect(now).toMatch(/href="\/courses\/short">\s*View first course/)
  expect(now).not.toContain('>Long<')
  expect(later).toContain('2 h 20 · €240')
})

test('a visitor with a few weeks gets the whole path', async () => {
  const page = await read(`/needs-assessment?${answers}&time=weeks`)
  expect(page).toContain('we suggest 2 courses, 3 h 01')
  expect(page).not.toContain('When you have more time')
})

test('a visitor with one hour gets a one-hour path before a longer one', async () => {
  await make.path({
    slug: 'hour',
    title: 'One hour',
    audience: 'Sales',
    summary: 'Short.',
    courses: ['short'],
  })
  jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 20_000)
  expect(await read(`/needs-assessment?${answers}&time=hour`)).toContain('<h1>One hour</h1>')
  await Paths.deleteMany({ slug: 'hour' })
  jest.restoreAllMocks()
})

test('a visitor with less time than any course takes is told so', async () => {
  await Paths.updateOne({ slug: 'both' }, { $set: { courses: ['long'] } })
  jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000)
  const page = await read(`/needs-assessment?${answers}&time=hour`)
  expect(page).toContain('its shortest course takes 2 h 20, which is more than “About an hour”')
  jest.restoreAllMocks()
})

test('a visitor who presses "Enrol and start" signs up, and is then in the first lesson', async () => {
  const here = browser()
  const course = await here.open('/courses/short')
  const [, href] = /href="(\/sign-up\?next=[^"]+)">Enrol and start</.exec(course.text)!
  const form = await here.open(href!)
  expect(form.text).toMatch(/Then you&#39;re enrolled in|Then you're enrolled in/)
  const [, next] = /name="next" value="([^"]+)"/.exec(form.text)!
  await here.send('/sign-up', { how: 'password', ...amara, next: next! })
  const { link } = await emailTo(amara.email)
  await here.open(link)
  expect((await here.send(link)).headers.location).toBe('/courses/short/lessons/lesson-1')
  expect(await Enrolments.count({ slug: 'short' })).toBe(1)
  // Opening the URL again enrols nobody and shows the course.
  expect((await here.open('/courses/long/enrolment')).headers.location).toBe('/courses/long')
  expect((await here.open('/sign-up?next=/courses/long/enrolment')).headers.location).toBe(
    '/courses/long/enrolment',
  )
  expect(await Enrolments.count({})).toBe(1)
})
