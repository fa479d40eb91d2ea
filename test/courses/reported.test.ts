import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import request from 'supertest'
import { checkCourse } from '../../src/courses/check-course'
import { changeDraft } from '../../src/courses/change-draft'
import { Courses, type Course } from '../../src/courses/course'
import { changeLesson } from '../../src/courses/outline'
import { publishCourse } from '../../src/courses/publish-course'
import { now } from '../../src/platform/clock'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

/* Courses as authors reported them, from the import to the page that a learner sees. */

let academy: Academy
let author: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  author = await as(await make.person({ role: 'admin' }))
})
afterAll(() => academy.close())

/** Imports a course as its author does, and returns its draft. */
async function importCourse(name: string) {
  const page = await request(academy.app)
    .post('/studio/imports')
    .set('cookie', author.cookie)
    .set('accept', 'text/html')
    .field('_csrf', author.csrf)
    .attach('zip', readFileSync(join(__dirname, 'reported', name)), name)
    .expect(200)
  const [, slug] = /href="\/studio\/courses\/([^"/]+)"/.exec(page.text)!
  return (await Courses.findOne({ slug }))!
}

async function publish({ _id, draftNumber }: Course): Promise<void> {
  await publishCourse({ course: _id, by: null, draftNumber })
}

test('every link between lessons leads to its lesson, and the dead one is found with its line', async () => {
  const course = await importCourse('01-lesson-links.zip')
  const dead = checkCourse(course.draft, now()).filter(({ level }) => level === 'error')
  expect(dead).toEqual([
    expect.objectContaining({ key: 'studio:checks.deadLink', line: 3, values: { target: 'lessons/second' } }),
  ])
  const lesson = course.draft.modules[0]!.lessons[0]!
  const body = lesson.body.replace('[bad](lessons/second)', '[good](02-second.md)')
  await changeDraft(course._id, draft => changeLesson(draft, lesson.slug, { body }))
  await publish((await Courses.findById(course._id))!)
  const reader = await anonymous()
  const page = await reader.get(`/courses/${course.slug}/lessons/first`).expect(200)
  const hrefs = [
    ...page.text.matchAll(/<a href="([^"]+)"[^>]*>(?:next|other|with|jump|call|good|site)/g),
  ].map(([, href]) => href!)
  expect(hrefs).toEqual([
    `/courses/${course.slug}/lessons/second`,
    `/courses/${course.slug}/lessons/third`,
    `/courses/${course.slug}/lessons/second#part`,
    '#setup',
    'tel:+15550100',
    `/courses/${course.slug}/lessons/second`,
    'https://www.example.com',
  ])
  expect(page.text).toContain('id="setup"')
  for (const href of hrefs.filter(each => each.startsWith('/'))) await reader.get(href).expect(200)
  expect((await reader.get(hrefs[2]!)).text).toContain('<h2 id="part">Part</h2>')
})

test('a learner sees no comment and no tag of an author, and the pictures', async () => {
  const course = await importCourse('17-raw-html.zip')
  expect(checkCourse(course.draft, now()).filter(({ level }) => level === 'error')).toEqual([])
  await publish(course)
  const { text } = await (await anonymous()).get(`/courses/${course.slug}/lessons/first`).expect(200)
  expect(text).toContain('Ask <kbd>Ctrl</kbd>.')
  expect(text).not.toContain('for authors')
  expect(text.match(/<img src="\/assets\/[^"]+17\.33\.53\.png" alt="Screen"/g)).toHaveLength(2)
  expect(text).toMatch(/<td>x<br \/>\s*y<\/td>/)
  expect(text).toContain('<li class="task"><input type="checkbox" disabled /> todo</li>')
  expect(text).not.toMatch(/&lt;(kbd|br|img)|&lt;!--|\[ \]/)
})

test('a course in Arabic says so on its card, its page, its lesson and in the studio', async () => {
  const course = await importCourse('18-right-to-left-course.zip')
  await publish(course)
  const reader = await anonymous()
  const { text: lesson } = await reader.get(`/courses/${course.slug}/lessons/first`).expect(200)
  expect(lesson).toContain('<h1 lang="ar" dir="rtl">First lesson</h1>')
  expect(lesson).toMatch(/<div class="prose" lang="ar" dir="rtl"><h2 id="عنوان">/)
  const { text: page } = await reader.get(`/courses/${course.slug}`).expect(200)
  expect(page).toContain('<h1 lang="ar" dir="rtl">دورة</h1>')
  const { text: catalogue } = await reader.get('/courses').expect(200)
  expect(catalogue).toMatch(/<h3 lang="ar" dir="rtl">\s*<a href="[^"]+">دورة<\/a>/)
  const preview = await author.get(`/studio/courses/${course.slug}/lessons/first/preview`).expect(200)
  expect(preview.text).toContain('<div class="prose" lang="ar" dir="rtl">')
})
