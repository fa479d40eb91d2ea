import request from 'supertest'
import { enrol } from '../../src/learning/enrol'
import { Enrolments } from '../../src/learning/enrolment'
import { PodcastFeeds } from '../../src/learning/podcast-feed'
import { deleteLearner } from '../../src/learning/delete-learner'
import { People, type Person } from '../../src/people/person'
import type { Published } from '../../src/courses/published'
import { secretPath, secretRoutes, isSecretPath } from '../../src/platform/secret-routes'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import { setTime } from '../kit/clock'
import { faultsOfRss } from '../kit/feed-rules'
import * as make from '../kit/make'
import { audioLesson } from './audio-file'
import { queriesOf } from './queries'

let academy: Academy
let course: Published
let ada: Person
let visitor: Visitor
/** Apps have no cookies. */
const app = (path: string) => request(academy.app).get(path)

beforeAll(async () => {
  setTime('2026-11-23T09:00:00Z')
  academy = await openAcademy()
  const audio = await audioLesson(100)
  const longer = await audioLesson(130)
  course = await make.course({
    slug: 'seals',
    title: 'Seals & <shafts>',
    assets: [...audio.assets, { ...longer.assets[0]!, path: 'assets/longer talk.mp3' }],
    lesson: n =>
      n === 1
        ? { ...audio.lesson, preview: true }
        : n === 2
          ? { ...longer.lesson, audio: 'assets/longer talk.mp3', title: 'Why “it” leaks\u0007 & more' }
          : {},
  })
})
afterAll(() => academy.close())
beforeEach(async () => {
  await PodcastFeeds.deleteMany({})
  ada = await make.person()
  await enrol({ person: ada._id, published: course, paid: false })
  visitor = await as(ada)
})

