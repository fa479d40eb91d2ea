import type { GradedLesson } from '../../src/courses/kinds/kinds'
import { Attempts } from '../../src/learning/attempt'
import { enrol } from '../../src/learning/enrol'
import { enrolmentId, Enrolments } from '../../src/learning/enrolment'
import { Events } from '../../src/events/event'
import { openAcademy, type Academy } from '../kit/academy'
import { as, anonymous } from '../kit/as'
import { happened } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())

/** A learner in a course with one text lesson and a final quiz of 4 questions with a pass mark of 50%. */
async function learner(quizFields: Partial<GradedLesson> = {}) {
  const [person, course] = [await make.person(), await make.course({ lessons: 1, quiz: 4, quizFields })]
  await enrol({ person: person._id, published: course, paid: false })
  const visitor = await as(person)
  const quiz = `/courses/${course.slug}/lessons/final-quiz`
  const submit = (number: number, ...chosen: number[]) =>
    visitor.post(`${quiz}/attempts`, {
      number,
      ...Object.fromEntries(chosen.map((choice, n) => [`q-q${n + 1}`, choice])),
    })
  const enrolment = () => Enrolments.findById(enrolmentId(person._id, course.course))
  return { person, course, visitor, quiz, submit, enrolment }
}

test('a learner cannot see the correct answers before an attempt', async () => {
  const { visitor, quiz } = await learner()
  const { text } = await visitor.get(quiz).expect(200)
  expect(text).toContain('Question 1?')
  expect(text).toContain('Attempt 1 of 3.')
  expect(text).not.toContain('Because.')
  expect(text).not.toContain('isCorrect')
  await visitor.get(`${quiz}/practice?question=q1&q-q1=0`).expect(404)
})

test('a learner passes with half of the answers correct, and reads which were wrong and why', async () => {
  const { person, visitor, quiz, submit, enrolment } = await learner()
  await visitor.get(quiz)
  const submitted = await submit(1, 0, 0, 1, 1).expect(303)
  expect(submitted.headers.location).toBe(`${quiz}/attempts/1`)
  const { text } = await visitor.get(submitted.headers.location!).expect(200)
  expect(text).toContain('<h1>You passed: 2 of 4</h1>')
  expect(text).toContain('You scored 2/4. You need 2 to pass.')
  expect(text.match(/Your answer, correct/g)).toHaveLength(2)
  expect(text.match(/>Correct answer</g)).toHaveLength(2)
  expect(text).toContain('Because not.')
  // Those to look at again come first; the others are behind a line.
  const [toReview, others] = text.split('Show the 2 you got right')
  expect(toReview!.match(/class="answer-row"/g)).toHaveLength(2)
  expect(others!.match(/class="answer-row"/g)).toHaveLength(2)
  expect(await happened(person)).toEqual(expect.arrayContaining(['quiz.attempted', 'lesson.completed']))
  expect((await enrolment())!.lessons['final-quiz']).toMatchObject({
    attempts: 1,
    best: { correct: 2, total: 4 },
  })
})

test('a learner who failed reads what was wrong and where to read about it, not the right answers', async () => {
  const { visitor, quiz, submit, course } = await learner({ attempts: 2 })
  await submit(1, 0, 1, 1, 1)
  const { text } = await visitor.get(`${quiz}/attempts/1`).expect(200)
  expect(text.match(/Your answer, incorrect/g)).toHaveLength(3)
  // The question that was answered correctly shows all of its explanations.
  expect(text.match(/Because not\./g)).toHaveLength(4)
  expect(text.match(/Because\./g)).toHaveLength(1)
  expect(text).not.toContain('>Correct answer<')
  expect(text).toContain('see the right answers once you pass, or after your last attempt.')
  expect(text.match(/Read again:/g)).toHaveLength(3)
  expect(text).toContain(`<a href="/courses/${course.slug}/lessons/lesson-1">Lesson 1</a>`)
  await submit(2, 1, 1, 1, 0)
  for (const number of [1, 2]) {
    const { text } = await visitor.get(`${quiz}/attempts/${number}`).expect(200)
    expect(text.match(/>Correct answer</g)).toHaveLength(3)
    expect(text).not.toContain('see the right answers')
  }
})

test('a learner who tries without a limit sees the right answers only after passing', async () => {
  const { visitor, quiz, submit } = await learner({ attempts: null })
  for (const number of [1, 2, 3]) await submit(number, 1, 1, 1, 1)
  const failed = await visitor.get(`${quiz}/attempts/3`)
  expect(failed.text).not.toContain('Because.')
  expect(failed.text).toContain('You&#39;ll see the right answers once you pass.')
  await submit(4, 0, 0, 1, 1)
  expect((await visitor.get(`${quiz}/attempts/3`)).text.match(/Because\./g)).toHaveLength(4)
})

