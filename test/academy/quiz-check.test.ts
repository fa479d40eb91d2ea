import type { GradedLesson } from '../../src/courses/kinds/kinds'
import { checkCourse } from '../../src/courses/check-course'
import { changeDraft } from '../../src/courses/change-draft'
import { Courses } from '../../src/courses/course'
import { changeLesson, lessonNamed } from '../../src/courses/outline'
import { publishCourse } from '../../src/courses/publish-course'
import { publishedCourse } from '../../src/courses/published'
import { filesOf } from '../../src/courses/lesson-files'
import { Attempts } from '../../src/learning/attempt'
import { enrol } from '../../src/learning/enrol'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import * as make from '../kit/make'

/* One question of a quiz at a time: checked before the next, with a picture, left out, and by topic. */

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())

const block = (id: string, more = '') => `\`\`\`quiz
id: ${id}
kind: single
prompt: What about ${id}?
${more}choices:
  - content: Right ${id}
    isCorrect: true
    explanation: Because of ${id}.
  - content: Wrong ${id}
    explanation: Not because of ${id}.
\`\`\`
`
const picture = {
  path: 'assets/trend.png',
  hash: 'a'.repeat(64),
  size: 9,
  type: 'image/png',
  width: 700,
  height: 300,
}

/** A learner in a course whose quiz has the questions a, b and c. */
async function learner(
  quizFields: Partial<GradedLesson> = {},
  blocks = [block('a'), block('b'), block('c')],
) {
  const course = await make.course({
    lessons: 1,
    quiz: 1,
    quizFields: { body: blocks.join('\n'), ...quizFields },
    assets: [picture],
  })
  const person = await make.person()
  await enrol({ person: person._id, published: course, paid: false })
  const visitor = await as(person)
  const quiz = `/courses/${course.slug}/lessons/final-quiz`
  const check = (question: string, fields: object) =>
    visitor.post(`${quiz}/check`, { number: 1, question, partial: '1', ...fields })
  return { course, person, visitor, quiz, check }
}

test('an answer is checked before the next question, and nothing else is told', async () => {
  const { visitor, quiz, check } = await learner({ showAnswers: 'each' })
  const before = await visitor.get(quiz).expect(200)
  expect(before.text).not.toContain('Because of')
  expect(before.text.match(/data-check>/g)).toHaveLength(3)
  const { text } = await check('a', { 'q-a': 0, 'q-b': 1 }).expect(200)
  expect(text).toContain('Because of a.')
  expect(text).toContain('Correct.')
  expect(text).not.toContain('of b')
  // A reload shows the same, and keeps the answer to the question that isn't checked.
  const after = await visitor.get(quiz).expect(200)
  expect(after.text).toContain('Because of a.')
  expect(after.text).not.toContain('Because of b.')
  expect(after.text).toMatch(/name="q-b" value="1" checked/)
  expect(after.text.match(/data-check>/g)).toHaveLength(2)
})

test('an answer that was checked counts, whatever is sent later', async () => {
  const { visitor, quiz, check } = await learner({ showAnswers: 'each', passMark: 100 })
  expect((await check('a', { 'q-a': 1 }).expect(200)).text).toContain('Not quite.')
  const again = await check('a', { 'q-a': 0 }).expect(200)
  expect(again.text).toContain('Not quite.')
  expect(again.text).toContain('Your answer, incorrect')
  await visitor.post(`${quiz}/answers`, { number: 1, 'q-a': 0 }).expect(303)
  await visitor.post(`${quiz}/attempts`, { number: 1, 'q-a': 0, 'q-b': 0, 'q-c': 0 }).expect(303)
  expect(await Attempts.findOne({ lesson: 'final-quiz', correct: 2 })).toMatchObject({
    passed: false,
    total: 3,
  })
  await check('b', { 'q-b': 0 }).expect(409)
})

test('without a script, checking leads back to the question; without an answer, it says so', async () => {
  const { visitor, quiz } = await learner({ showAnswers: 'each' })
  await visitor
    .post(`${quiz}/check`, { number: 1, question: 'b', 'q-b': 0 })
    .expect(303)
    .expect('location', `${quiz}#q-b`)
  const none = await visitor.post(`${quiz}/check`, { number: 1, question: 'c', 'q-a': 1 }).expect(422)
  expect(none.text).toContain('Answer question 3')
  expect(none.text).toMatch(/name="q-a" value="1" checked/)
  await visitor.post(`${quiz}/check`, { number: 1, question: 'z', 'q-a': 1 }).expect(404)
  await visitor.post(`${quiz}/check`, { number: 2, question: 'a', 'q-a': 1 }).expect(409)
})

test.each(['when-done', 'always', 'never'] as const)(
  'no answer can be checked when they are shown %s',
  async when => {
    const { quiz, visitor, check } = await learner({ showAnswers: when })
    await check('a', { 'q-a': 0 }).expect(404)
    expect((await visitor.get(quiz)).text).not.toContain('data-check>')
  },
)

test('questions without an answer are listed before submitting, and can be left out on purpose', async () => {
  const { visitor, quiz } = await learner()
  const listed = await visitor.post(`${quiz}/attempts`, { number: 1, 'q-b': 0 }).expect(422)
  expect(listed.text).toContain('2 of 3 questions are not answered')
  expect(listed.text).toContain('<a href="#q-a">Answer question 1</a>')
  expect(listed.text).toContain('<a href="#q-c">Answer question 3</a>')
  expect(listed.text).toMatch(/name="unanswered" value="accepted"/)
  // Enter in a field must never be the button that leaves questions out.
  expect(listed.text.indexOf('data-enter')).toBeLessThan(listed.text.indexOf('value="accepted"'))
  await visitor.post(`${quiz}/attempts`, { number: 1, 'q-b': 0, unanswered: 'accepted' }).expect(303)
  const { text } = await visitor.get(`${quiz}/attempts/1`).expect(200)
  expect(text).toContain('You scored 1/3')
})

