import type { Request, RequestHandler } from 'express'
import { grade } from '../courses/grade'
import { revisionById } from '../courses/published'
import type { Question } from '../courses/quiz'
import { lessonPage } from '../courses/render'
import { notFound } from '../platform/errors'
import { attemptId, Attempts, type Attempt } from '../learning/attempt'
import { submitAttempt } from '../learning/submit-attempt'
import { refuseForm } from '../web/form'
import type { Translate } from '../web/i18n'
import { readAnswers } from './answers'
import { lessonView, quizTimestamp } from './lessons'
import { lessonPath, lessonProgressOf } from './outline'
import { secondsSince } from './signed-timestamp'
import { lessonOf, courseContext } from './course-context'
import { spellNumber, spellNumberFirst } from './lesson-icons'

/** Grades an attempt at the quiz. A question left out is asked for, since attempts are few. */
export const create: RequestHandler = async (request, response) => {
  const t = response.locals.t as Translate
  const { published, enrolment } = courseContext(response)
  const lesson = lessonOf(response)
  if (lesson.completion !== 'pass') throw notFound()
  const { questions } = lessonPage(published, lesson.slug)
  const answers = readAnswers(questions, request.body)
  const number = Number((request.body as Record<string, unknown>).number)
  if (!Number.isInteger(number) || number < 1) throw notFound()
  const open = questions.filter(question => !answers[question.id]?.length)
  if (
    open.length &&
    !(await Attempts.exists({ _id: attemptId(enrolment!.person, enrolment!.course, lesson.slug, number) }))
  ) {
    const errors = Object.fromEntries(
      open.map(question => [
        `q-${question.id}`,
        t('academy:quiz.unanswered', { number: questions.indexOf(question) + 1 }),
      ]),
    )
    const view = { ...(await lessonView(request, response)), answers }
    return refuseForm(response, 'academy/lesson', { values: {}, errors }, view)
  }
  const durationSeconds = secondsSince(
    (request.body as Record<string, unknown>).stamp,
    quizTimestamp(enrolment, lesson.slug),
  )
  await submitAttempt({ enrolment: enrolment!, lesson, questions, number, answers, durationSeconds })
  response.redirect(303, `${lessonPath(published, lesson)}/attempts/${number}`)
}

/** The result of an attempt: every question with its explanations, or (`?only=wrong`) those that were wrong. */
export const show: RequestHandler<{ number: string }> = async (request, response) => {
  const t = response.locals.t as Translate
  const visit = courseContext(response)
  const lesson = lessonOf(response)
  const { published, enrolment } = visit
  const attempt = await attemptOf(request, enrolment!.person, enrolment!.course, lesson.slug)
  const of = await revisionById(attempt.revision)
  const questions = of?.lessons.some(each => each.slug === lesson.slug)
    ? lessonPage(of, lesson.slug).questions
    : []
  const { results } = grade(questions, attempt.answers)
  const wrong = results.filter(result => !result.isCorrect).length
  const onlyWrong = request.query.only === 'wrong' && wrong > 0
  const limit = lesson.attempts
  response.render('academy/attempt', {
    head: { title: t(attempt.passed ? 'academy:attempt.passed' : 'academy:attempt.failed'), noindex: true },
    nav: 'courses',
    published,
    lesson,
    address: lessonPath(published, lesson),
    attempt,
    needed: Math.ceil(((lesson.passMark ?? 0) / 100) * attempt.total),
    wrong,
    words: {
      wrong: spellNumber(t, wrong),
      wrongFirst: spellNumberFirst(t, wrong),
      right: spellNumber(t, results.length - wrong),
      of: spellNumber(t, results.length),
    },
    onlyWrong,
    answered: handleAnswers(questions, results).filter(each => !onlyWrong || !each.isCorrect),
    quizWalk: {
      answers: results.map(result => (result.isCorrect ? 'right' : 'wrong')),
      label: t('academy:attempt.resultLabel', { right: attempt.correct, of: attempt.total }),
    },
    left:
      limit === null
        ? null
        : Math.max(0, limit - (enrolment!.lessons[lesson.slug]?.attempts ?? attempt.number)),
    isFinished: enrolment!.completedAt !== null,
    hasPassed: enrolment!.lessons[lesson.slug]?.completedAt !== undefined,
    ...lessonProgressOf(t, visit, lesson.slug),
    lessonPath,
  })
}

async function attemptOf(
  request: Request<{ number: string }>,
  person: Attempt['person'],
  course: Attempt['course'],
  lesson: string,
): Promise<Attempt> {
  const attempt = await Attempts.findById(
    attemptId(person, course, lesson, Number(request.params.number)),
  ).lean<Attempt>()
  if (!attempt) throw notFound()
  return attempt
}

/** Each choice with what is said about it: `right` and `wrong` were chosen, `missed` should have been, `left` rightly was not. */
export function handleAnswers(
  questions: Question[],
  results: { id: string; chosen: number[]; isCorrect: boolean }[],
) {
  return questions.map((question, n) => {
    const { chosen, isCorrect } = results.find(result => result.id === question.id)!
    return {
      number: n + 1,
      question,
      isCorrect,
      choices: question.choices.map((choice, index) => {
        const state = chosen.includes(index)
          ? choice.isCorrect
            ? 'right'
            : 'wrong'
          : choice.isCorrect
            ? 'missed'
            : 'left'
        return { ...choice, state }
      }),
    }
  })
}
