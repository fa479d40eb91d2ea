import { enrol } from '../../src/learning/enrol'
import { enrolmentId, Enrolments } from '../../src/learning/enrolment'
import { openAcademy, type Academy } from '../kit/academy'
import { as, anonymous } from '../kit/as'
import { happened } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())

const body = '## Slope & level\n\nFirst.\n\n### Inside\n\nMore.\n\n## Three *shapes*\n\nSecond.\n'

async function learner(input: make.CourseInput = {}) {
  const [person, course] = [await make.person(), await make.course({ lesson: () => ({ body }), ...input })]
  await enrol({ person: person._id, published: course, paid: false })
  const progress = async (n: number) =>
    (await Enrolments.findById(enrolmentId(person._id, course.course)))!.lessons[`lesson-${n}`]
  const lesson = (n: number) => `/courses/${course.slug}/lessons/lesson-${n}`
  return { person, course, visitor: await as(person), progress, lesson }
}

test('the outline has the headings of the current lesson, and of no other', async () => {
  const { visitor, lesson } = await learner()
  const { text } = await visitor.get(lesson(2)).expect(200)
  expect(text.match(/data-contents/g)).toHaveLength(1)
  expect(text).toMatch(/<a href="#slope--level" dir="auto">Slope &amp; level<\/a>/)
  expect(text).toMatch(/<a href="#three-shapes" dir="auto">Three shapes<\/a>/)
  expect(text).not.toContain('href="#inside"')
})

test('a lesson with one heading has no contents', async () => {
  const { visitor, lesson } = await learner({ lesson: () => ({ body: '## Alone\n\nText.\n' }) })
  expect((await visitor.get(lesson(1))).text).not.toContain('data-contents')
})

test.each(['prefetch', 'prefetch;prerender'])(
  'a lesson loaded ahead (%s) is not opened until its page says that it is seen',
  async purpose => {
    const { person, visitor, lesson, progress } = await learner()
    const ahead = await visitor.get(lesson(2)).set('sec-purpose', purpose).expect(200)
    expect(ahead.text).toContain('data-ahead')
    expect(await progress(2)).toBeUndefined()
    expect(await happened(person)).toEqual(['course.enrolled'])
    await visitor.post(`${lesson(2)}/progress`, { seconds: '5' }).expect(409)

    await visitor.post(`${lesson(2)}/progress`, { opened: '1' }).expect(200)
    await visitor.post(`${lesson(2)}/progress`, { opened: '1' }).expect(200)
    expect(await happened(person)).toEqual(['course.enrolled', 'lesson.opened'])
    expect(await progress(2)).toMatchObject({ openedAt: expect.any(Date), seconds: 0 })
    expect((await visitor.get(lesson(2))).text).not.toContain('data-ahead')
  },
)

test('a learner continues at the heading where they stopped, until the lesson is done', async () => {
  const { person, visitor, lesson, progress } = await learner()
  const readOn = /Continue where you stopped:\s+<a href="#three-shapes" dir="auto">Three shapes<\/a>/
  await visitor.get(lesson(1))
  await visitor.post(`${lesson(1)}/progress`, { seconds: '1', place: 'three-shapes' }).expect(200)
  const otherDevice = await as(person)
  expect((await otherDevice.get(lesson(1))).text).toMatch(readOn)
  expect((await otherDevice.get(lesson(2))).text).not.toMatch(readOn)
  // A heartbeat that doesn't say where keeps the place; the top of the text clears it.
  await visitor.post(`${lesson(1)}/progress`, { seconds: '1' }).expect(200)
  expect((await progress(1))!.place).toBe('three-shapes')
  await visitor.post(`${lesson(1)}/progress`, { seconds: '1', place: '' }).expect(200)
  expect((await visitor.get(lesson(1))).text).not.toContain('Continue where you stopped')
  await visitor.post(`${lesson(1)}/progress`, { seconds: '1', place: 'three-shapes' }).expect(200)
  await visitor.post(`${lesson(1)}/completion`).expect(303)
  expect((await visitor.get(lesson(1))).text).not.toContain('Continue where you stopped')
  // Where someone reads is no event.
  const events = (await happened(person)).filter(name => name !== 'colleague.active')
  expect(new Set(events)).toEqual(new Set(['course.enrolled', 'lesson.opened', 'lesson.completed']))
})

test('a place that the lesson does not have leads nowhere, and a very long one is refused', async () => {
  const { visitor, lesson } = await learner()
  await visitor.get(lesson(1))
  await visitor.post(`${lesson(1)}/progress`, { seconds: '1', place: 'gone' }).expect(200)
  expect((await visitor.get(lesson(1))).text).not.toContain('Continue where you stopped')
  await visitor.post(`${lesson(1)}/progress`, { seconds: '1', place: 'x'.repeat(121) }).expect(422)
})

test('the outline says what opens the lessons with a lock', async () => {
  const course = await make.course()
  const { text } = await (await anonymous()).get(`/courses/${course.slug}/lessons/lesson-1`).expect(200)
  expect(text).toContain('Lessons with a lock open when you enrol.')
  expect(text.match(/aria-label="Locked"/g)).toHaveLength(2)
  const paid = await make.course({ price: { amount: 24_000, currency: 'EUR' } })
  const { text: priced } = await (await anonymous()).get(`/courses/${paid.slug}/lessons/lesson-1`)
  expect(priced).toMatch(/Lessons with a lock open when you buy the course for €240/)
  const { visitor, lesson } = await learner()
  expect((await visitor.get(lesson(1))).text).not.toContain('with a lock')
})

test('a reader chooses the size of the text, and their browser keeps it', async () => {
  const { visitor, lesson } = await learner()
  expect((await visitor.get(lesson(1))).text).toContain('data-text-size="standard"')
  const chosen = await (await anonymous()).get(`/text-size?size=larger&back=${lesson(1)}`).expect(303)
  expect(chosen.headers.location).toBe(lesson(1))
  expect(String(chosen.headers['set-cookie'])).toMatch(/^text-size=larger; Max-Age=31536000; Path=\//)
  const course = await make.course()
  const preview = await (
    await anonymous()
  )
    .get(`/courses/${course.slug}/lessons/lesson-1`)
    .set('cookie', 'text-size=larger')
  expect(preview.text).toContain('data-text-size="larger"')
  const reset = await (await anonymous()).get('/text-size?size=huge&back=//evil.example').expect(303)
  expect(reset.headers.location).toBe('/')
  expect(String(reset.headers['set-cookie'])).toMatch(/^text-size=; .*1970/)
})
