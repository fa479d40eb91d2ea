import { seconds } from '../../src/platform/clock'
import { Courses } from '../../src/courses/course'
import { publishCourse } from '../../src/courses/publish-course'
import { publishedCourse } from '../../src/courses/published'
import { withdrawCourse } from '../../src/courses/withdraw-course'
import { enrol } from '../../src/learning/enrol'
import { enrolmentId, Enrolments } from '../../src/learning/enrolment'
import { revokeEnrolment } from '../../src/learning/revoke-enrolment'
import { openAcademy, type Academy } from '../kit/academy'
import { as, anonymous } from '../kit/as'
import { advance } from '../kit/clock'
import { happened } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())

async function learner(input: make.CourseInput = {}) {
  const [person, course] = [await make.person(), await make.course(input)]
  await enrol({ person: person._id, published: course, paid: false })
  const enrolment = () => Enrolments.findById(enrolmentId(person._id, course.course))
  const lesson = (n: number) => `/courses/${course.slug}/lessons/lesson-${n}`
  return { person, course, visitor: await as(person), enrolment, lesson }
}

test('an anonymous visitor reads the preview lesson, and no progress is recorded', async () => {
  const course = await make.course()
  const { text } = await (await anonymous()).get(`/courses/${course.slug}/lessons/lesson-1`).expect(200)
  expect(text).toContain('The text of lesson 1.')
  expect(text).toContain('You&#39;re previewing this course')
  expect(text).not.toContain('data-learner')
})

test('an anonymous visitor reads how to open the other lessons, and nothing of their text', async () => {
  const course = await make.course()
  const { text } = await (await anonymous()).get(`/courses/${course.slug}/lessons/lesson-2`).expect(403)
  expect(text).toContain('Sign up to open this lesson. It&#39;s free and takes a minute.')
  expect(text).not.toContain('The text of lesson 2.')
})

test('a signed-in visitor who is not enrolled is offered to enrol', async () => {
  const [ada, course] = [await make.person(), await make.course()]
  const { text } = await (await as(ada)).get(`/courses/${course.slug}/lessons/lesson-2`).expect(403)
  expect(text).toContain(`action="/courses/${course.slug}/enrolment?lesson=lesson-2"`)
  await (await as(ada)).post(`/courses/${course.slug}/lessons/lesson-2/completion`).expect(403)
  expect(await happened(ada)).toEqual([])
})

test('a refunded learner loses access but keeps their progress', async () => {
  const { person, course, visitor, lesson, enrolment } = await learner()
  await visitor.post(`${lesson(1)}/completion`).expect(303)
  await revokeEnrolment(person._id, course.course)
  const { text } = await visitor.get(lesson(2)).expect(403)
  expect(text).toContain('We refunded your payment')
  await visitor.post(`${lesson(2)}/completion`).expect(403)
  expect((await enrolment())!.lessons['lesson-1']!.completedAt).toBeInstanceOf(Date)
  await enrol({ person: person._id, published: course, paid: true })
  await visitor.get(lesson(2)).expect(200)
})

test('a learner who opens a lesson twice records one event and resumes there', async () => {
  const { person, visitor, lesson, enrolment } = await learner()
  await visitor.get(lesson(2)).expect(200)
  await visitor.get(lesson(2)).expect(200)
  expect(await happened(person)).toEqual(['course.enrolled', 'lesson.opened'])
  expect(await enrolment()).toMatchObject({ lastLesson: 'lesson-2' })
  const { text } = await visitor.get('/learning').expect(200)
  expect(text).toContain(`href="${lesson(2)}"`)
})

test('a learner who marks a lesson as done goes to the next one, and a double click counts once', async () => {
  const { person, visitor, lesson } = await learner()
  const answers = await Promise.all([
    visitor.post(`${lesson(1)}/completion`),
    visitor.post(`${lesson(1)}/completion`),
  ])
  expect(answers.map(answer => [answer.status, answer.headers.location])).toEqual([
    [303, lesson(2)],
    [303, lesson(2)],
  ])
  expect((await happened(person)).filter(name => name === 'lesson.completed')).toHaveLength(1)
})

test('a learner who finishes the last lesson completes the course', async () => {
  const { person, course, visitor, lesson } = await learner()
  for (const n of [1, 2, 3]) await visitor.post(`${lesson(n)}/completion`).expect(303)
  const finished = await visitor.get(`/courses/${course.slug}/finished`).expect(200)
  expect(finished.text).toContain('You&#39;ve finished “')
  const { text } = await visitor.get(`/courses/${course.slug}`).expect(200)
  expect(text).toContain('All 3 lessons done')
  expect(text).toContain('View certificate')
  expect((await happened(person)).filter(name => name === 'course.completed')).toHaveLength(1)
})