test.each([
  ['always', 1, 1],
  ['never', 1, 0],
] as const)('an author shows the right answers %s', async (showAnswers, attempts, shown) => {
  const { visitor, quiz, submit } = await learner({ showAnswers, attempts: attempts + 1 })
  await submit(1, 0, 1, 1, 1)
  const { text } = await visitor.get(`${quiz}/attempts/1`)
  expect(text.includes('>Correct answer<')).toBe(shown === 1)
  expect(text.includes('This quiz doesn&#39;t show the right answers.')).toBe(shown === 0)
  await submit(2, 0, 0, 1, 1)
  expect((await visitor.get(`${quiz}/attempts/2`)).text.includes('>Correct answer<')).toBe(shown === 1)
})

test('a learner who chose only some of the right answers learns that something is missing, not what', async () => {
  const body = `\`\`\`quiz
id: warm
kind: multiple
lesson: lesson-1
prompt: Which are warm?
choices:
  - content: Tea
    isCorrect: true
    explanation: It steams.
  - content: Soup
    isCorrect: true
    explanation: It simmers.
  - content: Ice
    explanation: It melts.
\`\`\`
`
  const { visitor, quiz } = await learner({ body, topics: ['other'], credit: 'whole' })
  await visitor.post(`${quiz}/attempts`, { number: 1, 'q-warm': 0 }).expect(303)
  const { text } = await visitor.get(`${quiz}/attempts/1`)
  expect(text).toContain('What you chose is right, but something is missing.')
  expect(text).toContain('It steams.')
  expect(text).not.toMatch(/It simmers|It melts/)
  expect(text).toContain('>Lesson 1</a>')
})

test('sales may see the weak topics of an attempt, never the answers', async () => {
  const { person, submit } = await learner()
  await submit(1, 1, 1, 1, 0)
  const [event] = await Events.find({ person: person._id, name: 'quiz.attempted' })
  expect(event!.data).toMatchObject({
    number: 1,
    correct: 1,
    total: 4,
    passed: false,
    weakTopics: ['scoring'],
  })
  expect(JSON.stringify(event!.data)).not.toContain('answers')
})

test('a learner who submits the same form twice makes one attempt, with the first answers', async () => {
  const { person, quiz, submit, visitor } = await learner()
  const answers = await Promise.all([submit(1, 1, 1, 1, 1), submit(1, 1, 1, 1, 1)])
  expect(answers.map(answer => answer.headers.location)).toEqual([`${quiz}/attempts/1`, `${quiz}/attempts/1`])
  await submit(1, 0, 0, 0, 0).expect(303)
  expect((await visitor.get(`${quiz}/attempts/1`)).text).toContain('<h1>Not passed yet: 0 of 4</h1>')
  expect(await Attempts.count({ person: person._id })).toBe(1)
  expect((await happened(person)).filter(name => name === 'quiz.attempted')).toHaveLength(1)
})

test('a learner gets 3 attempts and no fourth', async () => {
  const { visitor, quiz, submit } = await learner()
  for (const number of [1, 2, 3]) await submit(number, 1, 1, 1, 1).expect(303)
  await submit(4, 0, 0, 0, 0).expect(409)
  const { text } = await visitor.get(quiz).expect(200)
  expect(text).toContain('You&#39;ve used all 3 attempts without passing')
  expect((await visitor.get(`${quiz}/attempts/3`)).text).toContain('No attempts left')
})

test('a learner cannot skip attempt numbers to get around the limit', async () => {
  const { submit } = await learner()
  await submit(3, 0, 0, 0, 0).expect(409)
  await submit(0, 0, 0, 0, 0).expect(404)
  await submit(1.5, 0, 0, 0, 0).expect(404)
})

test('a learner who leaves out a question is asked for it, and keeps the choices already made', async () => {
  const { person, submit } = await learner()
  const { text } = await submit(1, 0, 1).expect(422)
  expect(text).toContain('Answer question 3')
  expect(text).toMatch(/name="q-q1" value="0" checked/)
  expect(text).toMatch(/name="q-q2" value="1" checked/)
  expect(await Attempts.count({ person: person._id })).toBe(0)
})

test('a learner finishes a quiz by passing it, not by marking it as done', async () => {
  const { visitor, quiz } = await learner()
  await visitor.post(`${quiz}/completion`).expect(409)
})

