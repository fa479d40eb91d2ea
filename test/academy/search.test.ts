import request from 'supertest'
import { catalogueLists } from '../../src/courses/catalogue-lists'
import { renameEntry } from '../../src/courses/change-catalogue-lists'
import { kinds } from '../../src/courses/kinds/kinds'
import { publishedCourse } from '../../src/courses/published'
import { enrol } from '../../src/learning/enrol'
import { purgeSearchMisses, SearchMisses } from '../../src/courses/search-miss'
import { withdrawCourse } from '../../src/courses/withdraw-course'
import { LiveSessions } from '../../src/sessions/live-session'
import { publishedSessions } from '../../src/sessions/shown-sessions'
import { days, later, now } from '../../src/platform/clock'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import { setTime } from '../kit/clock'
import * as make from '../kit/make'
import { queriesOf } from './queries'
import { videoLesson } from './video-file'

let academy: Academy
beforeAll(async () => {
  setTime('2026-11-23T09:00:00Z')
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
const results = (html: string) =>
  [...html.matchAll(/<h2 class="t4"><a href="([^"]+)"/g)].map(([, href]) => decode(href!))
/** Without the place on the page that they lead to. */
const links = (html: string) => results(html).map(href => href.replace(/[?#].*/, ''))
const suggest = async (q: string, more: Record<string, string> = {}) =>
  optionsIn(await read(`/search/suggestions?${new URLSearchParams({ q, ...more })}`))

function optionsIn(html: string) {
  const plain = (text = '') =>
    decode(text.replace(/<[^>]+>/g, ''))
      .replace(/\s+/g, ' ')
      .trim()
  return {
    status: plain(/<p data-status>(.*?)<\/p>/.exec(html)?.[1]),
    groups: [...html.matchAll(/role="group" aria-label="([^"]+)"/g)].map(([, title]) => title),
    options: [...html.matchAll(/<a class="search-option"[^>]*href="([^"]+)"[^]*?<\/a>/g)].map(
      ([option, href]) => ({
        href: decode(href!),
        text: plain(/search-option-title">(.*?)<\/span>/.exec(option)?.[1]),
        meta: plain(/class="meta">(.*?)<\/span>/.exec(option)?.[1]),
      }),
    ),
  }
}
const decode = (html: string) => html.replaceAll('&amp;', '&').replaceAll('&#34;', '"')

test('live sessions are found by their words, only those that the visitor may see, what comes first', async () => {
  const startsAt = (inDays: number) => later(now(), days(inDays))
  const about = { summary: 'Bring a gland packing.', startsAt: startsAt(7) }
  await make.liveSession({ ...about, slug: 'glands', title: 'Ask about glands' })
  await make.liveSession({
    ...about,
    slug: 'glands-before',
    title: 'Ask about glands',
    startsAt: startsAt(-7),
  })
  await make.liveSession({
    ...about,
    slug: 'glands-hidden',
    title: 'Ask about glands',
    visibility: 'signed-in',
  })
  await make.liveSession({ ...about, slug: 'glands-off', title: 'Ask about glands', state: 'cancelled' })
  publishedSessions.forget()
  for (const query of ['glands', 'glan', 'gland packing', 'glonds']) {
    expect(links(await search(query))).toEqual(['/sessions/glands', '/sessions/glands-before'])
  }
  expect(links(await search('glands valves'))).not.toContain('/sessions/glands')
  // A lesson and a session that have the word that was meant don't hide each other.
  await make.liveSession({ ...about, slug: 'live', title: 'Hydraulics, live' })
  publishedSessions.forget()
  const corrected = await search('hydrualics')
  expect(links(corrected)).toEqual(['/courses/valves/lessons/lesson-1', '/sessions/live'])
  expect(corrected).toContain('Showing 2 results for “hydraulics”')
  const member = await as(await make.person())
  const own = await member.get('/search?q=glands&kind=sessions').expect(200)
  expect(links(own.text)).toEqual(['/sessions/glands', '/sessions/glands-hidden', '/sessions/glands-before'])
  const html = await read('/search/suggestions?q=glands')
  expect(html).toContain('aria-label="Live sessions"')
  expect(html).not.toContain('glands-hidden')
  expect(html).toContain('Live session · Mon 30 Nov, 09:00 to 09:45 · Online')
  await LiveSessions.deleteMany({})
  publishedSessions.forget()
})

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

test('a search box gets suggestions that lead to courses and lessons, with the right spelling', async () => {
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
  const corrected = await suggest('pmups')
  expect(corrected.groups).toEqual(['Showing results for “pumps”'])
  expect(corrected.options[0]!.href).toBe('/courses/pumps')
  expect(await suggest('xylophone')).toEqual({
    status: 'No results for “xylophone”',
    groups: [],
    options: [],
  })
})

test('before anything is typed, a search box suggests the lesson to continue with, and topics', async () => {
  const topic = { href: '/courses?topic=learning', text: expect.any(String) as string }
  expect((await suggest('')).options).toEqual([
    { ...topic, meta: expect.stringContaining('courses') as string },
  ])
  const ada = await make.person()
  const pumps = (await publishedCourse('pumps'))!
  await enrol({ person: ada._id, published: pumps, paid: false })
  const page = await (await as(ada)).get('/search/suggestions').expect(200)
  expect(page.get('cache-control')).toBe('no-store')
  expect(optionsIn(page.text).options[0]).toEqual({
    href: '/courses/pumps/lessons/lesson-1',
    text: 'Continue: Lesson 1',
    meta: 'Lesson 1 of Pumps',
  })
})

test('a result leads to the heading and the passage, and in a recording to the second', async () => {
  const body = 'First.\n\n## Wet-end wear\n\nThe impeller is worn, self-priming or not.\n'
  await make.course({ slug: 'wear', title: 'Wear', lessons: 1, lesson: () => ({ body }) })
  expect(results(await search('impeller'))).toEqual([
    '/courses/wear/lessons/lesson-1#wet-end-wear:~:text=impeller',
  ])
  expect(results(await search('first'))).toContain('/courses/wear/lessons/lesson-1#:~:text=First')
  const film = await search('catalogue')
  expect(results(film)).toEqual(['/courses/valves/lessons/lesson-2?t=1'])
  expect(film).toContain('Lesson 2 of Valves · at 0:01')
})

test('results can be limited to courses or to lessons', async () => {
  const page = await search('pumps')
  expect(page).toMatch(/kind=lessons"\s*>Lessons <span class="count">1</)
  expect(links(await read('/search?q=pumps&kind=lessons'))).toEqual(['/courses/valves/lessons/lesson-1'])
  expect(links(await read('/search?q=pumps&kind=courses'))).toEqual(['/courses/pumps', '/courses/gauges'])
  expect(links(await read('/search?q=pumps&kind=other'))).toHaveLength(3)
})

test('Greek, Chinese and Japanese are found without accents or spaces, and marked', async () => {
  const lesson = { body: 'Ο κινητήρας σταματά. 水泵的振动监测 ポンプの振動を測る。\n' }
  await make.course({ slug: 'scripts', title: 'ΛΟΓΟΣ', lessons: 1, lesson: () => lesson })
  expect(links(await search('λόγος'))).toEqual(['/courses/scripts'])
  for (const [typed, marked] of [
    ['κινητηρασ', 'κινητήρας'],
    ['振动', '振动'],
    ['测', '测'],
    ['ポンプ', 'ポンプ'],
    ['振動を測', '振動を測'],
  ]) {
    const page = await search(typed!)
    expect(links(page)).toEqual(['/courses/scripts/lessons/lesson-1'])
    expect(page).toContain(`<mark>${marked}</mark>`)
  }
  expect(links(await search('动泵'))).toEqual([])
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

describe('searches without a result', () => {
  beforeEach(() => SearchMisses.deleteMany({}))
  const misses = async () =>
    (await SearchMisses.find({})).map(({ words, language, count }) => ({ words, language, count }))

  test('are counted for authors, without who searched and only when the person has stopped typing', async () => {
    const ada = await make.person()
    await search('Grundwasser alarm')
    await (await as(ada)).get('/search?q=grundwasser%20%20ALARM').expect(200)
    await suggest('grundwasser al')
    await suggest('grundwasser alarm', { settled: '1' })
    await suggest('pumps', { settled: '1' })
    expect(await misses()).toEqual([{ words: 'grundwasser alarm', language: 'en', count: 3 }])
    const [kept] = await SearchMisses.find({})
    expect(JSON.stringify(kept)).not.toContain(String(ada._id))
    expect(Object.keys(kept!).sort()).toEqual(
      ['_id', 'brand', 'count', 'firstDay', 'language', 'lastDay', 'words'].sort(),
    )
  })

  test('are not kept when a teammate makes them, or when the words may be about a person', async () => {
    const author = await as(await make.person({ role: 'author' }))
    await author.get('/search?q=xylophone').expect(200)
    for (const words of ['zoe@kline.example', '+44 20 7946 0958', 'https://zzz.example', 'z'])
      await search(words)
    expect(await misses()).toEqual([])
  })

  test('are deleted half a year after the last time', async () => {
    await search('xylophone')
    await SearchMisses.updateMany({}, { $set: { lastDay: '2020-01-01' } })
    await search('zeppelin')
    await purgeSearchMisses()
    expect(await misses()).toEqual([{ words: 'zeppelin', language: 'en', count: 1 }])
  })

  test('are listed in the studio with what they find now, and an author removes them', async () => {
    const author = await make.person({ role: 'author' })
    const page = async () => (await (await as(author)).get('/studio/searches').expect(200)).text
    expect(await page()).toContain('Every search found something')
    await search('bassoon')
    await search('trombone')
    await make.course({ slug: 'bassoons', title: 'Bassoons' })
    const text = await page()
    expect(text).toContain('2 searches found nothing')
    expect(text).toMatch(/bassoon[^]*?\/search\?q=bassoon">1 result</)
    const id = /name="id"\s+value="([^"]+)"\s+aria-label="Remove “bassoon”"/.exec(text)![1]!
    await (await as(author)).post('/studio/searches/removal').expect(404)
    await (await as(author)).post('/studio/searches/removal', { id }).expect(303)
    expect(await misses()).toEqual([{ words: 'trombone', language: 'en', count: 1 }])
    const reviewer = await make.person({ role: 'reviewer' })
    expect((await (await as(reviewer)).get('/studio/searches').expect(200)).text).not.toContain('Remove')
    await (await as(author)).post('/studio/searches/removal', { all: '1' }).expect(303)
    expect(await misses()).toEqual([])
  })

  test('of one caller are counted thirty times an hour', async () => {
    for (let n = 0; n < 40; n++) await search(`nothing like it ${n}`)
    expect((await misses()).length).toBeLessThan(31)
  })
})

test('a publication and a change of the lists read no other course again', async () => {
  await search('pumps')
  const reads = jest.spyOn(kinds.video, 'searchText')
  await make.course({ slug: 'filters', title: 'Filters' })
  expect(links(await search('filters'))).toEqual(['/courses/filters'])
  const admin = await make.person({ role: 'admin' })
  const { number } = await catalogueLists()
  await renameEntry({ by: admin._id, list: 'topics', number }, 'learning', { en: 'Persuasion' })
  expect(links(await search('persuasion'))).toContain('/courses/filters')
  expect(reads).not.toHaveBeenCalled()
  expect(links(await search('filters'))).toEqual(['/courses/filters'])
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
  expect(statuses.indexOf(429)).toBeGreaterThan(450)
})
