import { mapKey } from '../platform/record'
import type { Request, Response } from 'express'
import type { Lesson } from '../courses/course'
import type { ShownQuestion } from '../courses/draw'
import { answerTo, grade, isAnswered, type Graded } from '../courses/grade'
import { isGraded, type GradedLesson } from '../courses/kinds/kinds'
import { revisionById, type Published } from '../courses/published'
import { hasChoices, type Question } from '../courses/question'
import { lessonPage } from '../courses/lesson-page'
import { conflict, notFound } from '../platform/errors'
import { attemptId, Attempts, type Attempt } from '../learning/attempt'
import { attemptQuestions, questionsOfAttempt } from '../learning/attempt-questions'
import { answersIn, checkAnswer, checkedAnswers, keepAnswers } from '../learning/kept-answers'
import { nextAttemptAt, submitAttempt } from '../learning/submit-attempt'
import { now } from '../platform/clock'
import { setFlash } from '../web/flash'
import type { Handler, MemberHandler } from '../web/handler'
import { formReader } from '../web/route'
import { quizStrip, topicSquares } from '../web/charts/quiz-strip'
import { refuseForm } from '../web/form'
import { readAnswers } from './answers'
import { questionResult } from './question-result'
import { questionImage } from '../web/question-image'
import { lessonsAbout, quizQuestion } from './quiz-question'
import { lessonView, quizPurpose } from './lessons'
import { lessonPath } from '../courses/lesson-path'
import { demoOffer } from './demos'
import { nextCourses } from './next-courses'
import { nextStepLink } from './next-step'
import { courseProgress } from './outline'
import { secondsSince } from './signed-timestamp'
import { lessonOf, courseContext, type CourseContext } from './course-context'
import { durationText } from './duration'
import { textsOf, type TextLink, type Texts } from '../web/texts'

/**
 * Grades an attempt at a quiz. Attempts are limited, so a form with an unanswered question is rejected instead, and its
 * answers are kept.
 */
export const create: Handler = async (request, response) => {
  const { t } = textsOf(response)
  const { published, enrolment } = courseContext(response)
  const { lesson, number, questions, shown, ...form } = formOf(request, response)
  const asked = shown.map(({ question }) => question)
  const checked =
    lesson.showAnswers === 'each'
      ? await checkedAnswers({ enrolment: enrolment!, lesson, number }, asked)
      : {}
  const answers = { ...form.answers, ...checked }
  const unanswered = shown.filter(({ question }) => !isAnswered(question, answerTo(answers, question.id)))
  const id = attemptId(enrolment!.person, enrolment!.course, lesson.slug, number)
  // A repeated submission of a graded attempt redirects to its result, whatever it contains.
  const { unanswered: isAccepted } = request.body as { unanswered?: string }
  if (unanswered.length && isAccepted !== 'accepted' && !(await Attempts.exists({ _id: id }))) {
    await keepAnswers({ enrolment: enrolment!, lesson, number }, answers)
    const errors = Object.fromEntries(
      unanswered.map(each => [
        `q-${each.question.id}`,
        t(`academy:quiz.${answerTo(answers, each.question.id).length ? 'unfinished' : 'unanswered'}`, {
          number: shown.indexOf(each) + 1,
        }),
      ]),
    )
    const page = await lessonView(request, response, { answers, errors, unanswered: unanswered.length })
    return refuseForm(response, 'academy/lesson', { values: {}, errors }, page)
  }
  const fields = request.body as Record<string, unknown>
  const durationSeconds = secondsSince(fields.timestamp, quizPurpose(enrolment, lesson.slug))
  await submitAttempt({ enrolment: enrolment!, lesson, questions, number, answers, durationSeconds })
  response.redirect(303, `${lessonPath(published, lesson)}/attempts/${number}`)
}

/**
 * Keeps the answers of an attempt that isn't submitted yet. The page's script sends them after each change and takes
 * JSON; without it, a button does.
 */
export const keep: Handler = async (request, response) => {
  const { t, date } = textsOf(response)
  const { published, enrolment } = courseContext(response)
  const { lesson, number, answers } = formOf(request, response)
  await keepAnswers({ enrolment: enrolment!, lesson, number }, answers)
  if (request.accepts(['html', 'json']) === 'json') {
    return void response.json({ kept: t('academy:quiz.kept', { time: date(now(), 'full') }) })
  }
  setFlash(response, { kind: 'done', bold: t('academy:quiz.keptFlash'), text: t('academy:quiz.keptText') })
  response.redirect(303, `${lessonPath(published, lesson)}#check`)
}

