import { Attempts } from '../../src/learning/attempt'
import { enrol } from '../../src/learning/enrol'
import { enrolmentId, Enrolments, type Enrolment } from '../../src/learning/enrolment'
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

/** Somebody in a course of one text and a final check of four questions, half of which must be right. */
async function learner() {
  const [person, course] = [await make.person(), await make.course({ lessons: 1, quiz: 4 })]
  await enrol({ person: person._id, published: course, paid: false })
  const visitor = await as(person)
  const check = `/courses/${course.slug}/lessons/final-check`
  const give = (number: number, ...chosen: number[]) =>
    visitor.post(`${check}/attempts`, {
      number,
      ...Object.fromEntries(chosen.map((choice, n) => [`q-q${n + 1}`, choice])),
    })
  const enrolment = () => Enrolments.findById(enrolmentId(person._id, course.course)).lean<Enrolment>()
  return { person, course, visitor, check, give, enrolment }
}

test('the right answers are in no page before an attempt', async () => {
  const { visitor, check } = await learner()
  const { text } = await visitor.get(check).expect(200)
  expect(text).toContain('Question 1?')
  expect(text).toContain('Attempt 1 of 3.')
  expect(text).not.toContain('Because.')
  expect(text).not.toContain('isCorrect')
  await visitor.get(`${check}/practice?question=q1&q-q1=0`).expect(404)
})

test('half of the answers right pass, and the result says which were wrong and why', async () => {
  const { person, visitor, check, give, enrolment } = await learner()
  await visitor.get(check)
  const given = await give(1, 0, 0, 1, 1).expect(303)
  expect(given.headers.location).toBe(`${check}/attempts/1`)
  const { text } = await visitor.get(given.headers.location!).expect(200)
  expect(text).toContain('You passed.')
  expect(text).toContain('You needed 2 right answers of 4, and gave 2.')
  expect(text.match(/Your answer, right/g)).toHaveLength(2)
  expect(text.match(/>Right answer</g)).toHaveLength(2)
  expect(text).toContain('Because not.')
  const wrong = await visitor.get(`${given.headers.location}?only=wrong`).expect(200)
  expect(wrong.text.match(/class="answer-row"/g)).toHaveLength(2)
  expect(await happened(person)).toEqual(expect.arrayContaining(['quiz.attempted', 'lesson.completed']))
  expect((await enrolment())!.lessons['final-check']).toMatchObject({
    attempts: 1,
    best: { right: 2, of: 4 },
  })
})

test('what sales may learn of an attempt are the topics, never the answers', async () => {
  const { person, give } = await learner()
  await give(1, 1, 1, 1, 0)
  const [event] = await Events.find({ person: person._id, name: 'quiz.attempted' }).lean()
  expect(event!.data).toMatchObject({ number: 1, right: 1, of: 4, passed: false, unsure: ['scoring'] })
  expect(JSON.stringify(event!.data)).not.toContain('answers')
})

test('the same form sent twice is one attempt, with its first answers', async () => {
  const { person, check, give, visitor } = await learner()
  const answers = await Promise.all([give(1, 1, 1, 1, 1), give(1, 1, 1, 1, 1)])
  expect(answers.map(answer => answer.headers.location)).toEqual([
    `${check}/attempts/1`,
    `${check}/attempts/1`,
  ])
  await give(1, 0, 0, 0, 0).expect(303)
  expect((await visitor.get(`${check}/attempts/1`)).text).toContain('Not passed yet.')
  expect(await Attempts.countDocuments({ person: person._id })).toBe(1)
  expect((await happened(person)).filter(name => name === 'quiz.attempted')).toHaveLength(1)
})

test('after three attempts there is no fourth', async () => {
  const { visitor, check, give } = await learner()
  for (const number of [1, 2, 3]) await give(number, 1, 1, 1, 1).expect(303)
  await give(4, 0, 0, 0, 0).expect(409)
  const { text } = await visitor.get(check).expect(200)
  expect(text).toContain('Your 3 attempts are used up')
  expect((await visitor.get(`${check}/attempts/3`)).text).toContain('No attempt is left')
})

test('no attempt can be skipped to get around the limit', async () => {
  const { give } = await learner()
  await give(3, 0, 0, 0, 0).expect(409)
  await give(0, 0, 0, 0, 0).expect(404)
  await give(1.5, 0, 0, 0, 0).expect(404)
})

test('a question left out is asked for, and what was chosen stays chosen', async () => {
  const { person, give } = await learner()
  const { text } = await give(1, 0, 1).expect(422)
  expect(text).toContain('Question 3 has no answer yet.')
  expect(text).toMatch(/name="q-q1" value="0" checked/)
  expect(text).toMatch(/name="q-q2" value="1" checked/)
  expect(await Attempts.countDocuments({ person: person._id })).toBe(0)
})

