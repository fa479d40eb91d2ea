import { changeDraft } from '../../src/courses/change-draft'
import { Courses } from '../../src/courses/course'
import { changeLesson, removeLesson } from '../../src/courses/outline'
import { publishCourse } from '../../src/courses/publish-course'
import { publishedCourse, publishedCourses, revisionById } from '../../src/courses/published'
import { lessonPage } from '../../src/courses/lesson-page'
import { Revisions } from '../../src/courses/revision'
import { saveDraft } from '../../src/courses/save-draft'
import { withdrawCourse } from '../../src/courses/withdraw-course'
import { openAcademy, type Academy } from '../kit/academy'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => (academy = await openAcademy()))
afterAll(() => academy.close())

const courseOf = async (slug: string) => (await Courses.findOne({ slug }))!

test('publishing twice makes one version, even when the clicks arrive together', async () => {
  const { slug, course } = await make.course()
  await changeDraft(course, content => changeLesson(content, 'lesson-1', { title: 'Another title' }))
  const { draftNumber } = await courseOf(slug)
  const input = { course, by: null, draftNumber }
  const made = await Promise.all([publishCourse(input), publishCourse(input), publishCourse(input)])
  expect(made.map(({ number }) => number)).toEqual([2, 2, 2])
  expect(await publishCourse(input)).toMatchObject({ number: 2 })
  expect(await Revisions.count({ course })).toBe(2)
  expect(await courseOf(slug)).toMatchObject({ revisions: 2, published: made[0]!._id })
})

test('an interrupted publication is completed by the next click', async () => {
  const { slug, course } = await make.course()
  await changeDraft(course, content => ({ ...content, summary: 'Newer.' }))
  const { draftNumber } = await courseOf(slug)
  const { _id } = await publishCourse({ course, by: null, draftNumber })
  const first = await Revisions.findOne({ course, number: 1 })
  await Courses.updateOne({ _id: course }, { $set: { published: first!._id, revisions: 1 } })
  await publishCourse({ course, by: null, draftNumber })
  expect(await courseOf(slug)).toMatchObject({ published: _id, revisions: 2 })
})

test('a learner in progress stays on the version they started with', async () => {
  const started = await make.course({ lessons: 2 })
  await changeDraft(started.course, content => removeLesson(content, 'lesson-2'))
  await changeDraft(started.course, content => changeLesson(content, 'lesson-1', { body: 'All new.\n' }))
  const { draftNumber } = await courseOf(started.slug)
  await publishCourse({ course: started.course, by: null, draftNumber })

  const theirs = (await revisionById(started.revision))!
  expect(theirs.lessons.map(lesson => lesson.slug)).toEqual(['lesson-1', 'lesson-2'])
  expect(lessonPage(theirs, 'lesson-1').html).toBe('<p>The text of lesson 1.</p>\n')
  const newest = (await publishedCourse(started.slug))!
  expect(newest).toMatchObject({ number: 2, minutes: 5 })
  expect(lessonPage(newest, 'lesson-1').html).toBe('<p>All new.</p>\n')
})

test('an author cannot publish a draft that was saved since they opened it', async () => {
  const { course } = await make.course()
  await changeDraft(course, content => ({ ...content, summary: 'One.' }))
  await expect(publishCourse({ course, by: null, draftNumber: 1 })).rejects.toMatchObject({ status: 409 })
})

test('a course with an error cannot be published', async () => {
  const { course } = await make.course()
  const { draftNumber } = await changeDraft(course, content =>
    changeLesson(content, 'lesson-1', { body: '![](assets/gone.png)' }),
  )
  await expect(publishCourse({ course, by: null, draftNumber })).rejects.toMatchObject({
    status: 422,
    values: { count: 2 },
  })
})

test('a withdrawn course leaves the catalogue and returns when it is published again', async () => {
  const { slug, course } = await make.course()
  const by = (await make.person({ role: 'author' }))._id
  await withdrawCourse({ course, by })
  await withdrawCourse({ course, by })
  expect(await publishedCourse(slug)).toBeUndefined()
  await publishCourse({ course, by, draftNumber: 1 })
  expect(await publishedCourse(slug)).toMatchObject({ number: 1 })
})

test('the catalogue is cached until a course is published', async () => {
  const { slug } = await make.course()
  const first = await publishedCourses()
  expect(await publishedCourses()).toBe(first)
  publishedCourses.forget()
  expect(await publishedCourses()).toBe(first)
  await make.course()
  const reread = await publishedCourses()
  expect(reread).not.toBe(first)
  expect(reread.find(course => course.slug === slug)).toBe(first.find(course => course.slug === slug))
})

test('of two saves of the same draft, one is refused', async () => {
  const { course, content } = await make.course()
  const save = (summary: string) => saveDraft({ course, draftNumber: 1, content: { ...content, summary } })
  const results = await Promise.allSettled([save('Mine.'), save('Theirs.')])
  expect(results.map(result => result.status).sort()).toEqual(['fulfilled', 'rejected'])
  expect((await Courses.findById(course))!.draftNumber).toBe(2)
})

test('four authors change four lessons at the same time, and every change is saved', async () => {
  const { course, content } = await make.course({ lessons: 4 })
  await Promise.all(
    content.modules[0]!.lessons.map(({ slug }) =>
      changeDraft(course, draft => changeLesson(draft, slug, { body: `New ${slug}` })),
    ),
  )
  const { draft } = (await Courses.findById(course))!
  expect(draft.modules[0]!.lessons.map(lesson => lesson.body)).toEqual(
    content.modules[0]!.lessons.map(({ slug }) => `New ${slug}`),
  )
})
