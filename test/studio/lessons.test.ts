import { changeDraft } from '../../src/courses/change-draft'
import { Courses } from '../../src/courses/course'
import { emptyLesson } from '../../src/courses/kinds/kinds'
import { replaceLesson } from '../../src/courses/outline'
import { videoLesson } from '../academy/video-file'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let ines: Visitor
let tomasz: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  ines = await as(await make.person({ role: 'author' }))
  tomasz = await as(await make.person({ role: 'author' }))
})
afterAll(() => academy.close())

const lessonsOf = async (slug: string) =>
  (await Courses.findOne({ slug }))!.draft.modules.flatMap(module => module.lessons)
const versionIn = (page: { text: string }) => /name="baseVersion" value="([^"]+)"/.exec(page.text)![1]!

test('two authors save the same lesson: the second sees both texts and loses neither', async () => {
  const { slug } = await make.course()
  const lesson = `/studio/courses/${slug}/lessons/lesson-1`
  const baseVersion = versionIn(await ines.get(lesson))
  await ines.post(lesson, { baseVersion, title: 'Lesson 1', body: 'By Ines.' }).expect(303)

  const page = await tomasz.post(lesson, { baseVersion, title: 'Lesson 1', body: 'By Tomasz.' }).expect(409)
  expect(page.text).toContain('By Ines.')
  expect(page.text).toContain('By Tomasz.')
  expect((await lessonsOf(slug))[0]!.body).toBe('By Ines.')

  await tomasz.post(lesson, { baseVersion: versionIn(page), title: 'Lesson 1', body: 'By both.' }).expect(303)
  expect((await lessonsOf(slug))[0]!.body).toBe('By both.')
})

test('an author who leaves while a save is on its way is not taken for someone else', async () => {
  const { slug } = await make.course()
  const lesson = `/studio/courses/${slug}/lessons/lesson-1`
  const baseVersion = versionIn(await ines.get(lesson))
  await ines.post(lesson, { baseVersion, title: 'Lesson 1', body: 'One' }).expect(303)
  const sentVersion = versionIn(await ines.get(lesson))
  await ines.post(lesson, { baseVersion, sentVersion, title: 'Lesson 1', body: 'One, two' }).expect(303)
  await ines.post(lesson, { baseVersion, sentVersion, title: 'Lesson 1', body: 'One, three' }).expect(409)
  expect((await lessonsOf(slug))[0]!.body).toBe('One, two')
})

test('two authors save two lessons of one course without a conflict', async () => {
  const { slug } = await make.course()
  const path = (n: number) => `/studio/courses/${slug}/lessons/lesson-${n}`
  const first = versionIn(await ines.get(path(1)))
  const second = versionIn(await tomasz.get(path(2)))
  await Promise.all([
    ines.post(path(1), { baseVersion: first, title: 'One', body: 'One.' }).expect(303),
    tomasz.post(path(2), { baseVersion: second, title: 'Two', body: 'Two.' }).expect(303),
  ])
  expect((await lessonsOf(slug)).map(lesson => lesson.title)).toEqual(['One', 'Two', 'Lesson 3'])
})

test('the editor saves in the background and shows what is wrong', async () => {
  const { slug } = await make.course()
  const lesson = `/studio/courses/${slug}/lessons/lesson-1`
  const baseVersion = versionIn(await ines.get(lesson))
  const body = 'New.\n\n```quiz\nkind: single\nprompt: Wet?\nchoices: [{content: a}, {content: b}]\n```\n'
  const saved = await ines
    .post(lesson, { baseVersion, title: 'Lesson 1', body })
    .set('accept', 'application/json')
    .expect(200)
  expect(saved.body.saved).toMatch(/^Saved \d\d:\d\d$/)
  expect(saved.body.checks).toContain('“Wet?” has no right answer.')
  expect(saved.body.checks).not.toContain('<html')
  expect(saved.body.needsFixes).toBe(true)
  expect((await ines.get(lesson)).text).toMatch(/data-needs-fixes\s*>/)

  const next = { baseVersion: saved.body.baseVersion as string, title: 'Lesson 1', body: 'Newer.' }
  const fixed = await ines.post(lesson, next).set('accept', 'application/json').expect(200)
  expect(fixed.body.needsFixes).toBe(false)
  expect((await ines.get(lesson)).text).toMatch(/data-needs-fixes hidden\s*>/)
  const late = await ines.post(lesson, next).set('accept', 'application/json').expect(409)
  expect(late.body.conflict).toContain('Someone else has saved this lesson')
  const wrong = await ines
    .post(lesson, { ...next, title: '' })
    .set('accept', 'application/json')
    .expect(422)
  expect(wrong.body.errors.title).toBe('Enter a lesson title')
  expect((await lessonsOf(slug))[0]!.body).toBe('Newer.')
})

