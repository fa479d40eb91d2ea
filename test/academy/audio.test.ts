import { saveAsset, assetUrl } from '../../src/courses/asset'
import { enrol } from '../../src/learning/enrol'
import { enrolmentId, Enrolments } from '../../src/learning/enrolment'
import { seconds } from '../../src/platform/clock'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { happened } from '../kit/ledger'
import * as make from '../kit/make'
import { audioLesson, mp3 } from './audio-file'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())
beforeEach(() => setTime('2026-11-23T09:00:00Z'))

/** A learner who has just opened an audio lesson of 100 seconds. */
async function listener(...transcript: [transcript?: { name: string; text: string; type: string }]) {
  const audio = await audioLesson(100, ...transcript)
  const person = await make.person()
  const course = await make.course({ assets: audio.assets, lesson: n => (n === 1 ? audio.lesson : {}) })
  await enrol({ person: person._id, published: course, paid: false })
  const visitor = await as(person)
  const address = `/courses/${course.slug}/lessons/lesson-1`
  await visitor.get(address).expect(200)
  const heartbeat = (ranges: string, fields: Record<string, unknown> = {}) =>
    visitor.post(`${address}/progress`, { ranges, position: ranges.split('-').pop(), ...fields })
  const progress = async () =>
    (await Enrolments.findById(enrolmentId(person._id, course.course)))!.lessons['lesson-1']!
  return { person, visitor, address, heartbeat, progress }
}

test('a learner finishes audio of 100 seconds after hearing 90, and not one less', async () => {
  const { person, visitor, address, heartbeat, progress } = await listener()
  advance(seconds(60))
  await heartbeat('0-60').expect(200, {
    done: false,
    played: "You've heard 1 min of 1 min 40 s (60%).",
    watched: '0-60',
  })
  advance(seconds(29))
  await heartbeat('60-89').expect(200, {
    done: false,
    played: "You've heard 1 min 29 s of 1 min 40 s (89%).",
    watched: '0-89',
  })
  const early = await visitor.post(`${address}/completion`).expect(409)
  expect(early.text).toContain('Listen to 90% of the audio to finish this lesson. You&#39;ve heard 89%')
  advance(seconds(1))
  const { body } = await heartbeat('89-90').expect(200)
  expect(body).toEqual({
    done: true,
    played: "You've heard 1 min 30 s of 1 min 40 s (90%).",
    watched: '0-90',
  })
  expect(await progress()).toMatchObject({ seconds: 90, position: 90 })
  expect((await happened(person)).filter(name => name === 'lesson.completed')).toHaveLength(1)
  expect((await visitor.get(address)).text).toContain('You&#39;ve finished this lesson.')
})

test('a learner who hears the same seconds again, at any speed, gets credit once', async () => {
  const { heartbeat, progress } = await listener()
  for (const rate of [1, 2, 0.75]) {
    advance(seconds(20))
    await heartbeat('10-25', { rate }).expect(200)
  }
  expect((await progress()).seconds).toBe(15)
  await heartbeat('95-105').expect(422)
})

test('an audio lesson has a player, chapters and a transcript, which work without a script', async () => {
  const { visitor, address, heartbeat } = await listener()
  const { text } = await visitor.get(address).expect(200)
  expect(text).toMatch(
    /<audio\s+controls[^>]*>\s*<source\s+src="\/assets\/[0-9a-f]{64}\/talk\.mp3"\s+type="audio\/mpeg"/,
  )
  expect(text).toMatch(
    /<a href="\?t=45">\s*<span class="chapter-time">0:45<\/span>\s*<span dir="auto">The leak</,
  )
  expect(text).toContain('The &lt;noise&gt; before')
  expect(text).toMatch(
    /<li class="cue" data-from="1"[^>]*>\s*<a href="\?t=1">0:01<\/a>\s*<span lang="en" data-text>Ines: A seal &amp; a shaft\./,
  )
  expect(text).toContain('Counts as done once you&#39;ve heard 90% of the audio.')
  expect(text).toContain('You&#39;ve heard 0 s of 1 min 40 s (0%).')
  expect(text).toMatch(/<noscript>[^<]*<p class="meta">[^<]*this lesson won&#39;t count as done\./)
  expect((await visitor.get(`${address}?t=45`)).text).toMatch(/talk\.mp3#t=45"/)
  advance(seconds(30))
  await heartbeat('0-30').expect(200)
  expect((await visitor.get(address)).text).toContain('data-start="30"')
})

test.each([
  ['WebVTT', undefined, '0:50  Water finds a way.', /<span lang="en" data-text>Water finds a way\./],
  [
    'Markdown',
    {
      name: 'talk.md',
      text: '# Seals\n\nWater **finds** a way.\n\n<script>x</script>\n',
      type: 'text/markdown',
    },
    'Water **finds** a way.',
    /<h3>Seals<\/h3>\s*<p>Water <strong>finds<\/strong> a way\.<\/p>(?!\s*<p>x)/,
  ],
  [
    'plain text',
    {
      name: 'talk.txt',
      text: '\uFEFFInes: Why?\r\nBo: Water finds *a* way.\r\n\r\n<b>End</b>\r\n',
      type: 'text/plain',
    },
    'Bo: Water finds *a* way.',
    /<p>Ines: Why\?<br\s*\/?>Bo: Water finds \*a\* way\.<\/p><p>&lt;b&gt;End/,
  ],
])('a transcript in %s is shown, downloaded and found', async (_format, transcript, line, html) => {
  const { visitor, address } = await listener(transcript)
  expect((await visitor.get(address)).text).toMatch(html)
  const download = await visitor.get(`${address}/transcript.txt`).expect(200)
  expect(download.headers['content-type']).toContain('text/plain')
  expect(download.text).toContain(line)
  expect((await visitor.get('/search?q=water+finds+leak')).text).toContain(address)
})

test('a visitor can listen to a free preview, and the course says that there is a transcript', async () => {
  const { address } = await listener()
  const visitor = await anonymous()
  const { text } = await visitor.get(address).expect(200)
  expect(text).toContain('<audio')
  expect(text).not.toContain('You&#39;ve heard')
  const course = await visitor.get(address.split('/lessons')[0]!).expect(200)
  expect(course.text).toContain('Listen to lesson 1 free')
  expect(course.text).toContain('with transcript')
})

test.each([
  ['audio/mpeg', 'a.mp3'],
  ['audio/mp4', 'a.m4a'],
  ['audio/ogg', 'a.ogg'],
  ['audio/wav', 'a.wav'],
  ['audio/flac', 'a.flac'],
])('a player can seek in a file of the type %s', async (type, name) => {
  const bytes = Buffer.concat([mp3(1), Buffer.from(type)])
  const url = assetUrl(await saveAsset(bytes, type), `assets/${name}`)
  const author = await as(await make.person({ role: 'author' }))
  const part = await author.get(url).set('range', 'bytes=100-199').buffer(true).expect(206)
  expect(part.headers).toMatchObject({
    'content-type': type,
    'content-range': `bytes 100-199/${bytes.length}`,
    'content-length': '100',
    'accept-ranges': 'bytes',
  })
  expect(part.headers).not.toHaveProperty('content-disposition')
})
