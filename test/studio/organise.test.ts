import { Types } from 'mongoose'
import { AuditEntries } from '../../src/events/audit'
import { addComment, Comments } from '../../src/courses/comment'
import { changeDraft } from '../../src/courses/change-draft'
import { Courses } from '../../src/courses/course'
import { lessonsOf } from '../../src/courses/content'
import { addModule, changeLesson } from '../../src/courses/outline'
import { Revisions } from '../../src/courses/revision'
import { enrol } from '../../src/learning/enrol'
import { openAcademy, type Academy } from '../kit/academy'
import { as, anonymous, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let author: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  author = await as(await make.person({ role: 'author' }))
})
afterAll(() => academy.close())

/** A published course of two modules, the second of them empty. */
async function twoModules() {
  const { slug, course: id } = await make.course({ lessons: 4 })
  await changeDraft(id, content => addModule(content, 'Later').content)
  const url = `/studio/courses/${slug}`
  const draft = async () => (await Courses.findOne({ slug }))!.draft
  const outline = async () =>
    (await draft()).modules.map(({ lessons }) => lessons.map(lesson => lesson.slug).join(' '))
  return { slug, id, url, draft, outline }
}

test('an author moves ticked lessons into another module together, and undoes it', async () => {
  const { url, outline } = await twoModules()
  const page = await author.get(url).expect(200)
  expect(page.text.match(/name="lessons"/g)).toHaveLength(4)
  await author
    .post(`${url}/lesson-selection`, { action: 'move', lessons: ['lesson-1', 'lesson-3'], module: 'later' })
    .expect(303)
  expect(await outline()).toEqual(['lesson-2 lesson-4', 'lesson-1 lesson-3'])
  const done = await author.get(url).expect(200)
  expect(done.text).toContain('2 lessons moved.')
  expect(done.text).toContain(`action="${url}/outline-undo"`)
  await author.post(`${url}/outline-undo`).expect(303)
  expect(await outline()).toEqual(['lesson-1 lesson-2 lesson-3 lesson-4', ''])
  await author.post(`${url}/outline-undo`).expect(404)
})

test('lessons can be dropped before another one, and a step with the arrows is undone too', async () => {
  const { url, outline } = await twoModules()
  const fields = { action: 'move', lessons: ['lesson-3', 'lesson-4'], module: '01-all', before: 'lesson-1' }
  await author.post(`${url}/lesson-selection`, fields).expect(303)
  expect((await outline())[0]).toBe('lesson-3 lesson-4 lesson-1 lesson-2')
  await author.post(`${url}/lessons/lesson-4/position`, { to: 'up' }).expect(303)
  expect((await outline())[0]).toBe('lesson-4 lesson-3 lesson-1 lesson-2')
  await author.post(`${url}/outline-undo`).expect(303)
  expect((await outline())[0]).toBe('lesson-3 lesson-4 lesson-1 lesson-2')
})

test('removed lessons come back with their texts, and what was written meanwhile stays', async () => {
  const { url, id, draft, outline } = await twoModules()
  const before = await draft()
  await author
    .post(`${url}/lesson-selection`, { action: 'remove', lessons: ['lesson-2', 'lesson-4'] })
    .expect(303)
  expect((await outline())[0]).toBe('lesson-1 lesson-3')
  await changeDraft(id, content => changeLesson(content, 'lesson-1', { body: 'Written since.\n' }))
  await author.post(`${url}/lessons`, { title: 'New one', kind: 'text', module: 'later' }).expect(303)
  await author.post(`${url}/outline-undo`).expect(303)
  expect(await outline()).toEqual(['lesson-1 lesson-2 lesson-3 lesson-4', 'new-one'])
  const after = lessonsOf(await draft())
  expect(after[1]).toEqual(lessonsOf(before)[1])
  expect(after[0]!.body).toBe('Written since.\n')
})

test('a single lesson is removed with an undo as well, and so is a module', async () => {
  const { url, outline } = await twoModules()
  await author.post(`${url}/lessons/lesson-1/removal`).expect(303)
  expect((await author.get(url)).text).toContain(`action="${url}/outline-undo"`)
  await author.post(`${url}/outline-undo`).expect(303)
  await author.post(`${url}/modules/later/removal`).expect(303)
  expect(await outline()).toHaveLength(1)
  await author.post(`${url}/outline-undo`).expect(303)
  expect(await outline()).toEqual(['lesson-1 lesson-2 lesson-3 lesson-4', ''])
})

test('a duplicated lesson has its own URL and stands behind the first', async () => {
  const { url, draft, outline } = await twoModules()
  await author.post(`${url}/lesson-selection`, { action: 'duplicate', lessons: 'lesson-2' }).expect(303)
  expect((await outline())[0]).toBe('lesson-1 lesson-2 copy-of-lesson-2 lesson-3 lesson-4')
  const [, original, copy] = lessonsOf(await draft())
  expect(copy).toEqual({ ...original, slug: 'copy-of-lesson-2', title: 'Copy of Lesson 2' })
  await author.post(`${url}/outline-undo`).expect(303)
  expect((await outline())[0]).toBe('lesson-1 lesson-2 lesson-3 lesson-4')
})