test('the quiz is done by passing it and not by saying so', async () => {
  const { visitor, check } = await learner()
  await visitor.post(`${check}/completion`).expect(409)
})

test('text and quiz done: the course is finished and the result leads to the certificate', async () => {
  const { person, course, visitor, check, give } = await learner()
  await visitor.post(`/courses/${course.slug}/lessons/lesson-1/completion`).expect(303)
  await give(1, 0, 0, 0, 0).expect(303)
  const { text } = await visitor.get(`${check}/attempts/1`).expect(200)
  expect(text).toContain('See your certificate')
  expect(await happened(person)).toContain('certificate.issued')
})

test('nobody reads the attempt of somebody else', async () => {
  const { check, give } = await learner()
  await give(1, 0, 0, 0, 0)
  await (await as(await make.person())).get(`${check}/attempts/1`).expect(403)
  await (await anonymous()).get(`${check}/attempts/1`).expect(303)
})

test('an attempt that was cut off before it counted is finished by the worker', async () => {
  const { person, give, enrolment } = await learner()
  await give(1, 0, 0, 0, 0)
  await Events.deleteOne({ person: person._id, name: 'lesson.completed' })
  await Enrolments.updateOne({ person: person._id }, { $unset: { 'lessons.final-check': 1 } })
  await happened(person)
  expect((await enrolment())!.lessons['final-check']).toMatchObject({
    attempts: 1,
    best: { right: 4, of: 4 },
    completedAt: expect.any(Date),
  })
})

const selfCheck =
  'Read this.\n\n```quiz\nid: tea\nkind: multiple\nprompt: Which are warm?\nchoices:\n  - content: Tea\n    isCorrect: true\n    explanation: Boiled.\n  - content: Ice\n    explanation: Frozen.\n  - content: Soup\n    isCorrect: true\n    explanation: Cooked.\n```\n'

test('a stranger checks themselves in the preview lesson, with and without a script', async () => {
  const course = await make.course({ lesson: n => (n === 1 ? { body: selfCheck } : {}) })
  const visitor = await anonymous()
  const address = `/courses/${course.slug}/lessons/lesson-1`
  expect((await visitor.get(address)).text).not.toContain('Boiled.')
  const whole = await visitor.get(`${address}/practice?question=tea&q-tea=0&q-tea=1`).expect(200)
  expect(whole.text).toContain('Not yet.')
  expect(whole.text).toContain('Frozen.')
  expect(whole.text).toContain('Right answer')
  expect(whole.text).toContain('Read this.')
  const part = await visitor.get(`${address}/practice?question=tea&q-tea=0&q-tea=2&partial=1`).expect(200)
  expect(part.text.trim()).toMatch(/^<form/)
  expect(part.text).toContain('Right.')
  expect((await visitor.get(`${address}/practice?question=tea`)).text).toContain('Choose an answer first.')
  await visitor.get(`${address}/practice?question=coffee`).expect(404)
})

describe('an attempt that was stored when the process died', () => {
  /** Answers the first attempt, right or wrong, and takes back all that was told of it. */
  async function cut(choice: number) {
    const one = await learner()
    await one.visitor.get(one.check)
    const before = await one.enrolment()
    await one.give(1, choice, choice, choice, choice).expect(303)
    await Events.deleteMany({
      person: one.person._id,
      name: { $in: ['quiz.attempted', 'lesson.completed', 'course.completed'] },
    })
    await Enrolments.replaceOne({ _id: before!._id }, before!)
    return one
  }

  test.each([
    ['the lesson', ''],
    ['its result', '/attempts/1'],
  ])('is counted when the learner opens %s', async (_page, path) => {
    const { person, visitor, check, enrolment } = await cut(0)
    await visitor.get(`${check}${path}`).expect(200)
    expect(await happened(person)).toEqual(expect.arrayContaining(['quiz.attempted', 'lesson.completed']))
    expect((await enrolment())!.lessons['final-check']).toMatchObject({ attempts: 1, best: { right: 4 } })
    expect((await visitor.get(check)).text).toContain('You passed')
  })

  test('is counted by its own form, and by that of the next attempt', async () => {
    const again = await cut(1)
    await again.give(1, 0, 0, 0, 0).expect(303)
    expect((await again.enrolment())!.lessons['final-check']).toMatchObject({
      attempts: 1,
      best: { right: 0 },
    })
    const next = await cut(1)
    await next.give(2, 0, 0, 0, 0).expect(303)
    expect((await next.enrolment())!.lessons['final-check']).toMatchObject({
      attempts: 2,
      best: { right: 4 },
    })
    const events = await Events.find({ person: next.person._id, name: 'quiz.attempted' }).lean()
    expect(events.map(event => (event.data as { number: number }).number).toSorted()).toEqual([1, 2])
  })
})
