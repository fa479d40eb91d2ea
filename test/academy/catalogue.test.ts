import request from 'supertest'
import { Paths } from '../../src/courses/path'
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
    audience: 'Sales',
    level: 'advanced',
    lessons: 1,
    lesson: () => ({ minutes: 120, body: 'A résumé of hydraulics.\n' }),
  })
  await make.course({ slug: 'pumps', title: 'Pumps', audience: 'L&D', topic: 'sales' })
  await make.course({
    slug: 'seals',
    title: 'Seals',
    audience: 'L&D',
    price: { amount: 9900, currency: 'EUR' },
    lesson: n => ({ body: n === 1 ? 'Open secret.\n' : 'The confidential gasket.\n' }),
  })
  await Paths.create({
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
  [...html.matchAll(/<h3><a href="\/courses\/([a-z-]+)">/g)].map(match => match[1])

test('the front door shows every course, newest first, without a cookie', async () => {
  const answer = await read('/').expect(200)
  expect(answer.headers['set-cookie']).toBeUndefined()
  expect(titles(answer.text)).toEqual(['seals', 'pumps', 'valves'])
  expect(answer.text).toContain('Three courses by the people who build Lyceum')
  expect(answer.text).toContain('All of it')
  expect(answer.text).toContain('"@type":"ItemList"')
})

test('for the next stranger the front door and the catalogue ask the database nothing', async () => {
  await read('/')
  await read('/courses')
  expect(await queriesOf(() => read('/'))).toEqual([])
  expect(await queriesOf(() => read('/courses'))).toEqual([])
})

test('a kept page is kept for each theme, and never shown to somebody who is signed in', async () => {
  await read('/courses')
  expect((await read('/courses').set('cookie', 'theme=dark')).text).toContain('data-theme="dark"')
  expect((await read('/courses')).text).not.toContain('data-theme')
  const ada = await make.person({ name: 'Ada Lovelace' })
  expect((await (await as(ada)).get('/courses')).text).toContain('Ada Lovelace')
  expect((await read('/courses')).text).not.toContain('Ada Lovelace')
})

test('choices within a group widen, groups narrow each other, and the counts follow', async () => {
  expect(titles((await read('/courses?work=l-d')).text)).toEqual(['seals', 'pumps'])
  expect(titles((await read('/courses?work=l-d&work=sales')).text)).toHaveLength(3)
  const { text } = await read('/courses?work=l-d&price=paid').expect(200)
  expect(titles(text)).toEqual(['seals'])
  expect(text).toContain('1 course')
  expect(text).toMatch(/value="paid" checked><span>Paid<\/span><span class="count">1</)
  expect(text).toMatch(/value="sales"><span>Sales<\/span><span class="count">0</)
  expect(text).toContain('noindex')
})

test('when nothing fits, the page says so and how to get on', async () => {
  const { text } = await read('/courses?level=beginner&time=long').expect(200)
  expect(text).toContain('No course fits all of this')
  await read('/courses?level=nonsense&work[]=1&time=short&time=short').expect(200)
})

test('a word narrows the catalogue, too', async () => {
  const { text } = await read('/courses?q=hydraul').expect(200)
  expect(titles(text)).toEqual(['valves'])
  expect(text).toContain('1 course for “hydraul”')
})

test('the search finds words, their beginnings, and words with accents; best first and marked', async () => {
  const { text } = await read('/search?q=resume').expect(200)
  expect(text).toContain('<mark>résumé</mark>')
  expect(text).toContain('/courses/valves/lessons/lesson-1')
  const pump = await read('/search?q=Pum')
  expect(pump.text.indexOf('href="/courses/pumps"')).toBeLessThan(
    pump.text.indexOf('href="/courses/valves"') >>> 0,
  )
  expect(pump.text).toContain('<mark>Pumps</mark>')
})

test('the search does not give away what a paid course says', async () => {
  expect((await read('/search?q=confidential')).text).toContain('Nothing about “confidential” yet')
  expect((await read('/search?q=secret')).text).toContain('/courses/seals/lessons/lesson-1')
})

test('a search for nothing, for markup or for very much is answered', async () => {
  await read('/search').expect(200)
  const { text } = await read(`/search?q=${encodeURIComponent('<script>alert(1)</script>')}`).expect(200)
  expect(text).not.toContain('<script>alert')
  await read(`/search?q=${'word+'.repeat(500)}`).expect(200)
  await read('/search?q=a&q=b').expect(200)
})

test('a path shows its courses in order, without those that are not published', async () => {
  const { text } = await read('/paths/all-of-it').expect(200)
  expect(titles(text.replaceAll('<h3 class="t4">', '<h3>'))).toEqual(['pumps', 'valves'])
  await read('/paths/nowhere').expect(404)
  expect((await read('/paths')).text).toContain('For sales · 2 courses')
})

test('six questions lead a stranger to a path, and nothing is kept', async () => {
  await read('/needs-assessment').expect(200)
  const answers = 'work=sales&goal=leads&now=nothing&time=weeks&people=me&when=soon'
  const answer = await read(`/needs-assessment?${answers}`).expect(200)
  expect(answer.text).toContain('All of it')
  expect(answer.text).toContain('Nothing was kept')
  expect(answer.headers['set-cookie']).toBeUndefined()
  const open = await read('/needs-assessment?work=sales&goal=nonsense').expect(422)
  expect(open.text).toContain('Choose one answer: What should be different in three months?')
  expect(open.text).toMatch(/value="sales" checked/)
})

test('what somebody needs who is signed in is kept, and stands in their learning', async () => {
  const ada = await make.person()
  const visitor = await as(ada)
  const answers = { work: 'sales', goal: 'leads', now: 'nothing', time: 'weeks', people: 'me', when: 'soon' }
  const sent = await visitor.post('/needs-assessment', answers).expect(303)
  await visitor.post('/needs-assessment', answers).expect(303)
  expect((await visitor.get(sent.headers.location!)).text).toContain('kept with your profile')
  const { happened } = await import('../kit/ledger')
  expect(await happened(ada)).toEqual(['needs_assessment.completed'])
  expect((await visitor.get('/learning')).text).toContain('Begin with your path: All of it')
  await visitor.post('/needs-assessment', { work: 'sales' }).expect(422)
})

test('search engines are told what there is to read', async () => {
  const map = await request(theApp()).get('/sitemap.xml').expect(200)
  expect(map.headers['content-type']).toContain('xml')
  expect(map.text).toContain('<loc>http://127.0.0.1:3000/courses/pumps</loc>')
  expect(map.text).toContain('/courses/pumps/lessons/lesson-1<')
  expect(map.text).not.toContain('/lessons/lesson-2<')
  const robots = await request(theApp()).get('/robots.txt').expect(200)
  expect(robots.text).toContain('Sitemap: http://127.0.0.1:3000/sitemap.xml')
  expect(robots.text).toContain('Disallow: /learning')
})

test('a theme is kept in a cookie, and leads to no other site', async () => {
  const dark = await read('/theme?theme=dark&back=/courses').expect(303)
  expect(dark.headers['set-cookie']![0]).toContain('theme=dark')
  expect(dark.headers.location).toBe('/courses')
  for (const back of ['//evil.example', 'https://evil.example', '/\\evil.example', '']) {
    expect((await read(`/theme?theme=light&back=${encodeURIComponent(back)}`)).headers.location).toBe('/')
  }
})

test('a signed-in catalogue, course and lesson ask the database little', async () => {
  holdMachineClock()
  const ada = await make.person()
  const { publishedCourse } = await import('../../src/courses/published')
  await enrol({ person: ada._id, published: (await publishedCourse('pumps'))!, paid: false })
  const visitor = await as(ada)
  await visitor.get('/courses/pumps')
  await visitor.get('/courses/pumps/lessons/lesson-1')
  const asked = async (path: string) =>
    (await queriesOf(() => visitor.get(path).expect(200))).filter(query => !query.startsWith('courses.'))
  expect(await asked('/courses')).toEqual([])
  expect(await asked('/courses/pumps')).toEqual(['enrolments.find'])
  expect(await asked('/courses/pumps/lessons/lesson-1')).toEqual(['enrolments.find'])
})

test('learners who read at once cost one query, and each sees their own progress', async () => {
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
  const asked = await queriesOf(async () => {
    read = await Promise.all([...ids, ids[1]!, 'nobody:nothing'].map(readEnrolment))
  })
  expect(asked).toEqual(['enrolments.find'])
  expect(read.map(enrolment => enrolment?._id)).toEqual([...ids, ids[1], undefined])
  expect(read.map(enrolment => Boolean(enrolment?.lessons['lesson-1']?.completedAt))).toEqual([
    false,
    true,
    false,
    true,
    false,
  ])
})

test('a course has the same cover wherever it is shown', async () => {
  const { text } = await read('/courses')
  const listed = text.split('<article').find(part => part.includes('href="/courses/pumps"'))!
  const [, floor] = /class="cover (cover-[a-z]+)"/.exec(listed)!
  expect((await read('/courses/pumps')).text).toContain(`class="cover ${floor} `)
})
