import { Courses, type Course } from '../../src/courses/course'
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
  (await Courses.findOne({ slug }).lean<Course>())!.draft.modules.flatMap(part => part.lessons)
const fingerprintIn = (page: { text: string }) => /name="was" value="([^"]+)"/.exec(page.text)![1]!

test('two people save the same lesson: the second sees both texts and loses none', async () => {
  const { slug } = await make.course()
  const lesson = `/studio/courses/${slug}/lessons/lesson-1`
  const was = fingerprintIn(await ines.get(lesson))
  await ines.post(lesson, { was, title: 'Lesson 1', body: 'By Ines.' }).expect(303)

  const page = await tomasz.post(lesson, { was, title: 'Lesson 1', body: 'By Tomasz.' }).expect(409)
  expect(page.text).toContain('By Ines.')
  expect(page.text).toContain('By Tomasz.')
  expect((await lessonsOf(slug))[0]!.body).toBe('By Ines.')

  await tomasz.post(lesson, { was: fingerprintIn(page), title: 'Lesson 1', body: 'By both.' }).expect(303)
  expect((await lessonsOf(slug))[0]!.body).toBe('By both.')
})

test('two people save two lessons of one course, and neither notices the other', async () => {
  const { slug } = await make.course()
  const path = (n: number) => `/studio/courses/${slug}/lessons/lesson-${n}`
  const first = fingerprintIn(await ines.get(path(1)))
  const second = fingerprintIn(await tomasz.get(path(2)))
  await Promise.all([
    ines.post(path(1), { was: first, title: 'One', body: 'One.' }).expect(303),
    tomasz.post(path(2), { was: second, title: 'Two', body: 'Two.' }).expect(303),
  ])
  expect((await lessonsOf(slug)).map(lesson => lesson.title)).toEqual(['One', 'Two', 'Lesson 3'])
})

test('a script saves without a new page, and hears what is wrong', async () => {
  const { slug } = await make.course()
  const lesson = `/studio/courses/${slug}/lessons/lesson-1`
  const was = fingerprintIn(await ines.get(lesson))
  const body = 'New.\n\n```quiz\nkind: single\nprompt: Wet?\nchoices: [{content: a}, {content: b}]\n```\n'
  const saved = await ines
    .post(lesson, { was, title: 'Lesson 1', body })
    .set('accept', 'application/json')
    .expect(200)
  expect(saved.body.saved).toMatch(/^Saved \d\d:\d\d$/)
  expect(saved.body.checks).toContain('“Wet?” has no right answer.')
  expect(saved.body.checks).not.toContain('<html')

  const next = { was: saved.body.was as string, title: 'Lesson 1', body: 'Newer.' }
  await ines.post(lesson, next).set('accept', 'application/json').expect(200)
  const late = await ines.post(lesson, next).set('accept', 'application/json').expect(409)
  expect(late.body.conflict).toContain('Someone else has saved this lesson')
  const wrong = await ines
    .post(lesson, { ...next, title: '' })
    .set('accept', 'application/json')
    .expect(422)
  expect(wrong.body.errors.title).toBe('Enter a lesson title')
  expect((await lessonsOf(slug))[0]!.body).toBe('Newer.')
})

test('a lesson that is too long or has no title comes back as it was typed', async () => {
  const { slug } = await make.course()
  const lesson = `/studio/courses/${slug}/lessons/lesson-1`
  const page = await ines.post(lesson, { was: 'x', title: '', body: `${'word,'.repeat(8001)}` }).expect(422)
  expect(page.text).toContain('Enter a lesson title')
  expect(page.text).toContain('Use at most 40000 characters. You&#39;ve used 40005')
  expect(page.text).toContain('word,word')
})

test('what an author types is shown to authors as text, in the editor and in the preview', async () => {
  const { slug } = await make.course({
    lesson: n => (n === 1 ? { title: '<b>x</b>', body: '</textarea><script>alert(1)</script>' } : {}),
  })
  for (const path of ['', '/preview', '/history', '/settings', '/removal']) {
    const page = await ines.get(`/studio/courses/${slug}/lessons/lesson-1${path}`).expect(200)
    expect(page.text).not.toContain('<script>alert')
    expect(page.text).not.toContain('<b>x</b>')
  }
})

test('the preview shows the text, the questions and their explanations', async () => {
  const { slug } = await make.course({ quiz: 2 })
  const page = await ines.get(`/studio/courses/${slug}/lessons/final-check/preview`).expect(200)
  expect(page.text).toContain('Question 2?')
  expect(page.text).toContain('Because not.')
})

test('an author orders lessons by arrows, by part and in front of another', async () => {
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

test('removing a lesson asks first', async () => {
  const { slug } = await make.course()
  const lesson = `/studio/courses/${slug}/lessons/lesson-2`
  expect((await ines.get(`${lesson}/removal`).expect(200)).text).toContain('Remove “Lesson 2”?')
  expect(await lessonsOf(slug)).toHaveLength(3)
  await ines.post(`${lesson}/removal`).expect(303)
  await ines.post(`${lesson}/removal`).expect(404)
  expect(await lessonsOf(slug)).toHaveLength(2)
})

test('the history shows what changed in a lesson since a version', async () => {
  const { slug } = await make.course()
  const lesson = `/studio/courses/${slug}/lessons/lesson-1`
  const was = fingerprintIn(await ines.get(lesson))
  await ines.post(lesson, { was, title: 'Lesson 1', body: 'Another text.\n' }).expect(303)
  const page = await ines.get(`${lesson}/history`).expect(200)
  expect(page.text).toMatch(/<del>[\s\S]*The text of lesson 1\.<\/del>/)
  expect(page.text).toMatch(/<ins>[\s\S]*Another text\.<\/ins>/)
})

test('the settings of a lesson are saved, and refused with a sentence', async () => {
  const { slug } = await make.course()
  const settings = `/studio/courses/${slug}/lessons/lesson-1/settings`
  const was = fingerprintIn(await ines.get(settings))
  const fields = {
    was,
    kind: 'quiz',
    minutes: '12',
    preview: 'on',
    completion: 'pass',
    topics: 'crm, consent,crm',
    downloads: 'assets/a.csv The sheet\nassets/b.csv',
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