test('a learner who finishes a course of one lesson reads about one lesson', async () => {
  const course = await make.course({ lessons: 1, authors: [{ name: 'Ines Halvorsen', role: '' }] })
  const ada = await as(await make.person())
  await ada.post(`/courses/${course.slug}/enrolment`).expect(303)
  await ada.post(`/courses/${course.slug}/lessons/lesson-1/completion`).expect(303)
  const { text } = await ada.get(`/courses/${course.slug}`).expect(200)
  expect(text).toContain('1 lesson done')
  expect(text).toContain('1 of 1 lesson done')
  expect(text).not.toContain('1 lessons')
  // An author without a role has no comma after the name.
  expect(text).toMatch(/<b>Ines Halvorsen<\/b>\s+<br>/)
})

test('a learner stays on the version they started with, and progress counts on it', async () => {
  const { visitor, course, lesson, enrolment } = await learner()
  await visitor.post(`${lesson(1)}/completion`)
  const draft = make.courseContent({ lessons: 5, title: course.content.title })
  await Courses.updateOne({ _id: course.course }, { $set: { draft, draftNumber: 2 } })
  const author = await make.person({ role: 'author' })
  await publishCourse({ course: course.course, by: author._id, draftNumber: 2 })
  expect((await publishedCourse(course.slug))!.number).toBe(2)
  const { text } = await visitor.get(lesson(2)).expect(200)
  expect(text).toContain('1 of 3 done')
  expect(text).toContain('Version 2 is out')
  await visitor.get(`/courses/${course.slug}/lessons/lesson-5`).expect(404)
  for (const n of [2, 3]) await visitor.post(`${lesson(n)}/completion`).expect(303)
  expect((await enrolment())!.completedAt).toBeInstanceOf(Date)
})

test('a withdrawn course stays open to its learners and to nobody else', async () => {
  const { visitor, course, lesson } = await learner()
  const admin = await make.person({ role: 'admin' })
  await withdrawCourse({ course: course.course, by: admin._id })
  await visitor.get(lesson(2)).expect(200)
  await (await anonymous()).get(lesson(1)).expect(404)
  await (await as(await make.person())).get(lesson(1)).expect(404)
})

test('the worker finishes progress that was interrupted after its event was recorded', async () => {
  const { person, visitor, lesson, enrolment } = await learner({ lessons: 1 })
  await visitor.post(`${lesson(1)}/completion`).expect(303)
  await Enrolments.updateOne(
    { _id: (await enrolment())!._id },
    { $set: { completedAt: null }, $unset: { 'lessons.lesson-1.completedAt': 1 } },
  )
  await happened(person)
  expect(await enrolment()).toMatchObject({ lessons: { 'lesson-1': { completedAt: expect.any(Date) } } })
  expect((await enrolment())!.completedAt).toBeInstanceOf(Date)
})

test('the worker creates an enrolment that was interrupted after its event was recorded', async () => {
  const { person, enrolment } = await learner()
  await Enrolments.deleteOne({ person: person._id })
  await happened(person)
  expect(await enrolment()).toMatchObject({ lessons: {}, revokedAt: null })
})

test('a learner’s first lesson that they read is recorded once for each colleague at their company', async () => {
  const { person, visitor, lesson } = await learner()
  const bob = await make.person({ company: person.company! })
  const carol = await make.person({ emailKind: 'free', company: null })
  await visitor.post(`${lesson(1)}/completion`)
  expect(await happened(bob)).toEqual([])
  for (const n of [2, 3]) {
    await visitor.get(lesson(n)).expect(200)
    advance(seconds(20))
    await visitor.post(`${lesson(n)}/progress`, { seconds: 20 }).expect(200)
    await visitor.post(`${lesson(n)}/completion`).expect(303)
  }
  expect(await happened(bob)).toEqual(['colleague.active'])
  expect(await happened(carol)).toEqual([])
  expect(await happened(person)).not.toContain('colleague.active')
})

test('a learner asks the authors a question; an empty or very long one comes back as typed', async () => {
  const { person, visitor, lesson } = await learner()
  await visitor.get(lesson(1))
  const empty = await visitor.post(`${lesson(1)}/questions`, { text: '  ' }).expect(422)
  expect(empty.text).toContain('Enter your question')
  const long = await visitor.post(`${lesson(1)}/questions`, { text: 'why? '.repeat(1001) }).expect(422)
  expect(long.text).toContain('why? why?')
  await visitor.post(`${lesson(1)}/questions`, { text: 'Does it write to our CRM?' }).expect(303)
  await visitor.post(`${lesson(1)}/questions`, { text: 'Does it write to our CRM?' }).expect(303)
  expect((await happened(person)).filter(name => name === 'question.asked')).toHaveLength(1)
  expect((await visitor.get(lesson(1))).text).toContain('Question posted.')
})
