import request from 'supertest'
import { withdrawCourse } from '../../src/courses/withdraw-course'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import * as make from '../kit/make'
import { queriesOf } from './queries'
import { videoLesson } from './video-file'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
  const about = { summary: 'In short.', description: 'More about it.', outcomes: ['explain it'] }
  const video = await videoLesson(20)
  await make.course({
    ...about,
    slug: 'valves',
    title: 'Valves',
    lessons: 2,
    assets: video.assets.map(each => (each.type === 'video/webm' ? { ...each, seconds: 20 } : each)),
    lesson: n =>
      n === 1
        ? { title: 'Flow', body: 'A résumé of *hydraulics*, and of pumps & <seals>.\n' }
        : { title: 'A film', ...video.lesson, body: 'Watch it.\n' },
  })
  await make.course({
    ...about,
    slug: 'pumps',
    title: 'Pumps',
    lessons: 12,
    lesson: () => ({ body: 'Water.\n' }),
  })
  await make.course({ ...about, slug: 'gauges', title: 'Gauges', outcomes: ['choose pumps'] })
  await make.course({
    ...about,
    slug: 'seals',
    title: 'Seals',
    price: { amount: 9900, currency: 'EUR' },
    lesson: n => ({ body: n === 1 ? 'Open secret.\n' : 'The confidential gasket.\n' }),
  })
})
afterAll(() => academy.close())

const read = async (path: string) =>
  (await request(theApp()).get(path).set('accept', 'text/html').expect(200)).text
const search = (q: string) => read(`/search?${new URLSearchParams({ q })}`)
const links = (html: string) =>
  [...html.matchAll(/<h2 class="t4"><a href="([^"]+)"/g)].map(([, href]) => href)
const suggest = async (q: string) =>
  (
    await request(theApp())
      .get(`/search/suggestions?${new URLSearchParams({ q })}`)
      .expect(200)
  ).body as {
    status: string
    options: { href: string; text: string; meta: string }[]
  }

test('a visitor finds courses and lessons, those with the word in the title first', async () => {
  const page = await search('pumps')
  expect(links(page)).toEqual(['/courses/pumps', '/courses/gauges', '/courses/valves/lessons/lesson-1'])
  expect(page).toContain('3 results for “pumps”')
  expect(page).toContain('<mark>Pumps</mark>')
  expect(page).toContain('Lesson 1 of Valves')
})

test('a visitor who types only the start of a word, or without accents, finds it', async () => {
  expect(links(await search('Pum'))[0]).toBe('/courses/pumps')
  expect(links(await search('hydr'))).toEqual(['/courses/valves/lessons/lesson-1'])
  const page = await search('RESUME')
  expect(links(page)).toEqual(['/courses/valves/lessons/lesson-1'])
  expect(page).toContain('A <mark>résumé</mark> of hydraulics, and of pumps &#38; &#60;seals&#62;.')
})

test('a typing error is forgiven, and the page says which word it searched for', async () => {
  for (const [typed, meant] of [
    ['pmups', 'pumps'],
    ['pmup', 'pumps'],
    ['punps', 'pumps'],
    ['hydralics', 'hydraulics'],
    ['pumps hydralics', 'pumps hydraulics'],
    ['pumps xylophone', 'pumps'],
  ]) {
    const page = await search(typed!)
    expect(page).toMatch(new RegExp(`No results for “${typed}”. Showing \\d results? for “${meant}”`))
    expect(links(page).length).toBeGreaterThan(0)
  }
})

test('what is said in a video is found, too', async () => {
  expect(links(await search('catalogue'))).toEqual(['/courses/valves/lessons/lesson-2'])
})

test('without a result, the visitor reads what to do', async () => {
  const page = await search('xylophone')
  expect(page).toContain('No results for “xylophone”')
  expect(page).toContain('Try fewer words')
  expect(page).toMatch(/href="\/courses"[^>]*>\s*Browse all courses/)
})

test('the text of a paid course stays hidden, but its free preview is found', async () => {
  expect(await search('confidential')).toContain('No results for “confidential”')
  expect(links(await search('secret'))).toEqual(['/courses/seals/lessons/lesson-1'])
})

test('markup in a query stays text, and a query that is far too long is cut', async () => {
  const page = await search('<script>alert(1)</script>')
  expect(page).not.toContain('<script>alert')
  expect(page).toContain('value="&lt;script&gt;alert(1)&lt;/script&gt;"')
  const long = await search('pumps '.repeat(1700))
  expect(long).toContain(`value="${'pumps '.repeat(17).slice(0, 100).trim()}"`)
  expect(links(long)[0]).toBe('/courses/pumps')
  expect((await suggest('x'.repeat(10_000))).options).toEqual([])
  expect(await read('/search?q=a&q=b')).toContain('Enter a word')
  expect(await read('/search?q=%20')).toContain('Enter a word')
  for (const odd of ['*', '()', '"', '\\', '__proto__', 'constructor', '🙂', '\0']) await search(odd)
})

test('a long list of results starts with the best ten', async () => {
  const page = await search('water')
  expect(links(page)).toHaveLength(10)
  const [, all] = /<a href="([^"]+)">Show all 12 results<\/a>/.exec(page)!
  expect(links(await read(all!.replaceAll('&amp;', '&')))).toHaveLength(12)
})

test('a search box gets suggestions that lead to courses and lessons, or to the right spelling', async () => {
  const { status, options } = await suggest('pum')
  expect(status).toBe('3 suggestions')
  expect(options[0]).toEqual({
    href: '/courses/pumps',
    text: 'Pumps',
    meta: expect.stringMatching(/^Course with 12 lessons · /) as string,
  })
  const many = await suggest('water')
  expect(many.options).toHaveLength(7)
  expect(many.options.at(-1)).toEqual({
    href: '/search?q=water',
    text: 'All results for “water”',
    meta: '12 results',
  })
  const [first] = (await suggest('pmups')).options
  expect(first).toEqual({ href: '/search?q=pumps', text: 'Did you mean “pumps”?', meta: '3 results' })
  expect(await suggest('xylophone')).toEqual({ status: 'No suggestions', options: [] })
})

test('a search sends no database query, and finds a course from its publication to its withdrawal', async () => {
  await search('pumps')
  expect((await queriesOf(() => search('valves'))).filter(query => !query.startsWith('courses.'))).toEqual([])
  const turbines = await make.course({ slug: 'turbines', title: 'Turbines' })
  expect(links(await search('turbines'))).toContain('/courses/turbines')
  const author = await make.person({ role: 'author' })
  await withdrawCourse({ course: turbines.course, by: author._id })
  expect(links(await search('turbines'))).toEqual([])
})

test('a script that searches without end is stopped after 600 searches a minute', async () => {
  const statuses: number[] = []
  for (let n = 0; n < 61; n++) {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => request(theApp()).get('/search/suggestions?q=pumps')),
    )
    statuses.push(...answers.map(({ status }) => status))
  }
  expect(statuses).toContain(429)
  expect(statuses.indexOf(429)).toBeGreaterThan(500)
})