/**
 * Checks the answer to one question before the next, where the author allows it. It can't be changed afterwards. The
 * page's script takes the question with its result; without it, the lesson is shown again.
 */
export const checkOne: Handler = async (request, response) => {
  const { t } = textsOf(response)
  const { published, enrolment } = courseContext(response)
  const { lesson, number, shown, answers } = formOf(request, response)
  const at = shown.findIndex(
    ({ question }) => question.id === (request.body as { question?: string }).question,
  )
  const question = shown[at]
  if (lesson.showAnswers !== 'each' || !question) throw notFound()
  const { id } = question.question
  const attempt = { enrolment: enrolment!, lesson, number }
  const retryAt = await nextAttemptAt(enrolment!, lesson, number)
  if (retryAt && retryAt > now()) throw conflict('academy:errors.attemptTooSoon')
  if (!isAnswered(question.question, answerTo(answers, id))) {
    await keepAnswers(attempt, answers)
    const errors = { [`q-${id}`]: t('academy:quiz.unanswered', { number: at + 1 }) }
    const page = await lessonView(request, response, { answers, errors })
    return refuseForm(response, 'academy/lesson', { values: {}, errors }, page)
  }
  const asked = shown.map(each => each.question)
  const checked = await checkAnswer(attempt, asked, id, answers)
  const path = lessonPath(published, lesson)
  if ((request.body as { partial?: string }).partial !== '1') return response.redirect(303, `${path}#q-${id}`)
  const view = quizQuestion(textsOf(response), question, at, {
    ...{ path, lesson, published, total: shown.length, answers: checked },
    ...{ checked: new Set(Object.keys(checked)), errors: {} },
  })
  response.render('academy/quiz-question', { layout: null, question: view })
}

/** Room for 200 questions with a field for each part, in any script. */
export const readQuizForm = formReader(800, 4000)

/** Reads the quiz form: the attempt that it was made for, and the answers to its questions. */
function formOf(request: Request, response: Response) {
  const { published, enrolment } = courseContext(response)
  const lesson = lessonOf(response)
  if (!isGraded(lesson)) throw notFound()
  const { questions } = lessonPage(published, lesson.slug)
  const fields = request.body as Record<string, unknown>
  const number = Number(fields.number)
  if (!Number.isInteger(number) || number < 1) throw notFound()
  const { shown } = attemptQuestions(enrolment!, lesson, questions, number)
  return { lesson, number, questions, shown, answers: readAnswers(shown, fields) }
}

/** The result of an attempt: the questions to look at again, then the others, and how each topic went. */
export const show: MemberHandler = async (request, response, person) => {
  const context = courseContext(response)
  const lesson = lessonOf(response)
  if (!isGraded(lesson)) throw notFound()
  const attempt = await findAttempt(request, context, lesson)
  const revision = await revisionById(attempt.revision)
  const taken = revision?.lessons.find(each => each.slug === lesson.slug)
  const shown =
    taken && isGraded(taken)
      ? questionsOfAttempt(attempt, taken, lessonPage(revision!, lesson.slug).questions)
      : []
  const data = { lesson, credit: taken && isGraded(taken) ? taken.credit : lesson.credit }
  const isCompleted = context.enrolment?.completedAt instanceof Date
  const isFinish = isCompleted && attempt.passed
  const view = attemptView(textsOf(response), context, { ...data, attempt, shown })
  response.render('academy/attempt', {
    ...view,
    contact: nextStepLink(response),
    // The certificate is with the news, and not a second time at the side.
    action: isFinish ? null : view.action,
    finished: isFinish ? finishedView(textsOf(response), context.published) : null,
    nextCourses: isCompleted ? await nextCourses(response, person, context.published) : [],
    offer: isCompleted ? await demoOffer(request, response, person) : null,
    scripts: ['zone.js'],
  })
}

/** What a learner who has passed the last quiz reads first: that the course is finished, and what follows from it. */
function finishedView({ t }: Texts, { slug, content }: Published) {
  const certificate = { href: `/courses/${slug}/certificate`, text: t('academy:finished.certificate') }
  return {
    text: t('academy:finished.bold', { course: content.title }),
    links: [
      ...(content.certificate ? [certificate] : []),
      { href: `/courses/${slug}/finished`, text: t('academy:finished.open') },
    ],
  }
}

