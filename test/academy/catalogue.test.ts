import request from 'supertest'
import { completeLesson } from '../../src/learning/complete-lesson'
import { enrol } from '../../src/learning/enrol'
import { enrolmentId, readEnrolment, type Enrolment } from '../../src/learning/enrolment'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { holdMachineClock } from '../kit/clock'
import * as make from '../kit/make'
import { queriesOf } from './queries'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
  await make.course({
    slug: 'valves',
    title: 'Valves',
    audiences: ['sales'],
    level: 'advanced',
    lessons: 1,
    lesson: () => ({ minutes: 120, body: 'A résumé of hydraulics.\n' }),
  })
  await make.course({ slug: 'pumps', title: 'Pumps', audiences: ['l-d'], topic: 'sales' })
  await make.course({
    slug: 'seals',
    title: 'Seals',
    audiences: ['l-d'],
    price: { amount: 9900, currency: 'EUR' },
    lesson: n => ({ body: n === 1 ? 'Open secret.\n' : 'The confidential gasket.\n' }),
  })
  await make.path({
    slug: 'all-of-it',
    title: 'All of it',
    audience: 'Sales',
    summary: 'Everything.',
    courses: ['pumps', 'gone', 'valves'],
  })
})
afterAll(() => academy.close())
afterEach(() => jest.restoreAllMocks())

const read = (path: string) => request(theApp()).get(path).set('accept', 'text/html')
const titles = (html: string) =>
  [...html.matchAll(/<h3[^>]*>\s*<a href="\/courses\/([a-z-]+)">/g)].map(match => match[1])

test('the home page shows every course, newest first, without setting a cookie', async () => {
  const answer = await read('/').expect(200)
  expect(answer.headers['set-cookie']).toBeUndefined()
  expect(titles(answer.text)).toEqual(['seals', 'pumps', 'valves'])
  expect(answer.text).toContain('3 courses from the people who build the product')
  expect(answer.text).toContain('All of it')
  expect(answer.text).toContain('"@type":"ItemList"')
})

test('an anonymous visitor gets the home page and the catalogue from memory, without a database query', async () => {
  await read('/')
  await read('/courses')
  expect(await queriesOf(() => read('/'))).toEqual([])
  expect(await queriesOf(() => read('/courses'))).toEqual([])
})

test('a cached page is cached per theme, and never shown to a signed-in visitor', async () => {
  await read('/courses')
  expect((await read('/courses').set('cookie', 'theme=dark')).text).toContain('data-theme="dark"')
  expect((await read('/courses')).text).not.toContain('data-theme')
  const ada = await make.person({ name: 'Ada Lovelace' })
  expect((await (await as(ada)).get('/courses')).text).toContain('Ada Lovelace')
  expect((await read('/courses')).text).not.toContain('Ada Lovelace')
})

test('filters within a group widen the results, groups narrow them, and the counts follow', async () => {
  expect(titles((await read('/courses?role=l-d')).text)).toEqual(['seals', 'pumps'])
  expect(titles((await read('/courses?role=l-d&role=sales')).text)).toHaveLength(3)
  const { text } = await read('/courses?role=l-d&price=paid').expect(200)
  expect(titles(text)).toEqual(['seals'])
  expect(text).toContain('1 course')
  expect(text).toMatch(/value="paid" checked>\s*<span>Paid<\/span>\s*<span class="count">1</)
  expect(text).not.toContain('value="sales"')
  expect(text).toContain('noindex')
})

test('a visitor whose filters match nothing is told so, and how to continue', async () => {
  const { text } = await read('/courses?level=beginner&length=long').expect(200)
  expect(text).toContain('No matching courses')
  await read('/courses?level=nonsense&role[]=1&length=short&length=short').expect(200)
})

test('a search term narrows the catalogue, too', async () => {
  const { text } = await read('/courses?q=hydraul').expect(200)
  expect(titles(text)).toEqual(['valves'])
  expect(text).toContain('1 course for “hydraul”')
})

test('a search term with a typing error narrows the catalogue, and the page says which word it used', async () => {
  const { text } = await read('/courses?q=hydralics').expect(200)
  expect(titles(text)).toEqual(['valves'])
  expect(text).toContain('1 course for “hydraulics”')
})

test('a path shows its courses in order and leaves out unpublished ones', async () => {
  const { text } = await read('/paths/all-of-it').expect(200)
  expect(titles(text.replaceAll('<h3 class="t4">', '<h3>'))).toEqual(['pumps', 'valves'])
  await read('/paths/nowhere').expect(404)
  expect((await read('/paths')).text).toContain('For sales · 2 courses')
})