test('without ticked lessons, or without a module, the form comes back with what was chosen', async () => {
  const { url } = await twoModules()
  const none = await author.post(`${url}/lesson-selection`, { action: 'remove' }).expect(422)
  expect(none.text).toContain('Tick the lessons first.')
  const fields = { action: 'move', lessons: ['lesson-2'], module: 'gone' }
  const noModule = await author.post(`${url}/lesson-selection`, fields).expect(422)
  expect(noModule.text).toContain('Choose the module to move them to.')
  expect(noModule.text).toMatch(/value="lesson-2"[^>]*checked/)
  await author.post(`${url}/lesson-selection`, { action: 'burn', lessons: ['lesson-2'] }).expect(404)
})

test('a duplicated course is a draft of its own, once per press of the button', async () => {
  const file = { path: 'assets/a.png', hash: 'a'.repeat(64), size: 1, type: 'image/png' }
  const { slug } = await make.course({ title: 'Pumps', assets: [file] })
  const url = `/studio/courses/${slug}`
  const occasion = 'o'.repeat(22)
  await author
    .post(`${url}/copy`, { occasion })
    .expect(303)
    .expect('location', '/studio/courses/copy-of-pumps')
  await author.post(`${url}/copy`, { occasion }).expect('location', '/studio/courses/copy-of-pumps')
  const original = (await Courses.findOne({ slug }))!
  const copy = (await Courses.findOne({ slug: 'copy-of-pumps' }))!
  expect(copy).toMatchObject({ published: null, revisions: 0 })
  expect(copy.draft).toEqual({ ...original.draft, title: 'Copy of Pumps', checkedOn: null })
  expect(await Revisions.count({ course: copy._id })).toBe(0)
  expect(await Courses.count({ slug: /^copy-of-pumps/ })).toBe(1)
})

test('an archived course takes nobody new, its learners finish, and it can be brought back', async () => {
  const course = await make.course({ title: 'Old pumps' })
  const person = await make.person()
  await enrol({ person: person._id, published: course, paid: false })
  const [learner, stranger, other] = [await as(person), await anonymous(), await as(await make.person())]
  const url = `/studio/courses/${course.slug}`
  await author.post(`${url}/archive`).expect(303)
  const page = await author.get(url).expect(200)
  expect(page.text).toContain('Archived on')
  expect(page.text).not.toContain(`${url}/publication`)
  expect((await author.get('/studio')).text).toMatch(/Old pumps[\s\S]*>Archived</)

  for (const path of ['/', '/courses', '/sitemap.xml']) {
    expect((await stranger.get(path)).text).not.toContain(`/courses/${course.slug}"`)
    expect((await stranger.get(path)).text).not.toContain(`/courses/${course.slug}<`)
  }
  for (const visitor of [stranger, other]) {
    const gone = await visitor.get(`/courses/${course.slug}`).expect(410)
    expect(gone.text).toContain('This course is archived')
    await visitor.post(`/courses/${course.slug}/enrolment`).expect(410)
  }
  const own = await learner.get(`/courses/${course.slug}`).expect(200)
  expect(own.text).toContain('This course is archived. You can finish it')
  await learner.post(`/courses/${course.slug}/lessons/lesson-1/completion`).expect(303)

  await author.post(`${url}/archive`).expect(303)
  await author.post(`${url}/archive-end`).expect(303)
  await stranger.get(`/courses/${course.slug}`).expect(200)
  expect((await learner.get(`/courses/${course.slug}`)).text).not.toContain('archived')
  const actions = await AuditEntries.find({ subject: course.slug }).sort({ at: 1 })
  expect(actions.map(({ action }) => action)).toEqual([
    'course.published',
    'course.archived',
    'course.unarchived',
  ])
})

test('publishing brings an archived course back, and one that was never published is a draft again', async () => {
  const { slug, course } = await make.course()
  await author.post(`/studio/courses/${slug}/archive`)
  const { draftNumber } = (await Courses.findById(course))!
  await author.post(`/studio/courses/${slug}/publication`, { draftNumber }).expect(303)
  expect(await Courses.findById(course)).toMatchObject({ archived: null, published: expect.anything() })

  await author.post('/studio/courses', { title: 'Never shown' }).expect(303)
  await author.post('/studio/courses/never-shown/archive').expect(303)
  await (await anonymous()).get('/courses/never-shown').expect(404)
  await author.post('/studio/courses/never-shown/archive-end').expect(303)
  expect((await author.get('/studio/courses/never-shown')).text).toContain('so it is a draft')
})