async function findAttempt(
  request: Request<{ number: string }>,
  { enrolment }: CourseContext,
  lesson: Lesson,
): Promise<Attempt> {
  const { person, course } = enrolment!
  const id = attemptId(person, course, lesson.slug, Number(request.params.number))
  const attempt = await Attempts.findById(id)
  if (!attempt) throw notFound()
  return attempt
}

type AttemptData = {
  lesson: GradedLesson
  /** What counted in the attempt. */
  credit: GradedLesson['credit']
  attempt: Attempt
  shown: ShownQuestion[]
}

function attemptView(texts: Texts, context: CourseContext, data: AttemptData) {
  const { t, date, iso, dir } = texts
  const { lesson, attempt, shown } = data
  const { correct, total, passed, percent, at, durationSeconds } = attempt
  const { published, enrolment } = context
  const path = lessonPath(published, lesson)
  const asked = shown.map(({ question }) => question)
  const { results } = grade(asked, answersIn(attempt.answers, asked), data.credit)
  const incorrect = results.filter(result => !result.isCorrect).length
  const title = t(passed ? 'academy:attempt.passed' : 'academy:attempt.failed', { correct, total })
  const hasPassed = enrolment!.lessons[mapKey(lesson.slug)]?.completedAt !== undefined
  const attemptsLeft = attemptsLeftOf(context, lesson, attempt)
  const showAnswers = showsAnswers(lesson, hasPassed || attemptsLeft === 0)
  const questions = shown.map((each, n) =>
    questionView(texts, context, each, results[n]!, { lesson, showAnswers, number: n + 1 }),
  )
  return {
    head: { title, noindex: true },
    nav: 'courses',
    course: { href: `/courses/${published.slug}`, text: published.content.title },
    lesson: { href: path, text: lesson.title },
    title,
    lede: ledeOf(texts, lesson, attempt),
    review: t('academy:attempt.toReview', { count: incorrect }),
    strip: quizStrip({
      answers: results.map(result => (result.isCorrect ? 'correct' : 'incorrect')),
      label: t('academy:attempt.resultLabel', { correct, count: total }),
      rtl: dir === 'rtl',
    }),
    which:
      lesson.attempts === null
        ? t('academy:attempt.which', { number: attempt.number })
        : t('academy:attempt.whichOf', { number: attempt.number, limit: lesson.attempts }),
    submittedAt: { datetime: iso(at), text: date(at, 'full') },
    duration: durationSeconds ? durationText(texts, durationSeconds) : null,
    incorrect: questions.filter(question => !question.isCorrect),
    correct: questions.filter(question => question.isCorrect),
    showCorrect: t('academy:attempt.showCorrect', { count: results.length - incorrect }),
    topics: topicsView(texts, context, lesson, asked, results),
    answersLater:
      showAnswers || !incorrect ? null : t(`academy:attempt.answersLater.${answersLater(lesson)}`),
    action: nextAction(texts, context, lesson, { hasPassed, attemptsLeft }),
    attemptsLeft: hasPassed
      ? null
      : attemptsLeft === null
        ? t('academy:quiz.unlimited')
        : t('academy:attempt.left', { count: attemptsLeft }),
    recorded: t(passed ? 'academy:attempt.recordedPassed' : 'academy:attempt.recordedFailed', { percent }),
    ask: { href: `${path}#ask`, text: t('academy:attempt.unfairLink') },
  }
}

/** Says what was scored and what it takes to pass: in right answers, or in points where they differ. */
function ledeOf({ t, number }: Texts, { passMark }: GradedLesson, attempt: Attempt): string {
  const { correct, total, points, possible } = attempt
  const share = (passMark ?? 0) / 100
  if (points === undefined || possible === undefined || (points === correct && possible === total)) {
    return t('academy:attempt.lede', { count: Math.ceil(share * total), correct, total })
  }
  const rounded = (value: number) => number(Math.round(value * 100) / 100)
  const needed = Math.ceil(share * possible * 100) / 100
  return t('academy:attempt.ledePoints', {
    points: rounded(points),
    count: possible,
    needed: rounded(needed),
  })
}

