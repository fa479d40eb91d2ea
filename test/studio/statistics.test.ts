import type { Types } from 'mongoose'
import { Enrolments, enrolmentId } from '../../src/learning/enrolment'
import { Attempts, attemptId } from '../../src/learning/attempt'
import { courseFigures } from '../../src/learning/lesson-figures'
import { openedBeforeDeals } from '../../src/learning/opened-before-deals'
import { pointBiserial, quizFigures } from '../../src/learning/question-figures'
import { FunnelProgresses } from '../../src/people/funnel-progress'
import { days, later, now } from '../../src/platform/clock'
import type { Published } from '../../src/courses/published'
import { changeDraft } from '../../src/courses/change-draft'
import { lessonNamed, replaceLesson } from '../../src/courses/outline'
import { queriesOf } from '../academy/queries'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import * as make from '../kit/make'
import mongoose from 'mongoose'

let academy: Academy
let author: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  author = await as(await make.person({ role: 'author' }))
})
afterAll(() => academy.close())
beforeEach(() => {
  courseFigures.forget()
  quizFigures.forget()
  openedBeforeDeals.forget()
})

const newId = () => new mongoose.Types.ObjectId()

/** Enrols someone who opened the first `opened` lessons and finished all of them but the last, `ago` days ago. */
async function learner(
  course: Published,
  opened: number,
  ago: number,
  person = newId(),
): Promise<Types.ObjectId> {
  const at = later(now(), -days(ago))
  const slugs = course.lessons.slice(0, opened).map(({ slug }) => slug)
  const progress = (slug: string, n: number) => [
    slug,
    { openedAt: at, seconds: 60 * (n + 1), ...(n < opened - 1 && { completedAt: at }) },
  ]
  await Enrolments.insertMany([
    {
      _id: enrolmentId(person, course.course),
      person,
      course: course.course,
      slug: course.slug,
      revision: course.revision,
      startedAt: at,
      lessons: Object.fromEntries(slugs.map(progress)),
      lastLesson: slugs.at(-1) ?? null,
      lastActivityAt: at,
    },
  ])
  return person
}

test('the course page shows where learners stop, as a chart and as a table', async () => {
  const course = await make.course({ lessons: 3 })
  const url = `/studio/courses/${course.slug}`
  expect((await author.get(url).expect(200)).text).not.toContain('How far learners get')
  await learner(course, 3, 1)
  for (let n = 0; n < 3; n++) await learner(course, 2, 30)
  await learner(course, 1, 30)
  courseFigures.forget()
  const { text } = await author.get(url).expect(200)
  expect(text).toContain('3 of 5 learners stopped at “Lesson 2”')
  const rows = [...text.matchAll(/<th scope="row">(Lesson \d)<\/th>((?:\s*<td class="num">[^<]*<\/td>)+)/g)]
  expect(
    rows.map(([, title, cells]) =>
      [title, ...cells!.matchAll(/>([^<]*)</g)]
        .map(cell => [cell].flat().at(-1)!.trim())
        .filter(Boolean)
        .join(' '),
    ),
  ).toEqual(['Lesson 1 5 4 1 1:00', 'Lesson 2 4 1 3 2:00', 'Lesson 3 1 0 0'])
})

test('a lesson shows its own figures: questions asked, and what was opened before a won deal', async () => {
  const course = await make.course({ lessons: 2 })
  const buyer = await learner(course, 1, 20)
  await learner(course, 2, 20, (await make.person())._id)
  await FunnelProgresses.create({
    _id: buyer,
    signedUpAt: now(),
    source: 'direct',
    steps: { won: later(now(), -days(5)) },
  })
  const url = `/studio/courses/${course.slug}/lessons`
  const { text } = await author.get(`${url}/lesson-1`).expect(200)
  expect(text).toContain('This lesson in version 1')
  expect(text).toMatch(/Opened before a won deal<\/dt>\s*<dd>1 of 1 buyers/)
  expect((await author.get(`${url}/lesson-2`)).text).toMatch(
    /Opened before a won deal<\/dt>\s*<dd>0 of 1 buyers/,
  )
  expect(text).toContain('2 learners. Stopped: not back for 14 days.')
})

/** Stores first attempts: `answers` are the chosen choices, of which the first is right. */
async function attempts(course: Published, answers: number[][]): Promise<void> {
  const { slug } = course.lessons.at(-1)!
  await Attempts.insertMany(
    answers.map((chosen, n) => {
      const person = newId()
      const correct = chosen.filter(choice => choice === 0).length
      return {
        _id: attemptId(person, course.course, slug, 1),
        ...{ person, course: course.course, revision: course.revision, lesson: slug, number: 1 },
        answers: Object.fromEntries(chosen.map((choice, n) => [`q${n + 1}`, [choice]])),
        ...{ correct, total: chosen.length, percent: 0, passed: correct > 1, weakTopics: [] },
        // The first of them is the newest.
        ...{ durationSeconds: 90, at: later(now(), -n) },
      }
    }),
  )
}