test('a course that was never published can be deleted for good, and a published one only archived', async () => {
  await author.post('/studio/courses', { title: 'A false start' }).expect(303)
  const { _id } = (await Courses.findOne({ slug: 'a-false-start' }))!
  const comment = { _id: new Types.ObjectId(), lesson: 'any', by: _id, text: 'Why?', replacement: null }
  await addComment(
    { _id, slug: 'a-false-start' },
    { ...comment, quote: { exact: 'x', prefix: '', suffix: '' } },
  )
  expect((await author.get('/studio/courses/a-false-start')).text).toContain('Delete for good')
  await author.post('/studio/courses/a-false-start/deletion').expect(303)
  expect((await author.get('/studio')).text).toContain('“A false start” was deleted.')
  await author.get('/studio/courses/a-false-start').expect(404)
  expect([await Courses.count({ _id }), await Comments.count({ course: _id })]).toEqual([0, 0])
  const [entry] = await AuditEntries.find({ action: 'course.deleted' })
  expect(entry).toMatchObject({ subject: 'a-false-start', detail: { title: 'A false start' } })

  const { slug, course } = await make.course()
  expect((await author.get(`/studio/courses/${slug}`)).text).not.toContain('Delete for good')
  const refused = await author.post(`/studio/courses/${slug}/deletion`).expect(409)
  expect(refused.text).toContain('can only be archived')
  expect(await Courses.count({ _id: course })).toBe(1)
})

test('the catalogue is in the order that the studio chose, with a featured course first', async () => {
  await Courses.updateMany({}, { $set: { published: null } })
  for (const slug of ['ones', 'twos', 'threes']) await make.course({ slug, title: slug })
  const visitor = await anonymous()
  const shown = async (path: string) => {
    const { text } = await visitor.get(path).expect(200)
    return [...text.matchAll(/<a href="\/courses\/(ones|twos|threes)">/g)].map(([, slug]) => slug).join(' ')
  }
  const change = (fields: object) => author.post('/studio/catalogue', { ...fields }).expect(303)
  expect((await author.get('/studio/catalogue').expect(200)).text).toContain('newest first')
  expect(await shown('/courses')).toBe('threes twos ones')
  await change({ action: 'up', course: 'ones' })
  expect(await shown('/courses')).toBe('threes ones twos')
  expect(await shown('/')).toBe('threes ones twos')
  await change({ action: 'place', course: 'twos', before: 'threes' })
  expect(await shown('/courses')).toBe('twos threes ones')
  await change({ action: 'down', course: 'twos' })
  expect(await shown('/courses')).toBe('threes twos ones')
  await change({ action: 'feature', course: 'ones' })
  expect(await shown('/courses')).toBe('ones threes twos')
  expect((await visitor.get('/courses')).text).toContain('>Featured<')
  // A new course has no place yet, and is last.
  await make.course({ slug: 'fours', title: 'fours' })
  expect((await author.get('/studio/catalogue')).text).toMatch(/ones[\s\S]*threes[\s\S]*twos[\s\S]*By date/)
  await change({ action: 'newest' })
  expect(await shown('/courses')).toBe('threes twos ones')
  await author.post('/studio/catalogue', { action: 'up', course: 'nowhere' }).expect(404)
  await author.post('/studio/catalogue', { action: 'sideways', course: 'ones' }).expect(404)
})

test('the one button of an empty course adds a module, and then a lesson', async () => {
  const made = await author.post('/studio/courses', { title: `Empty ${Date.now()}` }).expect(303)
  const url = made.headers.location as string
  const main = async () => /class="button button-main" href="([^"]+)"/.exec((await author.get(url)).text)?.[1]
  expect(await main()).toBe(`${url}#add-module`)
  await author.post(`${url}/modules`, { title: 'First' }).expect(303)
  expect(await main()).toBe(`${url}/lessons/new`)
  await author.post(`${url}/lessons`, { title: 'Text', kind: 'text', module: 'first' }).expect(303)
  expect(await main()).toMatch(/\/(review|publications\/new)$/)
})

test('the outline opens what a lesson is made of, and for readers what they read', async () => {
  const { url } = await twoModules()
  await author.post(`${url}/lessons`, { title: 'Steps', kind: 'tour', module: 'later' }).expect(303)
  await author.post(`${url}/lessons`, { title: 'Asks', kind: 'quiz', module: 'later' }).expect(303)
  const page = await author.get(url).expect(200)
  expect(page.text).toContain(`href="${url}/lessons/steps/steps"`)
  expect(page.text).toContain(`href="${url}/lessons/asks/questions"`)
  expect(page.text).toContain(`href="${url}/lessons/lesson-1"`)
  const reviewer = await as(await make.person({ role: 'reviewer' }))
  expect((await reviewer.get(url).expect(200)).text).not.toContain(`${url}/lessons/steps/steps`)
})
