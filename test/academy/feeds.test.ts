import { Courses } from '../../src/courses/course'
import { publishCourse } from '../../src/courses/publish-course'
import { publishedCourses } from '../../src/courses/published'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import { setTime } from '../kit/clock'
import { faultsOfJsonFeed, faultsOfRss } from '../kit/feed-rules'
import * as make from '../kit/make'

let academy: Academy
let visitor: Visitor
const home = 'http://127.0.0.1:3000'

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-20T09:00:00Z')
  await make.course({ slug: 'pumps', title: 'Pumps & <valves>\u0007', summary: 'All ]]> of it.' })
  setTime('2026-11-21T09:00:00Z')
  await make.course({ slug: 'hidden', title: 'Kept back', visibility: 'signed-in' })
  await make.course({ slug: 'pompes', title: 'Les pompes', language: 'fr' })
  visitor = await anonymous()
})
afterAll(() => academy.close())

async function changePumps(note: string): Promise<void> {
  setTime('2026-11-23T09:00:00Z')
  const { _id, draftNumber } = (await Courses.findOne({ slug: 'pumps' }))!
  await Courses.updateOne({ _id }, { $set: { 'draft.summary': 'More of it.' }, $inc: { draftNumber: 1 } })
  await publishCourse({ course: _id, by: null, draftNumber: draftNumber + 1, note })
  publishedCourses.forget()
}

test('readers get new courses that everyone may see, newest first, as RSS and as JSON', async () => {
  const member = await as(await make.person())
  for (const who of [visitor, member]) {
    const { body, headers } = await who.get('/feed.json').expect(200)
    expect(headers['content-type']).toBe('application/feed+json; charset=utf-8')
    expect(faultsOfJsonFeed(body as Record<string, unknown>, `${home}/feed.json`)).toEqual([])
    expect(body).toMatchObject({
      version: 'https://jsonfeed.org/version/1.1',
      title: 'Courses of Lyceum',
      home_page_url: `${home}/courses`,
      feed_url: `${home}/feed.json`,
      language: 'en',
    })
    expect(body.items.map(({ url, language }: Record<string, string>) => [url, language])).toEqual([
      [`${home}/courses/pompes`, 'fr'],
      [`${home}/courses/pumps`, 'en'],
    ])
    expect(body.items[1]).toMatchObject({
      id: `${home}/courses/pumps#version-1`,
      content_text: 'All ]]> of it.',
      date_published: '2026-11-20T09:00:00.000Z',
    })
  }
  const { text, headers } = await visitor.get('/feed.xml').expect(200)
  expect(headers['content-type']).toBe('application/rss+xml; charset=utf-8')
  expect(faultsOfRss(text, `${home}/feed.xml`)).toEqual([])
  expect(text).toContain('<title>Pumps &amp; &lt;valves&gt;</title>')
  expect(text).toContain('<description>All ]]&gt; of it.</description>')
  expect(text).toContain('<pubDate>Fri, 20 Nov 2026 09:00:00 GMT</pubDate>')
  expect(text).toContain('<language>en</language>')
  expect(text).toContain('<dc:language>fr</dc:language>')
  expect(text).not.toContain('Kept back')

  expect(text).not.toMatch(/[\0-\x08]/)
})

test.each(['/feed.xml', '/feed.json'])(
  'a reader who asks for %s again gets it only when a course has changed, with what its author says',
  async path => {
    const { headers, text: before } = await visitor.get(path).expect(200)
    const again = () => visitor.get(path).set('if-none-match', headers.etag!)
    await again().expect(304)
    await changePumps(`Seals & ${path}.`)
    const { text } = await again().expect(200)
    expect(text).not.toBe(before)
    expect(text.indexOf('/courses/pumps')).toBeLessThan(text.indexOf('/courses/pompes'))
    expect(text).toMatch(/More of it\.(\\n\\n|\n\n)New in version \d: Seals (&|&amp;) \/feed/)
    await visitor.get(path).set('if-none-match', headers.etag!).expect(200)
  },
)

test('a feed that breaks the published rules is found out', () => {
  const rss = (channel: string) =>
    faultsOfRss(`<rss version="2.0"><channel>${channel}</channel></rss>`, 'https://a.example/feed.xml')
  expect(() => rss('<title>A & B</title>')).toThrow('not escaped')
  expect(() => rss('<title>A</link>')).toThrow('</link> in <title>')
  expect(rss('<link>/courses</link><item><pubDate>2026-11-20</pubDate><media:x/></item>')).toEqual(
    expect.arrayContaining([
      'link /courses',
      'no title',
      'date 2026-11-20',
      '<media:x> in <item>',
      'guid undefined',
    ]),
  )
  const item = { id: 'a', date_published: '20 November', picture: 'x' }
  const json = { version: '1', title: 'A', feed_url: 'feed.json', items: [item, item] }
  expect(faultsOfJsonFeed(json, 'https://a.example/feed.json')).toEqual(
    expect.arrayContaining([
      "feed_url isn't a URL",
      'version',
      'an id twice',
      "picture isn't a field",
      'a date',
    ]),
  )
})

test('the academy’s pages lead to the feeds, and the workspace’s don’t', async () => {
  const { text } = await visitor.get('/courses').expect(200)
  for (const [type, href] of [
    ['rss+xml', '/feed.xml'],
    ['feed+json', '/feed.json'],
  ])
    expect(text).toContain(`<link rel="alternate" type="application/${type}" href="${href}"`)
  const author = await as(await make.person({ role: 'author' }))
  expect((await author.get('/studio').expect(200)).text).not.toContain('rel="alternate"')
})