test('an author keeps what they typed when a lesson is too long or has no title', async () => {
  const { slug } = await make.course()
  const lesson = `/studio/courses/${slug}/lessons/lesson-1`
  const page = await ines
    .post(lesson, { baseVersion: 'x', title: '', body: `${'word,'.repeat(24_001)}` })
    .expect(422)
  expect(page.text).toContain('Enter a lesson title')
  expect(page.text).toContain('Use at most 120000 characters. You&#39;ve used 120005')
  expect(page.text).toContain('word,word')
})

test('HTML in a lesson is shown as text, in the editor and in the preview', async () => {
  const { slug } = await make.course({
    lesson: n => (n === 1 ? { title: '<b>x</b>', body: '</textarea><script>alert(1)</script>' } : {}),
  })
  for (const path of ['', '/preview', '/history', '/settings', '/removal']) {
    const page = await ines.get(`/studio/courses/${slug}/lessons/lesson-1${path}`).expect(200)
    expect(page.text).not.toContain('<script>alert')
    expect(page.text).not.toContain('<b>x</b>')
  }
})

test('an author previews the questions with their explanations', async () => {
  const { slug } = await make.course({ quiz: 2 })
  const page = await ines.get(`/studio/courses/${slug}/lessons/final-quiz/preview`).expect(200)
  expect(page.text).toContain('Question 2?')
  expect(page.text).toContain('Because not.')
})

test('an author moves lessons up, down, into a module and before another lesson', async () => {
  const { slug, content } = await make.course()
  const move = (n: number, fields: object) =>
    ines.post(`/studio/courses/${slug}/lessons/lesson-${n}/position`, fields as Record<string, unknown>)
  const order = async () => (await lessonsOf(slug)).map(lesson => lesson.slug.at(-1)).join('')
  await move(1, { to: 'down' }).expect(303)
  expect(await order()).toBe('213')
  await move(3, { to: 'up' }).expect(303)
  expect(await order()).toBe('231')
  await move(1, { to: 'module', module: content.modules[0]!.folder, before: 'lesson-2' }).expect(303)
  expect(await order()).toBe('123')
  await move(1, { to: 'sideways' }).expect(404)
  await move(1, { to: 'module', module: 'nowhere' }).expect(404)
})

test('an author confirms before a lesson is removed', async () => {
  const { slug } = await make.course()
  const lesson = `/studio/courses/${slug}/lessons/lesson-2`
  expect((await ines.get(`${lesson}/removal`).expect(200)).text).toContain('Remove “Lesson 2”?')
  expect(await lessonsOf(slug)).toHaveLength(3)
  await ines.post(`${lesson}/removal`).expect(303)
  await ines.post(`${lesson}/removal`).expect(404)
  expect(await lessonsOf(slug)).toHaveLength(2)
})

test('an author sees what changed in a lesson since a version', async () => {
  const { slug } = await make.course()
  const lesson = `/studio/courses/${slug}/lessons/lesson-1`
  const baseVersion = versionIn(await ines.get(lesson))
  await ines.post(lesson, { baseVersion, title: 'Lesson 1', body: 'Another text.\n' }).expect(303)
  const page = await ines.get(`${lesson}/history`).expect(200)
  expect(page.text).toMatch(/<del>[\s\S]*The text of lesson 1\.<\/del>/)
  expect(page.text).toMatch(/<ins>[\s\S]*Another text\.<\/ins>/)
})