/** Returns the content of an element, or the value of an attribute, each time it occurs in well-formed XML. */
function all(xml: string, name: string, attribute?: string): string[] {
  const open: string[] = []
  for (const [, end, tag, , empty] of xml.matchAll(/<(\/?)([\w:]+)((?:\s+[\w:]+="[^"<]*")*)\s*(\/?)>/g)) {
    if (end) expect(open.pop()).toBe(tag)
    else if (!empty) open.push(tag!)
  }
  expect(open).toEqual([])
  expect(xml).not.toMatch(/&(?!(?:amp|lt|gt|#\d+);)|[\u0000-\u0008\u000b\u000c\u000e-\u001f]/)
  const found = attribute
    ? xml.matchAll(new RegExp(`<${name}\\s[^>]*\\b${attribute}="([^"]*)"`, 'g'))
    : xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([^<]*)</${name}>`, 'g'))
  return [...found].map(([, value]) =>
    value!
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
      .replaceAll('&amp;', '&'),
  )
}

const pathOf = (url: string) => new URL(url).pathname

/** Makes the learner's own address, and returns its path. */
async function ownFeed(): Promise<string> {
  await visitor.post('/courses/seals/podcast').expect(303)
  const { text } = await visitor.get('/courses/seals/podcast').expect(200)
  const path = /value="https?:\/\/[^/"]+(\/podcasts\/[^"]+)"/.exec(text)![1]!
  expect(text).toContain(`href="podcast://`)
  return path
}

test('the free preview of an open course is a podcast for everyone', async () => {
  const { text, headers } = await app('/courses/seals/podcast.xml').expect(200)
  expect(headers['content-type']).toBe('application/rss+xml; charset=utf-8')
  expect(headers).toMatchObject({ 'cache-control': 'public, max-age=300', vary: 'accept-language' })
  expect(headers).not.toHaveProperty('x-reader')
  expect(text).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<rss version="2\.0"/)
  const [self] = all(text, 'atom:link', 'href')
  expect(pathOf(self!)).toBe('/courses/seals/podcast.xml')
  expect(faultsOfRss(text, self!)).toEqual([])
  expect(all(text, 'title')).toEqual(['Seals & <shafts>', 'Lesson 1'])
  expect(all(text, 'language')).toEqual(['en'])
  expect(all(text, 'itunes:duration')).toEqual(['100'])
  expect(all(text, 'guid')).toEqual([`${course.course}:lesson-1`])
  expect(all(text, 'pubDate')).toEqual(['Mon, 23 Nov 2026 09:00:01 GMT'])
  expect(all(text, 'description')[1]).toContain('0:00 The <noise> before\n0:45 The leak\n')
  expect(all(text, 'itunes:block')).toEqual([])
  expect(all(text, 'enclosure', 'length')).toEqual([String(course.content.assets[0]!.size)])
  expect(all(text, 'enclosure', 'type')).toEqual(['audio/mpeg'])
  const [audio] = all(text, 'enclosure', 'url')
  const part = await app(pathOf(audio!)).set('range', 'bytes=0-99').expect(206)
  expect(part.headers['content-type']).toBe('audio/mpeg')
  expect(part.headers).not.toHaveProperty('x-reader')
  const [transcript] = all(text, 'podcast:transcript', 'url')
  expect((await app(pathOf(transcript!)).expect(200)).headers['content-type']).toContain('text/vtt')
  const [picture] = all(text, 'itunes:image', 'href')
  const png = await app(pathOf(picture!)).expect(200)
  expect([(png.body as Buffer).readUInt32BE(16), (png.body as Buffer).readUInt32BE(20)]).toEqual([1400, 1400])

  const guest = await anonymous()
  expect((await guest.get('/courses/seals')).text).toContain('href="/courses/seals/podcast"')
  expect((await guest.get('/courses/seals')).text).toMatch(
    /<link rel="alternate" type="application\/rss\+xml" href="\/courses\/seals\/podcast\.xml" title="Seals/,
  )
  expect((await guest.get('/courses/seals/podcast').expect(200)).text).toMatch(
    /value="https?:\/\/[^"]+\/courses\/seals\/podcast\.xml"/,
  )
})

test('a learner has all lessons that they may open at an address of their own', async () => {
  expect((await visitor.get('/courses/seals/podcast')).text).toContain('Create my address')
  const feed = await ownFeed()
  const { text, headers } = await app(feed).expect(200)
  expect(headers['cache-control']).toBe('no-store')
  expect(headers['x-robots-tag']).toContain('noindex')
  expect(isSecretPath(feed)).toBe(true)
  expect(all(text, 'title').slice(1)).toEqual(['Lesson 1', 'Why “it” leaks & more'])
  expect(all(text, 'itunes:block')).toEqual(['Yes'])
  const [, audio] = all(text, 'enclosure', 'url')
  expect(pathOf(audio!)).toMatch(/\/podcasts\/[^/]+\/files\/[0-9a-f]{64}\/longer%20talk\.mp3$/)
  const size = course.content.assets[2]!.size
  const part = await app(pathOf(audio!)).set('range', 'bytes=100-').expect(206)
  expect(part.headers['content-range']).toBe(`bytes 100-${size - 1}/${size}`)
  await request(academy.app).head(pathOf(audio!)).expect(200).expect('content-length', String(size))
  await app(`${feed}/cover.png`).expect(200).expect('content-type', 'image/png')
  // Without the address, a file of a closed lesson stays closed, and an address opens no other files.
  await app(`/assets/${course.content.assets[2]!.hash}/x.mp3`).expect(404)
  const other = await make.course({ assets: (await audioLesson(50)).assets })
  await app(`${feed}/files/${other.content.assets[0]!.hash}/talk.mp3`).expect(404)
  expect(await queriesOf(() => app(feed))).toEqual([
    'podcast_feeds.findOne',
    'people.findOne',
    'enrolments.find',
    'assets.find',
  ])
})

test('an address that was replaced or removed answers nothing, and pressing twice replaces it once', async () => {
  const first = await ownFeed()
  expect(await ownFeed()).toBe(first)
  const press = () => visitor.post('/courses/seals/podcast/rotation', { number: 1 }).expect(303)
  await Promise.all([press(), press()])
  await app(first).expect(404)
  const second = await ownFeed()
  expect((await PodcastFeeds.findOne({ person: ada._id }))!.number).toBe(2)
  await app(second).expect(200)
  await visitor.post('/courses/seals/podcast/removal', { number: 2 }).expect(303)
  await app(second).expect(404)
  const third = await ownFeed()
  expect([first, second]).not.toContain(third)
  await app(second).expect(404)
  await app(third).expect(200)
  await visitor.post('/courses/seals/podcast/rotation', { number: 'x' }).expect(404)
  await app(secretPath(secretRoutes.podcast, third.slice('/podcasts/'.length, -1) + '~')).expect(404)
  await app(secretPath(secretRoutes.podcast, 'nothing')).expect(404)
})

test('what a learner may no longer open vanishes from their address', async () => {
  const feed = await ownFeed()
  const [, audio] = all((await app(feed)).text, 'enclosure', 'url')
  await Enrolments.updateMany({ person: ada._id }, { $set: { revokedAt: new Date() } })
  expect(all((await app(feed).expect(200)).text, 'title').slice(1)).toEqual(['Lesson 1'])
  await app(pathOf(audio!)).expect(404)
  await People.updateOne({ _id: ada._id }, { $set: { suspendedAt: new Date() } })
  await app(feed).expect(404)
})

test('addresses are in the export of the person, and erased with them', async () => {
  const feed = await ownFeed()
  const { body } = await visitor.get('/account/data.json').expect(200)
  expect((body as { podcastFeeds: object[] }).podcastFeeds).toMatchObject([{ slug: 'seals', number: 1 }])
  expect(JSON.stringify(body)).not.toContain(feed.split('.').pop())
  await deleteLearner({ person: ada._id })
  expect(await PodcastFeeds.count({ person: ada._id })).toBe(0)
  await app(feed).expect(404)
})

test('a course without audio, or that not everyone may see, has no open podcast', async () => {
  const { slug } = await make.course({})
  await app(`/courses/${slug}/podcast.xml`).expect(404)
  await app(`/courses/${slug}/podcast`).expect(404)
  expect((await visitor.get(`/courses/${slug}`)).text).not.toContain('podcast')
  const audio = await audioLesson(100)
  const hidden = await make.course({
    visibility: 'signed-in',
    assets: audio.assets,
    lesson: n => (n === 1 ? { ...audio.lesson, preview: true } : {}),
  })
  await app(`/courses/${hidden.slug}/podcast.xml`).expect(404)
  await app(`/courses/${hidden.slug}/podcast.png`).expect(404)
  const page = await visitor.get(`/courses/${hidden.slug}/podcast`).expect(200)
  expect(page.text).toContain('Create my address')
})
