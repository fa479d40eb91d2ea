import request from 'supertest'
import { Courses } from '../../src/courses/course'
import { changeApprovalRule } from '../../src/courses/publishing-rule'
import { mp3, transcriptVtt } from '../academy/audio-file'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let author: Visitor
let reviewer: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  author = await as(await make.person({ role: 'author' }))
  reviewer = await as(await make.person({ role: 'reviewer' }))
  await changeApprovalRule('never', (await make.person({ role: 'admin' }))._id)
})
afterAll(() => academy.close())

const versionIn = (page: { text: string }) => /name="baseVersion" value="([^"]+)"/.exec(page.text)![1]!
const upload = (slug: string, ...files: [name: string, bytes: Buffer][]) =>
  files.reduce(
    (form, [name, bytes]) => form.attach('files', bytes, name),
    request(academy.app)
      .post(`/studio/courses/${slug}/files`)
      .set('cookie', author.cookie)
      .set('accept', 'text/html')
      .field('_csrf', author.csrf)
      .field('sameName', 'replace'),
  )
const lessonIn = async (slug: string) =>
  (await Courses.findOne({ slug }))!.draft.modules[0]!.lessons.find(lesson => lesson.slug === 'a-talk')!

/** A published course with a new, empty audio lesson in its draft. */
async function newAudioLesson() {
  const course = await make.course({ lessons: 1 })
  const studio = `/studio/courses/${course.slug}`
  const { folder } = course.content.modules[0]!
  const form = await author.get(`${studio}/lessons/new?module=${folder}`).expect(200)
  expect(form.text).toContain('A recording with a transcript, and text below it')
  await author.post(`${studio}/lessons`, { title: 'A talk', kind: 'audio', module: folder }).expect(303)
  return { slug: course.slug, studio, lesson: `${studio}/lessons/a-talk` }
}

test('an author uploads a recording with its captions beside the lesson, and they are its own', async () => {
  const { lesson, slug } = await newAudioLesson()
  expect((await author.get(lesson).expect(200)).text).toContain(`action="${lesson}/recording"`)
  const send = (...files: [string, Buffer][]) =>
    files.reduce(
      (form, [name, bytes]) => form.attach('files', bytes, name),
      request(academy.app)
        .post(`${lesson}/recording`)
        .set('cookie', author.cookie)
        .field('_csrf', author.csrf),
    )
  await send(['talk.mp3', mp3(5)], ['talk.vtt', Buffer.from(transcriptVtt)]).expect(303)
  expect(await lessonIn(slug)).toMatchObject({ audio: 'assets/talk.mp3', transcript: 'assets/talk.vtt' })
  await send(['talk.exe', Buffer.from('MZ')]).expect(303)
  expect(await lessonIn(slug)).toMatchObject({ audio: 'assets/talk.mp3' })
})

test('an author creates, uploads, edits, previews and publishes an audio lesson', async () => {
  const { slug, studio, lesson } = await newAudioLesson()
  const empty = await author.get(lesson).expect(200)
  expect(empty.text).toContain('This audio lesson has no audio.')
  expect(empty.text).toContain('Done when <b>90% of the audio is heard</b>')
  expect(empty.text).toContain(`href="${lesson}/settings#audio"`)

  await upload(slug, ['Talk.MP3', mp3(36)], ['talk.en.vtt', Buffer.from(transcriptVtt)]).expect(303)
  const media = await author.get(`${studio}/files`).expect(200)
  expect(media.text).toContain('36 s')
  const settings = await author.get(`${lesson}/settings`).expect(200)
  expect(settings.text).toContain('<option value="assets/talk.mp3"')
  const fields = {
    kind: 'audio',
    completion: 'listen',
    minutes: '1',
    topics: '',
    audio: 'assets/talk.mp3',
    transcript: 'assets/talk.en.vtt',
    ...chapters(['0:00', 'The noise before'], ['', ''], [' 0:20', ' The leak ']),
    baseVersion: versionIn(settings),
  }
  const refused = await author
    .post(`${lesson}/settings`, { ...fields, ...chapters(['0:00', 'The noise'], ['later', 'The leak']) })
    .expect(422)
  expect(refused.text).toMatch(/<a href="#chapters-1-start">Enter a start time such as 1:05/)
  expect(refused.text).toMatch(/name="chapters\.1\.start" value="later"/)
  expect(refused.text).toMatch(/name="chapters\.1\.title" value="The leak"/)
  await author.post(`${lesson}/settings`, fields).expect(303)
  expect(await lessonIn(slug)).toMatchObject({
    completion: 'listen',
    mediaSeconds: 36,
    chapters: [
      { start: 0, title: 'The noise before' },
      { start: 20, title: 'The leak' },
    ],
  })

  const checked = await author.get(lesson).expect(200)
  expect(checked.text).toContain('The audio has a transcript')
  for (const visitor of [author, reviewer]) {
    const preview = await visitor.get(`${lesson}/preview`).expect(200)
    expect(preview.text).toMatch(/<audio\s+controls/)
    expect(preview.text).toContain('The noise before')
    expect(preview.text).toContain('Water finds a way.')
  }
  await author.post(`${studio}/files/removal`, { path: 'assets/talk.mp3' }).expect(422)
  const { draftNumber } = (await Courses.findOne({ slug }))!
  await author.post(`${studio}/publication`, { draftNumber }).expect(303)
  expect((await Courses.findOne({ slug }))!.revisions).toBe(2)
})

