import { Courses, type CourseContent } from '../../src/courses/course'
import { changeDraft } from '../../src/courses/change-draft'
import { changeLesson, lessonNamed, removeLesson, replaceLesson } from '../../src/courses/outline'
import { publishCourse } from '../../src/courses/publish-course'
import { publishedCourse, type Published } from '../../src/courses/published'
import { Events } from '../../src/events/event'
import { Certificates } from '../../src/learning/certificate'
import { enrol } from '../../src/learning/enrol'
import { issueCertificate } from '../../src/learning/issue-certificate'
import { definitionOf } from '../../src/events/definitions'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let course: Published
let newest: Published
beforeAll(async () => {
  academy = await openAcademy()
  const before =
    'Close the outlet valve before the pump is started, and wait for ten seconds.\n\nThen open it.\n'
  course = await make.course({
    slug: 'pumps',
    lessons: 4,
    quiz: 2,
    lesson: n =>
      n === 2 ? { body: before } : n === 4 ? { body: 'An old text.\n', title: 'Old lesson' } : {},
  })
  newest = await publishChange(course, content => {
    const after = before.replace('outlet valve', 'inlet valve')
    const quiz = content.modules[0]!.lessons.at(-1)!
    const changed = changeLesson(content, 'lesson-2', { body: `${after}\nAt last, **note** the time.\n` })
    const body = quiz.body.replace('```quiz', '```quiz\nexplanation: A secret reason.')
    return removeLesson(changeLesson(changed, quiz.slug, { body }), 'lesson-4')
  })
})
afterAll(() => academy.close())

async function publishChange(
  { course: _id, slug }: Published,
  change: (content: CourseContent) => CourseContent,
): Promise<Published> {
  await changeDraft(_id, change)
  const { draftNumber } = (await Courses.findById(_id))!
  await publishCourse({ course: _id, by: null, draftNumber })
  return (await publishedCourse(slug))!
}

async function learner(published = course) {
  const person = await make.person()
  await enrol({ person: person._id, published, paid: false })
  return { person, visitor: await as(person) }
}
const page = async (visitor: Visitor, path: string) => (await visitor.get(path).expect(200)).text
const plain = (html: string) => html.replace(/<[^>]+>/g, '').replace(/\s+/g, ' ')

test('a learner sees what changed since their version, lesson by lesson, and what it means for them', async () => {
  const { visitor } = await learner()
  await visitor.post('/courses/pumps/lessons/lesson-2/completion').expect(303)
  const text = plain(await page(visitor, '/courses/pumps/version'))
  expect(text).toContain('Changed Lesson 2 Finished, and stays finished')
  expect(text).toContain('Changed Final check Still to do')
  expect(text).toContain('Removed Old lesson No longer part of the course')
  expect(text).not.toContain('Lesson 3 ')
})

test('they read the words that went and came, as they read the lesson', async () => {
  const { visitor } = await learner()
  const html = await page(visitor, '/courses/pumps/version/lessons/lesson-2')
  expect(plain(html)).toContain('What has changed since your version 1, up to version 2.')
  expect(html).toMatch(/Close the <del>.*?outlet<\/del><ins>.*?inlet<\/ins> valve before/s)
  expect(html).toMatch(/<ins>.*?At last, note the time\.<\/ins>/s)
  expect(html).not.toContain('**note**')
  expect(await page(visitor, '/courses/pumps/lessons/lesson-2')).toContain(
    'href="/courses/pumps/version/lessons/lesson-2"',
  )
  expect(await page(visitor, '/courses/pumps/lessons/lesson-3')).not.toContain('/version/lessons/')
  const removed = await page(visitor, '/courses/pumps/version/lessons/lesson-4')
  expect(removed).toMatch(/<del>.*?An old text\.<\/del>/s)
  await visitor.get('/courses/pumps/version/lessons/lesson-3').expect(404)
  await visitor.get('/courses/pumps/version/lessons/none').expect(404)
})

test('of a quiz, they read that its questions changed, and no answer', async () => {
  const { visitor } = await learner()
  const html = await page(visitor, '/courses/pumps/version/lessons/final-quiz')
  expect(html).toContain('Its questions have changed too.')
  expect(html).not.toContain('A secret reason')
  expect(html).not.toContain('isCorrect')
})

test('nobody else reads it: people on the newest version, and those who aren’t enrolled', async () => {
  const { visitor } = await learner(newest)
  await visitor.get('/courses/pumps/version/lessons/lesson-2').expect(404)
  const stranger = await as(await make.person())
  await stranger.get('/courses/pumps/version/lessons/lesson-2').expect(404)
})

test('a new lesson that a learner may not see doesn’t exist in the comparison either', async () => {
  const valves = await make.course({ slug: 'valves', lessons: 2 })
  await publishChange(valves, content => {
    const lesson = lessonNamed(content, 'lesson-2')!
    return replaceLesson(content, { ...lesson, visibility: 'invited', body: 'Secret.' })
  })
  const { visitor } = await learner(valves)
  const text = await page(visitor, '/courses/valves/version')
  expect(text).not.toContain('Secret')
  expect(await page(visitor, '/courses/valves/version/lessons/lesson-2')).not.toContain('Secret')
})

test('a certificate and the evidence cite the version that was finished, also after a move', async () => {
  const seals = await make.course({ slug: 'seals', lessons: 1 })
  const { person, visitor } = await learner(seals)
  await visitor.post('/courses/seals/lessons/lesson-1/completion').expect(303)
  const later = await publishChange(seals, content => ({ ...content, title: 'Seals, again' }))
  await visitor.post('/courses/seals/version', { revision: String(later.revision) }).expect(303)

  const completed = (await Events.findOne({ name: 'course.completed', person: person._id }))!
  expect(completed.data).toMatchObject({ revision: String(seals.revision), number: 1 })
  const { description, timeline } = definitionOf('course.completed')
  const data = completed.data as never
  expect(description!(data)).toBe(`Finished the course "${seals.content.title}" (version 1)`)
  expect(timeline!(data).notes).toEqual([{ key: 'version', values: { number: 1 } }])

  await issueCertificate(completed as never)
  const certificate = (await Certificates.findOne({ person: person._id }))!
  expect(certificate).toMatchObject({ revision: seals.revision, title: seals.content.title })
  expect(await page(visitor, `/certificates/${certificate._id}`)).toContain('Version 1 of the course')
})