test('a result says how each topic went, worst first, and where to read about it', async () => {
  const { visitor, quiz, course } = await learner({}, [
    block('a', 'topics: [Trends]\n'),
    block('b', 'topics: [Trends, Limits]\n'),
    block('c', 'topics: [Limits]\nlesson: lesson-1\n'),
  ])
  await visitor.post(`${quiz}/attempts`, { number: 1, 'q-a': 0, 'q-b': 0, 'q-c': 1 }).expect(303)
  const { text } = await visitor.get(`${quiz}/attempts/1`).expect(200)
  const [, table] = /id="by-topic"([\s\S]*?)<\/table>/.exec(text)!
  const rows = [
    ...table!.matchAll(/<th scope="row"[^>]*>(\w+)<\/th>\s*<td><span class="topic-right">([^<]+)</g),
  ]
  expect(rows.map(([, name, right]) => `${name} ${right}`)).toEqual(['Limits 1 of 2', 'Trends 2 of 2'])
  expect(table!.match(/<a href="[^"]+"/g)).toEqual([`<a href="/courses/${course.slug}/lessons/lesson-1"`])
})

test('a result without topics has no table of them', async () => {
  const { visitor, quiz } = await learner()
  await visitor.post(`${quiz}/attempts`, { number: 1, 'q-a': 0, 'q-b': 0, 'q-c': 0 }).expect(303)
  expect((await visitor.get(`${quiz}/attempts/1`)).text).not.toContain('by-topic')
})

const pictured = 'image: assets/trend.png\nimageAlt: A line that climbs\ncaption: P2, drive end.\n'

test('a question shows its picture in the quiz, in its result, and for practice', async () => {
  const { visitor, quiz } = await learner({}, [block('a', pictured), block('b')])
  const shown = `<img src="/assets/${picture.hash}/trend.png" alt="A line that climbs"`
  const page = await visitor.get(quiz).expect(200)
  expect(page.text).toContain(shown)
  expect(page.text).toContain('P2, drive end.')
  await visitor.post(`${quiz}/attempts`, { number: 1, 'q-a': 0, 'q-b': 0 })
  expect((await visitor.get(`${quiz}/attempts/1`)).text).toContain(shown)

  const course = await make.course({ lesson: () => ({ body: block('a', pictured) }), assets: [picture] })
  const practice = `/courses/${course.slug}/lessons/lesson-1`
  expect((await visitor.get(practice)).text).toContain(shown)
  const checked = await visitor.get(`${practice}/practice?question=a&q-a=0&partial=1`).expect(200)
  expect(checked.text).toContain(shown)
})

test('the check asks for the file and the alt text of a picture, which belongs to the lesson', () => {
  const found = (more: string, assets = [picture]) => {
    const content = make.courseContent({
      lessons: 1,
      lesson: () => ({ body: block('a', more), minutes: 1 }),
      assets,
    })
    expect(filesOf(content.modules[0]!.lessons[0]!, content.assets)).toContain('assets/trend.png')
    return checkCourse(content, new Date('2026-11-23T09:00:00Z')).map(({ key, question }) => [
      key.slice(14),
      question,
    ])
  }
  expect(found(pictured)).toEqual([])
  expect(found('image: assets/trend.png\n')).toEqual([['noAlt', 'a']])
  expect(found(pictured, [])).toEqual([['missingFile', 'a']])
})

test('after a move, answers count for questions that are the same, and never for other choices', async () => {
  const { course, person, visitor, quiz, check } = await learner({ showAnswers: 'each', passMark: 100 })
  await check('a', { 'q-a': 0 }).expect(200)
  await check('b', { 'q-a': 0, 'q-b': 1 }).expect(200)
  await changeDraft(course.course, content => {
    const { body } = lessonNamed(content, 'final-quiz')!
    const lines = body.split('  - content: ')
    // The choices of the first question change places.
    const [head, right, wrong] = [lines[0]!, lines[1]!, lines[2]!]
    const [choice, rest] = [wrong.slice(0, wrong.indexOf('```')), wrong.slice(wrong.indexOf('```'))]
    const moved = [head, choice, right + rest, ...lines.slice(3)].join('  - content: ')
    return changeLesson(content, 'final-quiz', { body: moved })
  })
  const { draftNumber } = (await Courses.findById(course.course))!
  await publishCourse({ course: course.course, by: null, draftNumber })
  const newest = (await publishedCourse(course.slug))!
  const move = `/courses/${course.slug}/version`
  await visitor.post(move, { revision: String(newest.revision) }).expect(303)
  const { text } = await visitor.get(quiz).expect(200)
  expect(text).not.toContain('Because of a.')
  expect(text).toContain('Not because of b.')
  await visitor.post(`${quiz}/attempts`, { number: 1, 'q-a': 1, 'q-b': 0, 'q-c': 0 }).expect(303)
  // The right answer to a is the second choice now; the checked one to b stays wrong.
  expect(await Attempts.findOne({ person: person._id })).toMatchObject({
    correct: 2,
    answers: { a: [1], b: [1], c: [0] },
  })
})
