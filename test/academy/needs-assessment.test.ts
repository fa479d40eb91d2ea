import { randomInt } from 'node:crypto'
import { Types } from 'mongoose'
import { readLists } from '../../src/courses/catalogue-lists'
import { Paths } from '../../src/courses/path'
import type { Published } from '../../src/courses/published'
import { needsOf, proposePath } from '../../src/academy/needs-questions'
import { Enrolments } from '../../src/learning/enrolment'
import type { NeedsContent } from '../../src/signals/needs-content'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as } from '../kit/as'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { amara, browser, emailTo } from '../account/browser'

let academy: Academy
const answers = 'work=sales&goal=leads&people=me&when=looking'
const lessonsOf = (minutes: number) => ({ lessons: 1, topic: 'sales', lesson: () => ({ minutes }) })

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
  expect(page).toContain(
    'You have 1 h 15 min. Start with 1 course: 41 min, Free. The rest of the path takes 2 h 20 min.',
  )
  const [now, later] = page.split('When you have more time')
  expect(now).toContain('41 min · Free')
  expect(now).toMatch(/href="\/courses\/short">\s*View first course/)
  expect(now).not.toContain('>Long<')
  expect(later).toContain('2 h 20 min · €240')
})

test('a visitor with a few weeks gets the whole path, with its time and price', async () => {
  const page = await read(`/needs-assessment?${answers}&time=weeks`)
  expect(page).toContain('We suggest 2 courses: 3 h 1 min, €240.')
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
  expect(await read(`/needs-assessment?${answers}&time=hour`)).toContain('<h1>One hour</h1>')
  await Paths.withdraw('hour')
})

test('a learner is not proposed what they have finished, and hears when nothing else fits', async () => {
  const visitor = await as(await make.person())
  await visitor.post('/courses/short/enrolment').expect(303)
  await visitor.post('/courses/short/lessons/lesson-1/completion').expect(303)
  await runAllDue()
  const page = (await visitor.get(`/needs-assessment?${answers}&time=hour`).expect(200)).text
  expect(page).toContain('Nothing fits into 1 h 15 min: the shortest course takes 2 h 20 min.')
  expect(page).not.toContain('href="/courses/short"')
})

test('whatever is asked, a proposal fits the time said, has wanted topics first and nothing finished', async () => {
  const lists = await readLists()
  const topics = lists.topics.map(({ id }) => id)
  const audiences = lists.audiences.map(({ id }) => id)
  for (let round = 0; round < 2000; round++) {
    const courses = Array.from({ length: randomInt(9) }, (_, n) =>
      courseOf(`c${n}`, pick(topics), pick(audiences)),
    )
    const paths = Array.from({ length: randomInt(4) }, (_, n) =>
      pathOf(
        `p${n}`,
        courses.filter(() => chance()),
      ),
    )
    const content = builderOf(
      topics,
      audiences,
      paths.map(({ slug }) => slug),
    )
    const chosen = Object.fromEntries(content.questions.map(({ id, answers }) => [id, pick(answers).id]))
    const finished = new Set(courses.filter(() => chance(0.2)).map(({ slug }) => slug))
    const needs = needsOf(content, chosen)
    const proposal = proposePath(
      { paths: paths.filter(each => each.courses.length), courses, lists },
      needs,
      finished,
    )
    const open = courses.filter(({ slug }) => !finished.has(slug))
    const shown = JSON.stringify({ needs, proposal, open })
    if (!proposal) {
      expect([open.length, shown]).toEqual([0, shown])
      continue
    }
    const { now, later, shortest } = proposal
    const isWanted = (course: Published) => needs.topics.includes(course.content.topic)
    const wanted = now.map(isWanted)
    const total = now.reduce((sum, { minutes }) => sum + minutes, 0)
    expect([total <= needs.minutes, shown]).toEqual([true, shown])
    expect([[...now, ...later].some(({ slug }) => finished.has(slug)), shown]).toEqual([false, shown])
    expect([wanted.lastIndexOf(true) < (wanted.indexOf(false) + 1 || Infinity), shown]).toEqual([true, shown])
    if (!needs.paths.length && open.some(each => isWanted(each) && each.minutes <= needs.minutes)) {
      expect([wanted[0], shown]).toEqual([true, shown])
    }
    if (now.length) expect(shortest).toBeNull()
    else {
      const least = Math.min(...open.map(({ minutes }) => minutes))
      expect([least > needs.minutes, shortest?.minutes, shown]).toEqual([true, least, shown])
    }
  }
})

const pick = <T>(values: readonly T[]): T => values[randomInt(values.length)]!
const chance = (share = 0.5) => Math.random() < share

function courseOf(slug: string, topic: string, audience: string): Published {
  const content = make.courseContent({ title: slug, topic, audiences: [audience] })
  const ids = { course: new Types.ObjectId(), revision: new Types.ObjectId() }
  return {
    ...ids,
    slug,
    number: 1,
    content,
    publishedAt: new Date(0),
    lessons: [],
    minutes: 1 + randomInt(200),
  }
}

function pathOf(slug: string, courses: Published[]) {
  const minutes = courses.reduce((sum, course) => sum + course.minutes, 0)
  return { slug, title: slug, audience: '', summary: '', courses, lessons: 0, minutes, prices: [] }
}

function builderOf(topics: string[], audiences: string[], paths: string[]): NeedsContent {
  const answerOf = (n: number) => ({
    id: `a${n}`,
    text: `Answer ${n}`,
    audience: chance() ? pick(audiences) : '',
    topics: topics.filter(() => chance(0.3)),
    minutes: chance() ? randomInt(1, 300) : null,
    path: paths.length && chance(0.2) ? pick(paths) : '',
  })
  const questionOf = (n: number) => ({
    id: `q${n}`,
    text: `Question ${n}`,
    help: '',
    answers: Array.from({ length: randomInt(2, 5) }, (_, a) => answerOf(a)),
  })
  return { title: '', lede: '', questions: Array.from({ length: randomInt(1, 5) }, (_, n) => questionOf(n)) }
}

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
  expect(await Enrolments.count({ slug: 'short' })).toBe(2)
  // Opening the URL again enrols nobody and shows the course.
  expect((await here.open('/courses/long/enrolment')).headers.location).toBe('/courses/long')
  expect((await here.open('/sign-up?next=/courses/long/enrolment')).headers.location).toBe(
    '/courses/long/enrolment',
  )
  expect(await Enrolments.count({})).toBe(2)
})