/** One question of a result. */
function questionView(
  { t, number: numberText }: Texts,
  { published }: CourseContext,
  shown: ShownQuestion,
  result: Graded['results'][number],
  { lesson, showAnswers, number }: { lesson: GradedLesson; showAnswers: boolean; number: number },
) {
  const { question } = shown
  const { isCorrect, points, possible } = result
  const hasPoints = possible !== 1 || (points > 0 && !isCorrect)
  return {
    number,
    prompt: question.prompt,
    picture: questionImage(question, published.content.assets),
    isCorrect,
    ...questionResult(t, shown, result, showAnswers),
    points: hasPoints
      ? t('academy:attempt.points', { points: numberText(Math.round(points * 100) / 100), count: possible })
      : null,
    missing: !showAnswers && hasOnlyMissed(question, result) ? t('academy:attempt.someMissing') : null,
    readAgain: isCorrect ? [] : lessonsAbout(published, lesson, question),
  }
}

/** Whether a result shows the right answers, once the learner has passed or used all attempts, or before. */
function showsAnswers({ showAnswers }: GradedLesson, isDone: boolean): boolean {
  return showAnswers === 'always' || showAnswers === 'each' || (showAnswers !== 'never' && isDone)
}

/** When the right answers will be shown, for a result without them. */
function answersLater({ showAnswers, attempts }: GradedLesson): 'passed' | 'passedOrLast' | 'never' {
  if (showAnswers === 'never') return 'never'
  return attempts === null ? 'passed' : 'passedOrLast'
}

/** Whether an answer is wrong although everything that was selected is right. */
function hasOnlyMissed(question: Question, { answer, isCorrect }: Graded['results'][number]): boolean {
  if (!hasChoices(question) || isCorrect || !answer.length) return false
  return answer.every(index => question.choices[index as number]!.isCorrect)
}

/** How each topic of the questions went, worst first; none when the questions have no topics of their own. */
function topicsView(
  { t, dir }: Texts,
  { published }: CourseContext,
  lesson: GradedLesson,
  asked: Question[],
  results: Graded['results'],
) {
  const byTopic = new Map<string, { right: number; total: number; wrong: Question[] }>()
  for (const [n, question] of asked.entries()) {
    for (const topic of question.topics ?? []) {
      const sum = byTopic.get(topic) ?? { right: 0, total: 0, wrong: [] }
      byTopic.set(topic, sum)
      sum.total++
      if (results[n]!.isCorrect) sum.right++
      else sum.wrong.push(question)
    }
  }
  return [...byTopic]
    .sort(([, a], [, b]) => a.right / a.total - b.right / b.total)
    .map(([name, { right, total, wrong }]) => {
      const links = wrong.flatMap(question => lessonsAbout(published, lesson, question))
      return {
        name,
        text: t('academy:attempt.topic', { right, count: total }),
        squares: topicSquares({ right, total, rtl: dir === 'rtl' }),
        links: links.filter(({ href }, at) => links.findIndex(link => link.href === href) === at),
      }
    })
}

/** Returns the number of attempts left, or null for a quiz without a limit. */
function attemptsLeftOf({ enrolment }: CourseContext, lesson: GradedLesson, attempt: Attempt): number | null {
  if (lesson.attempts === null) return null
  const made = enrolment!.lessons[mapKey(lesson.slug)]?.attempts ?? attempt.number
  return Math.max(0, lesson.attempts - made)
}

/** The main button: the certificate, another attempt, or the next lesson. */
function nextAction(
  texts: Texts,
  context: CourseContext,
  lesson: Lesson,
  { hasPassed, attemptsLeft }: { hasPassed: boolean; attemptsLeft: number | null },
): TextLink | null {
  const { t } = texts
  const { published, enrolment } = context
  if (enrolment!.completedAt !== null && published.content.certificate) {
    return { href: `/courses/${published.slug}/certificate`, text: t('academy:course.certificate') }
  }
  if (!hasPassed && attemptsLeft !== 0) {
    return { href: `${lessonPath(published, lesson)}#check`, text: t('academy:attempt.again') }
  }
  const { next } = courseProgress(texts, context).progress
  if (!next || next.slug === lesson.slug) return null
  return { href: lessonPath(published, next), text: t('academy:lesson.next', { title: next.title }) }
}