test('an anonymous visitor answers 5 questions, gets a path, and nothing is stored', async () => {
  await read('/needs-assessment').expect(200)
  const answers = 'work=sales&goal=leads&now=nothing&time=weeks&people=me&when=soon'
  const answer = await read(`/needs-assessment?${answers}`).expect(200)
  expect(answer.text).toContain('All of it')
  expect(answer.text).toContain('Nothing was saved')
  expect(answer.headers['set-cookie']).toBeUndefined()
  const open = await read('/needs-assessment?work=sales&goal=nonsense').expect(422)
  expect(open.text).toContain('Choose an answer: What do you want to achieve in the next 3 months?')
  expect(open.text).toMatch(/value="sales" checked/)
})

test('the needs assessment of a signed-in visitor is stored, and My learning suggests its path', async () => {
  const ada = await make.person()
  const visitor = await as(ada)
  const answers = { work: 'sales', goal: 'leads', now: 'nothing', time: 'weeks', people: 'me', when: 'soon' }
  const sent = await visitor.post('/needs-assessment', answers).expect(303)
  await visitor.post('/needs-assessment', answers).expect(303)
  expect((await visitor.get(sent.headers.location!)).text).toContain('saved to your profile')
  const { happened } = await import('../kit/ledger')
  expect(await happened(ada)).toEqual(['needs_assessment.completed'])
  expect((await visitor.get('/learning')).text).toContain('Start your path: All of it')
  await visitor.post('/needs-assessment', { work: 'sales' }).expect(422)
})

test('search engines find a sitemap of the public pages', async () => {
  const map = await request(theApp()).get('/sitemap.xml').expect(200)
  expect(map.headers['content-type']).toContain('xml')
  expect(map.text).toContain('<loc>http://127.0.0.1:3000/courses/pumps</loc>')
  expect(map.text).toContain('/courses/pumps/lessons/lesson-1<')
  expect(map.text).not.toContain('/lessons/lesson-2<')
  const robots = await request(theApp()).get('/robots.txt').expect(200)
  expect(robots.text).toContain('Sitemap: http://127.0.0.1:3000/sitemap.xml')
  expect(robots.text).toContain('Disallow: /learning')
})

test('the theme is stored in a cookie, and the redirect never leaves the site', async () => {
  const dark = await read('/theme?theme=dark&back=/courses').expect(303)
  expect(dark.headers['set-cookie']![0]).toContain('theme=dark')
  expect(dark.headers.location).toBe('/courses')
  for (const back of ['//evil.example', 'https://evil.example', '/\\evil.example', '']) {
    expect((await read(`/theme?theme=light&back=${encodeURIComponent(back)}`)).headers.location).toBe('/')
  }
})

test('a signed-in catalogue and course need one query each, a lesson with notes and questions three', async () => {
  holdMachineClock()
  const ada = await make.person()
  const { publishedCourse } = await import('../../src/courses/published')
  await enrol({ person: ada._id, published: (await publishedCourse('pumps'))!, paid: false })
  const visitor = await as(ada)
  await visitor.get('/courses/pumps')
  await visitor.get('/courses/pumps/lessons/lesson-1')
  const queries = async (path: string) =>
    (await queriesOf(() => visitor.get(path).expect(200))).filter(query => !query.startsWith('courses.'))
  expect(await queries('/courses')).toEqual(['enrolments.find'])
  expect(await queries('/courses/pumps')).toEqual(['enrolments.find'])
  const ofLesson = await queries('/courses/pumps/lessons/lesson-1')
  expect(ofLesson.sort()).toEqual(['enrolments.find', 'lesson_notes.find', 'threads.find'])
})

test('learners who read at the same time share one query, and each sees their own progress', async () => {
  holdMachineClock()
  const { publishedCourse } = await import('../../src/courses/published')
  const published = (await publishedCourse('pumps'))!
  const people = [await make.person(), await make.person(), await make.person()]
  for (const { _id } of people) await enrol({ person: _id, published, paid: false })
  await completeLesson(
    (await readEnrolment(enrolmentId(people[1]!._id, published.course)))!,
    published.lessons[0]!,
  )
  const ids = people.map(({ _id }) => enrolmentId(_id, published.course))
  let read: (Enrolment | null)[] = []
  const queries = await queriesOf(async () => {
    read = await Promise.all([...ids, ids[1]!, 'nobody:nothing'].map(readEnrolment))
  })
  expect(queries).toEqual(['enrolments.find'])
  expect(read.map(enrolment => enrolment?._id)).toEqual([...ids, ids[1], undefined])
  expect(read.map(enrolment => Boolean(enrolment?.lessons['lesson-1']?.completedAt))).toEqual([
    false,
    true,
    false,
    true,
    false,
  ])
})

test('a course has the same cover on every page', async () => {
  const { text } = await read('/courses')
  const listed = text.split('<article').find(part => part.includes('href="/courses/pumps"'))!
  const [, palette] = /class="cover (cover-[a-z]+)"/.exec(listed)!
  expect((await read('/courses/pumps')).text).toContain(`class="cover ${palette} `)
})