test('an author who changes a lesson’s type fills in the fields of the new type next', async () => {
  const { slug } = await make.course()
  const lesson = `/studio/courses/${slug}/lessons/lesson-2`
  const settings = await ines.get(`${lesson}/settings`).expect(200)
  expect(settings.text).not.toContain('name="passMark"')
  const fields = { kind: 'quiz', minutes: '5', completion: 'read', topics: '' }
  const { headers } = await ines
    .post(`${lesson}/settings`, { ...fields, baseVersion: versionIn(settings) })
    .expect(303)
  expect(headers.location).toBe(`${lesson}/settings`)
  const page = await ines.get(`${lesson}/settings`).expect(200)
  expect(page.text).toContain('Now fill in the fields for the new type.')
  expect(page.text).toMatch(/name="passMark"[^>]*value="80"/)
  expect((await lessonsOf(slug))[1]).toMatchObject({ kind: 'quiz', completion: 'pass', attempts: null })

  const video = { ...fields, kind: 'video', video: 'assets/gone.webm', captions: '' }
  const chapter = { 'chapters.0.start': '1:05', 'chapters.0.title': 'The leak' }
  await ines.post(`${lesson}/settings`, { ...video, ...chapter, baseVersion: versionIn(page) }).expect(303)
  const chapters = [{ start: 65, title: 'The leak' }]
  expect((await lessonsOf(slug))[1]).toMatchObject({
    completion: 'read',
    video: 'assets/gone.webm',
    chapters,
  })
  const checks = await ines.get(lesson).expect(200)
  expect(checks.text).toContain('The file assets/gone.webm is missing.')
  expect(checks.text).toContain(`href="${lesson}/settings#captions"`)
  // A video that isn't in the list is added first.
  expect((await ines.get(`${lesson}/settings`)).text.match(/files#add">Add files</g)).toHaveLength(2)
})

test('a video that was stored before videos had chapters of their own gets them', async () => {
  const { lesson, assets } = await videoLesson(100)
  const { slug } = await make.course({ assets, lesson: n => (n === 1 ? lesson : {}) })
  const settings = `/studio/courses/${slug}/lessons/lesson-1/settings`
  const page = await ines.get(settings).expect(200)
  expect(page.text).toMatch(/name="chapters\.0\.start"/)
  const fields = {
    kind: 'video',
    minutes: '5',
    completion: 'watch',
    topics: '',
    baseVersion: versionIn(page),
  }
  const files = { video: 'assets/tour.webm', captions: 'assets/tour.en.vtt' }
  const chapter = { 'chapters.0.start': '0:00', 'chapters.0.title': 'It begins' }
  await ines.post(settings, { ...fields, ...files, ...chapter }).expect(303)
  expect((await lessonsOf(slug))[0]).toMatchObject({ chapters: [{ start: 0, title: 'It begins' }] })
})

test('a lesson that becomes a quiz keeps its pass mark when the form that says so was refused first', async () => {
  const { slug } = await make.course()
  const settings = `/studio/courses/${slug}/lessons/lesson-2/settings`
  const baseVersion = versionIn(await ines.get(settings))
  const typed = { kind: 'quiz', minutes: '0', completion: 'read', topics: '', baseVersion }
  const refused = await ines.post(settings, typed).expect(422)
  expect(refused.text).toMatch(/name="passMark"[^>]*value="80"/)
  expect(refused.text).toMatch(/value="partial" selected/)
  // A browser sends each field that it shows.
  const shown = { passMark: '80', attempts: '', cooldown: '', shuffle: 'none', credit: 'partial' }
  await ines.post(settings, { ...typed, ...shown, minutes: '5' }).expect(303)
  expect((await lessonsOf(slug))[1]).toMatchObject({ kind: 'quiz', passMark: 80, credit: 'partial' })

  // A quiz whose refused form named another kind stays as it was when it is one again.
  const version = versionIn(await ines.get(settings))
  await ines.post(settings, { ...typed, kind: 'text', baseVersion: version }).expect(422)
  const again = { ...typed, kind: 'quiz', passMark: '90', baseVersion: version }
  expect((await ines.post(settings, again).expect(422)).text).toMatch(/name="passMark"[^>]*value="90"/)
  // Someone else was faster: nothing of what the form had not is empty.
  const late = await ines.post(settings, { ...typed, minutes: '5' }).expect(409)
  expect(late.text).toMatch(/name="passMark"[^>]*value="80"/)
})

test('an author saves a lesson’s settings, and sees a message for each invalid one', async () => {
  const { slug } = await make.course()
  const settings = `/studio/courses/${slug}/lessons/lesson-1/settings`
  const baseVersion = versionIn(await ines.get(settings))
  const fields = {
    baseVersion,
    kind: 'quiz',
    minutes: '12',
    preview: 'on',
    completion: 'pass',
    topics: 'crm, consent,crm',
    ...{ 'downloads.0.file': 'assets/a.csv', 'downloads.0.title': 'The sheet' },
    ...{ 'downloads.1.file': 'assets/b.csv', 'downloads.1.title': '' },
    passMark: '80',
    attempts: '',
  }
  await ines.post(settings, fields).expect(303)
  expect((await lessonsOf(slug))[0]).toMatchObject({
    kind: 'quiz',
    minutes: 12,
    preview: true,
    topics: ['crm', 'consent'],
    downloads: [
      { file: 'assets/a.csv', title: 'The sheet' },
      { file: 'assets/b.csv', title: 'b.csv' },
    ],
    passMark: 80,
    attempts: null,
    body: 'The text of lesson 1.\n',
  })
  await ines.post(settings, fields).expect(409)
  const page = await ines
    .post(settings, { ...fields, minutes: '0', passMark: '101', attempts: '1.5' })
    .expect(422)
  for (const sentence of [
    'Enter a whole number of minutes from 1 to 600',
    'Enter a whole number from 0 to 100',
    'Enter a whole number from 1 to 100',
  ]) {
    expect(page.text).toContain(sentence)
  }
})

test('downloads are rows that are added, moved and removed without a script, and saved at the end', async () => {
  const asset = (path: string, type: string) => ({ path, type, hash: 'a'.repeat(64), size: 1 })
  const { slug } = await make.course({
    assets: [asset('assets/plan.png', 'image/png'), asset('assets/list.csv', 'text/csv')],
  })
  const settings = `/studio/courses/${slug}/lessons/lesson-1/settings`
  const opened = await ines.get(settings).expect(200)
  expect(opened.text).toMatch(/<option value="assets\/list.csv" data-ending="CSV">list.csv</)
  expect(opened.text).toMatch(/<option value="assets\/plan.png" data-ending="PNG" data-picture="\/assets\//)
  const form = { kind: 'text', minutes: '5', baseVersion: versionIn(opened) }
  const rows = {
    ...{ 'downloads.0.file': 'assets/list.csv', 'downloads.0.title': 'List' },
    ...{ 'downloads.1.file': 'assets/plan.png', 'downloads.1.title': 'Plan' },
  }
  const titles = (page: { text: string }) =>
    [...page.text.matchAll(/name="downloads\.\d+\.title" value="([^"]*)"/g)].map(([, title]) => title)
  const press = async (change: string) =>
    titles(await ines.post(settings, { ...form, ...rows, change }).expect(200))
  expect(await press('add:downloads')).toEqual(['List', 'Plan'])
  expect(await press('down:downloads:0')).toEqual(['Plan', 'List'])
  expect(await press('up:downloads:1')).toEqual(['Plan', 'List'])
  expect(await press('remove:downloads:0')).toEqual(['Plan'])
  expect((await lessonsOf(slug))[0]!.downloads).toEqual([])

  const wrong = { ...rows, 'downloads.1.file': '' }
  const refused = await ines.post(settings, { ...form, ...wrong }).expect(422)
  expect(refused.text).toContain('<a href="#downloads-1-file">Choose a file')
  expect(titles(refused)).toEqual(['List', 'Plan'])
  const tooMany = Array.from({ length: 21 }, (_, n) => [`downloads.${n}.file`, 'assets/list.csv'])
  const long = await ines.post(settings, { ...form, ...Object.fromEntries(tooMany) }).expect(422)
  expect(long.text).toContain('<a href="#downloads">Choose a file')
  await ines.post(settings, { ...form, ...rows }).expect(303)
  expect((await lessonsOf(slug))[0]!.downloads).toEqual([
    { file: 'assets/list.csv', title: 'List' },
    { file: 'assets/plan.png', title: 'Plan' },
  ])
})

test('how many questions a quiz draws is a number beside each of its pools', async () => {
  const choices = '[{content: a, isCorrect: true, explanation: x}, {content: b, explanation: x}]'
  const question = (id: string, pool: string) =>
    `\`\`\`quiz\nid: ${id}\nkind: single\nprompt: Wet?\nchoices: ${choices}\npool: ${pool}\n\`\`\`\n`
  const body = [question('a', 'Leaks'), question('b', 'Leaks'), question('c', 'Noise')].join('\n')
  const { slug, course, lessons } = await make.course({ lessons: 1 })
  const quiz = { ...emptyLesson(lessons[0]!.slug, 'Leaks', 'quiz'), body }
  await changeDraft(course, content => replaceLesson(content, quiz))
  const settings = `/studio/courses/${slug}/lessons/lesson-1/settings`
  const page = await ines.get(settings).expect(200)
  expect(page.text).toContain('From “Leaks”, which has 2 questions')
  expect(page.text).toContain('<input type="hidden" name="draw.1.pool" value="Noise">')
  const form = {
    ...{ kind: 'quiz', minutes: '5', passMark: '80', baseVersion: versionIn(page) },
    ...{ 'draw.0.pool': 'Leaks', 'draw.0.questions': '1', 'draw.1.pool': 'Noise', 'draw.1.questions': '' },
  }
  const refused = await ines.post(settings, { ...form, 'draw.0.questions': 'two' }).expect(422)
  expect(refused.text).toContain('<a href="#draw-0-questions">Enter a whole number')
  expect(refused.text).toMatch(/name="draw.0.questions" value="two"/)
  await ines.post(settings, form).expect(303)
  expect((await lessonsOf(slug))[0]).toMatchObject({ draw: [{ pool: 'Leaks', questions: 1 }] })
  expect((await ines.get(settings)).text).toMatch(/name="draw.0.questions" value="1"/)
})

test('an author keeps what they typed when the course is too large to be saved', async () => {
  const { slug, course } = await make.course()
  const large = { path: 'assets/large.mp4', type: 'video/mp4', hash: 'b'.repeat(64), size: 96 * 1024 * 1024 }
  await Courses.updateOne({ _id: course }, { $set: { 'draft.assets': [large] } })
  const studio = `/studio/courses/${slug}`
  const lesson = `${studio}/lessons/lesson-1`
  const forms: [url: string, fields: Record<string, string>, kept: string][] = [
    [lesson, { title: 'Seals that leak', body: 'Typed.' }, 'value="Seals that leak"'],
    [`${lesson}/settings`, { kind: 'text', minutes: '7', topics: 'leaks' }, 'value="leaks"'],
    [
      `${studio}/settings`,
      {
        ...{ title: 'Typed title', topic: 'learning', level: 'beginner', language: 'en', currency: 'EUR' },
        ...{ callToAction: 'none', 'authors.0.name': 'Ines', 'authors.0.role': 'seals' },
      },
      'name="authors.0.role" value="seals"',
    ],
  ]
  for (const [url, fields, kept] of forms) {
    const baseVersion = versionIn(await ines.get(url).expect(200))
    const page = await ines.post(url, { ...fields, baseVersion }).expect(422)
    expect(page.text).toContain(kept)
    expect(page.text).toContain('id="form-errors"')
    expect(versionIn(page)).toBe(baseVersion)
  }
})