const chapters = (...rows: [start: string, title: string][]) =>
  Object.fromEntries(
    rows.flatMap(([start, title], n) => [
      [`chapters.${n}.start`, start],
      [`chapters.${n}.title`, title],
    ]),
  )

test('an author sees that the audio was replaced, and which chapters changed since a version', async () => {
  const { slug, studio, lesson } = await newAudioLesson()
  await upload(slug, ['talk.mp3', mp3(36)], ['talk.txt', Buffer.from('Water finds a way.')]).expect(303)
  const settings = await author.get(`${lesson}/settings`)
  const fields = { kind: 'audio', completion: 'listen', minutes: '1', audio: 'assets/talk.mp3' }
  const more = { transcript: 'assets/talk.txt', ...chapters(['0:20', 'The leak']) }
  await author
    .post(`${lesson}/settings`, { ...fields, ...more, baseVersion: versionIn(settings) })
    .expect(303)
  const { draftNumber } = (await Courses.findOne({ slug }))!
  await author.post(`${studio}/publication`, { draftNumber }).expect(303)

  await upload(slug, ['talk.mp3', mp3(18)]).expect(303)
  expect((await lessonIn(slug)).mediaSeconds).toBe(18)
  const checks = await author.get(lesson).expect(200)
  expect(checks.text).toContain('The chapter “The leak” starts at 0:20, but the recording ends at 0:18.')
  expect(checks.text).toContain(`href="${lesson}/settings#chapters"`)
  const next = await author.get(`${lesson}/settings`)
  await author
    .post(`${lesson}/settings`, {
      ...fields,
      ...more,
      ...chapters(['0:10', 'The leak']),
      baseVersion: versionIn(next),
    })
    .expect(303)
  const history = await author.get(`${lesson}/history`).expect(200)
  expect(history.text).toContain('assets/talk.mp3 was replaced.')
  expect(history.text).toMatch(/<del>[^<]*<span[^>]*>[^<]*<\/span>[^<]*start: 0:20<\/del>/)
  expect(history.text).toMatch(/<ins>[^<]*<span[^>]*>[^<]*<\/span>[^<]*start: 0:10<\/ins>/)
  const revision = await author.get(`${studio}/revisions/2`).expect(200)
  expect(revision.text).toContain('A talk')
})

test('an author who uploads an invalid audio file is told, and nothing is saved', async () => {
  const { slug } = await newAudioLesson()
  for (const name of ['a.mp3', 'a.m4a', 'a.ogg', 'a.wav', 'a.flac']) {
    const page = await upload(slug, [name, Buffer.from('<script>alert(1)</script>')]).expect(422)
    expect(page.text).toContain(`The content doesn&#39;t match the file type ${name.slice(2)}`)
  }
  expect((await Courses.findOne({ slug }))!.draft.assets).toEqual([])
})