test('a learner who finishes the text and the quiz completes the course and gets to the certificate', async () => {
  const { person, course, visitor, quiz, submit } = await learner()
  await visitor.post(`/courses/${course.slug}/lessons/lesson-1/completion`).expect(303)
  await submit(1, 0, 0, 0, 0).expect(303)
  const { text } = await visitor.get(`${quiz}/attempts/1`).expect(200)
  expect(text).toContain('View certificate')
  expect(await happened(person)).toContain('certificate.issued')
})

test('nobody can read another learner’s attempt', async () => {
  const { quiz, submit } = await learner()
  await submit(1, 0, 0, 0, 0)
  await (await as(await make.person())).get(`${quiz}/attempts/1`).expect(403)
  await (await anonymous()).get(`${quiz}/attempts/1`).expect(303)
})

test('the worker finishes an attempt that was interrupted before it counted', async () => {
  const { person, submit, enrolment } = await learner()
  await submit(1, 0, 0, 0, 0)
  await Events.deleteOne({ person: person._id, name: 'lesson.completed' })
  await Enrolments.updateOne({ person: person._id }, { $unset: { 'lessons.final-quiz': 1 } })
  await happened(person)
  expect((await enrolment())!.lessons['final-quiz']).toMatchObject({
    attempts: 1,
    best: { correct: 4, total: 4 },
    completedAt: expect.any(Date),
  })
})

const practiceBody = `Read this.

\`\`\`quiz
id: tea
kind: multiple
prompt: Which are warm?
choices:
  - content: Tea
    isCorrect: true
    explanation: Boiled.
  - content: Ice
    explanation: Frozen.
  - content: Soup
    isCorrect: true
    explanation: Cooked.
\`\`\`
`

test('an anonymous visitor answers practice questions in the preview lesson, with and without a script', async () => {
  const course = await make.course({ lesson: n => (n === 1 ? { body: practiceBody } : {}) })
  const visitor = await anonymous()
  const address = `/courses/${course.slug}/lessons/lesson-1`
  expect((await visitor.get(address)).text).not.toContain('Boiled.')
  const whole = await visitor.get(`${address}/practice?question=tea&q-tea=0&q-tea=1`).expect(200)
  expect(whole.text).toContain('Not quite.')
  expect(whole.text).toContain('Frozen.')
  expect(whole.text).toContain('Correct answer')
  expect(whole.text).toContain('Read this.')
  const part = await visitor.get(`${address}/practice?question=tea&q-tea=0&q-tea=2&partial=1`).expect(200)
  expect(part.text.trim()).toMatch(/^<form/)
  expect(part.text).toContain('Correct.')
  expect((await visitor.get(`${address}/practice?question=tea`)).text).toContain('Choose an answer')
  await visitor.get(`${address}/practice?question=coffee`).expect(404)
})

describe('an attempt that was stored just before the process died', () => {
  /** Submits the first attempt, then removes its events and its effect on the enrolment. */
  async function interrupted(choice: number) {
    const submitted = await learner()
    await submitted.visitor.get(submitted.quiz)
    const before = await submitted.enrolment()
    await submitted.submit(1, choice, choice, choice, choice).expect(303)
    await Events.deleteMany({
      person: submitted.person._id,
      name: { $in: ['quiz.attempted', 'lesson.completed', 'course.completed'] },
    })
    await Enrolments.deleteOne({ _id: before!._id })
    await Enrolments.create(before!)
    return submitted
  }

  test.each([
    ['the lesson', ''],
    ['its result', '/attempts/1'],
  ])('counts when the learner opens %s', async (_page, path) => {
    const { person, visitor, quiz, enrolment } = await interrupted(0)
    await visitor.get(`${quiz}${path}`).expect(200)
    expect(await happened(person)).toEqual(expect.arrayContaining(['quiz.attempted', 'lesson.completed']))
    expect((await enrolment())!.lessons['final-quiz']).toMatchObject({ attempts: 1, best: { correct: 4 } })
    expect((await visitor.get(quiz)).text).toContain('You passed with 4/4.')
  })

  test('counts when its own form, or the form of the next attempt, is submitted', async () => {
    const resent = await interrupted(1)
    await resent.submit(1, 0, 0, 0, 0).expect(303)
    expect((await resent.enrolment())!.lessons['final-quiz']).toMatchObject({
      attempts: 1,
      best: { correct: 0 },
    })
    const next = await interrupted(1)
    await next.submit(2, 0, 0, 0, 0).expect(303)
    expect((await next.enrolment())!.lessons['final-quiz']).toMatchObject({
      attempts: 2,
      best: { correct: 4 },
    })
    const events = await Events.find({ person: next.person._id, name: 'quiz.attempted' })
    expect(events.map(event => (event.data as { number: number }).number).toSorted()).toEqual([1, 2])
  })
})