test('an author sees which answers were chosen, and whether a question tells learners apart', async () => {
  const course = await make.course({ lessons: 1, quiz: 3 })
  const url = `/studio/courses/${course.slug}/lessons/final-quiz/questions`
  expect((await author.get(`${url}/q1`).expect(200)).text).toContain(
    'Nobody has answered it in version 1 yet.',
  )
  // Whoever gets the first question right does so in the others too; the third is right for the weak ones.
  await attempts(course, [
    ...Array.from({ length: 15 }, (_, n) => [0, 0, n % 3 ? 1 : 0]),
    ...Array.from({ length: 14 }, (_, n) => [1, 1, n % 2]),
  ])
  quizFigures.forget()
  const few = await author.get(`${url}/q1`).expect(200)
  expect(few.text).toContain('Too few answers to say (29 of 30).')
  await attempts(course, [[1, 1, 0]])
  quizFigures.forget()
  const { text } = await author.get(`${url}/q1`).expect(200)
  expect(text).toMatch(/data-share>\s*50%/)
  expect(text).toContain('50% right')
  expect(text).toMatch(/Separates strong from weak learners<\/dt>\s*<dd>0/)
  expect(text).toContain('n = 30')
  expect((await author.get(`${url}/q3`)).text).toContain('the wrong way')
  expect(text).toMatch(/Median time of the quiz<\/dt>\s*<dd>1:30/)
})

test('a choice that the published version does not have has no share', async () => {
  const course = await make.course({ lessons: 1, quiz: 1 })
  await attempts(course, [[0], [1]])
  await changeDraft(course.course, content => {
    const lesson = lessonNamed(content, 'final-quiz')!
    return replaceLesson(content, { ...lesson, body: lesson.body.replace('Right 1', 'Another answer') })
  })
  const url = `/studio/courses/${course.slug}/lessons/final-quiz/questions/q1`
  const shares = [...(await author.get(url)).text.matchAll(/data-share>\s*([^<]*?)\s*</g)].map(
    ([, share]) => share,
  )
  expect(shares.slice(0, 2)).toEqual(['', '50%'])
})

test('the point-biserial correlation is that of Pearson for a right answer as 1 and a wrong one as 0', () => {
  const pairs = [1, 0, 1, 1, 0, 0, 1, 0].map((right, n) => ({ isCorrect: right === 1, rest: (n * 7) % 5 }))
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [pairs.map(({ isCorrect }) => Number(isCorrect)), pairs.map(({ rest }) => rest)]
  const [mx, my] = [mean(x), mean(y)]
  const product = mean(x.map((value, n) => (value - mx) * (y[n]! - my)))
  const spread = (values: number[], middle: number) =>
    Math.sqrt(mean(values.map(each => (each - middle) ** 2)))
  expect(pointBiserial(pairs)).toBeCloseTo(product / (spread(x, mx) * spread(y, my)), 12)
  expect(pointBiserial([{ isCorrect: true, rest: 1 }])).toBeNull()
  expect(pointBiserial([true, false].map(isCorrect => ({ isCorrect, rest: 1 })))).toBeNull()
})

test('figures read at most the newest attempts and enrolments, however many there are', async () => {
  const course = await make.course({ lessons: 1, quiz: 4 })
  const url = `/studio/courses/${course.slug}/lessons/final-quiz/questions/q1`
  const many = Array.from({ length: 600 }, (_, n) => [n < 500 ? n % 2 : 0, n % 3 ? 0 : 1, n % 5 ? 0 : 1, 0])
  await attempts(course, many)
  for (let n = 0; n < 3; n++) await learner(course, 1, 30)
  const started = performance.now()
  const queries = await queriesOf(() => author.get(url).expect(200))
  console.log(
    `The figures of a question with 600 attempts take ${Math.round(performance.now() - started)} ms`,
  )
  expect(queries.filter(query => query.startsWith('attempts'))).toEqual(['attempts.find'])
  const figures = await quizFigures({ published: course, lesson: 'final-quiz' })
  expect(figures).toMatchObject({ attempts: 500, isSample: true })
  // The older 100 were all right, and don't count.
  expect(figures!.questions.get('q1')).toMatchObject({ answered: 500, right: 250 })
  expect(figures!.questions.get('q3')).toMatchObject({ answered: 500, right: 400 })
  expect((await author.get(url)).text).toContain('The newest 500 first attempts at version 1.')
  expect((await queriesOf(() => author.get(url))).filter(query => query.startsWith('attempts'))).toEqual([])
})
