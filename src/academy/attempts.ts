import { mapKey } from '../platform/record'
import type { Request } from 'express'
import type { Lesson } from '../courses/course'
import { choicesIn, grade, type Answers } from '../courses/grade'
import { isGraded, type GradedLesson } from '../courses/kinds/kinds'
import { revisionById, type Published } from '../courses/published'
import type { Question } from '../courses/quiz'
import { lessonPage } from '../courses/lesson-page'
import { notFound } from '../platform/errors'
import { attemptId, Attempts, type Attempt } from '../learning/attempt'
import { submitAttempt } from '../learning/submit-attempt'
import type { Handler } from '../web/handler'
import { quizStrip } from '../web/charts/quiz-strip'
import { refuseForm } from '../web/form'
import { readAnswers } from './answers'
import { choiceResults } from './choice-results'
import { lessonView, quizPurpose } from './lessons'
import { lessonPath } from '../courses/lesson-path'
import { courseProgress } from './outline'
import { secondsSince } from './signed-timestamp'
import { contactLink } from './contact-requests'
import { lessonOf, courseContext, type CourseContext } from './course-context'
import { durationText } from './duration'
import { textsOf, type TextLink, type Texts } from '../web/texts'

/** Grades an attempt at a quiz. Attempts are limited, so a form with an unanswered question is rejected instead. */
export const create: Handler = async (request, response) => {
  const { t } = textsOf(response)
  const { published, enrolment } = courseContext(response)
  const lesson = lessonOf(response)
  if (!isGraded(lesson)) throw notFound()
  const { questions } = lessonPage(published, lesson.slug)
  const fields = request.body as Record<string, unknown>
  const answers = readAnswers(questions, fields)
  const number = Number(fields.number)
  if (!Number.isInteger(number) || number < 1) throw notFound()
  const unanswered = questions.filter(question => !choicesIn(answers, question.id).length)
  const id = attemptId(enrolment!.person, enrolment!.course, lesson.slug, number)
  // A repeated submission of a graded attempt redirects to its result, whatever it contains.
  if (unanswered.length && !(await Attempts.exists({ _id: id }))) {
    const errors = Object.fromEntries(
      unanswered.map(question => [
        `q-${question.id}`,
        t('academy:quiz.unanswered', { number: questions.indexOf(question) + 1 }),
      ]),
    )
    const page = await lessonView(request, response, { answers, errors })
    return refuseForm(response, 'academy/lesson', { values: {}, errors }, page)
  }
  const durationSeconds = secondsSince(fields.timestamp, quizPurpose(enrolment, lesson.slug))
  await submitAttempt({ enrolment: enrolment!, lesson, questions, number, answers, durationSeconds })
  response.redirect(303, `${lessonPath(published, lesson)}/attempts/${number}`)
}

/** The result of an attempt: all questions with their explanations, or only the incorrect ones (`?only=incorrect`). */
export const show: Handler = async (request, response) => {
  const context = courseContext(response)
  const lesson = lessonOf(response)
  if (!isGraded(lesson)) throw notFound()
  const attempt = await findAttempt(request, context, lesson)
  const revision = await revisionById(attempt.revision)
  const hasLesson = revision?.lessons.some(each => each.slug === lesson.slug)
  const questions = hasLesson ? lessonPage(revision!, lesson.slug).questions : []
  const onlyIncorrect = request.query.only === 'incorrect'
  response.render(
    'academy/attempt',
    attemptView(textsOf(response), context, { lesson, attempt, questions, onlyIncorrect }),
  )
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

type AttemptData = { lesson: GradedLesson; attempt: Attempt; questions: Question[]; onlyIncorrect: boolean }

function attemptView(texts: Texts, context: CourseContext, data: AttemptData) {
  const { t, date, iso, dir } = texts
  const { lesson, attempt } = data
  const { correct, total, passed, percent, at, durationSeconds } = attempt
  const { published, enrolment } = context
  const path = lessonPath(published, lesson)
  const { results } = grade(data.questions, answersOf(attempt, data.questions))
  const incorrect = results.filter(result => !result.isCorrect).length
  const onlyIncorrect = data.onlyIncorrect && incorrect > 0
  const needed = Math.ceil(((lesson.passMark ?? 0) / 100) * total)
  const title = t(passed ? 'academy:attempt.passed' : 'academy:attempt.failed')
  const hasPassed = enrolment!.lessons[mapKey(lesson.slug)]?.completedAt !== undefined
  const attemptsLeft = attemptsLeftOf(context, lesson, attempt)
  const showAnswers = showsAnswers(lesson, hasPassed || attemptsLeft === 0)
  return {
    head: { title, noindex: true },
    nav: 'courses',
    course: { href: `/courses/${published.slug}`, text: published.content.title },
    lesson: { href: path, text: lesson.title },
    title,
    lede: t('academy:attempt.lede', { count: needed, correct, total }),
    review: incorrect ? t('academy:attempt.toReview', { count: incorrect }) : t('academy:attempt.allCorrect'),
    correct,
    outOf: t('academy:attempt.of', { total }),
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
    filter: filterLink(texts, { total: results.length, incorrect, onlyIncorrect }),
    questions: data.questions
      .map((question, n) => ({
        number: n + 1,
        prompt: question.prompt,
        isCorrect: results[n]!.isCorrect,
        choices: choiceResults(t, question, results[n]!.chosen, showAnswers || results[n]!.isCorrect),
        missing:
          !showAnswers && hasOnlyMissed(question, results[n]!) ? t('academy:attempt.someMissing') : null,
        readAgain: results[n]!.isCorrect ? [] : lessonsAbout(published, lesson, question),
      }))
      .filter(question => !onlyIncorrect || !question.isCorrect),
    showCorrect: onlyIncorrect
      ? t('academy:attempt.showCorrect', { count: results.length - incorrect })
      : null,
    answersLater:
      showAnswers || !incorrect ? null : t(`academy:attempt.answersLater.${answersLater(lesson)}`),
    action: nextAction(texts, context, lesson, { hasPassed, attemptsLeft }),
    contact: contactLink(context, texts),
    attemptsLeft: hasPassed
      ? null
      : attemptsLeft === null
        ? t('academy:quiz.unlimited')
        : t('academy:attempt.left', { count: attemptsLeft }),
    recorded: t(passed ? 'academy:attempt.recordedPassed' : 'academy:attempt.recordedFailed', { percent }),
    ask: { href: `${path}#ask`, text: t('academy:attempt.unfairLink') },
  }
}

/** Whether a result shows the right answers, once the learner has passed or used all attempts, or before. */
function showsAnswers({ showAnswers }: GradedLesson, isDone: boolean): boolean {
  return showAnswers === 'always' || (showAnswers !== 'never' && isDone)
}

/** When the right answers will be shown, for a result without them. */
function answersLater({ showAnswers, attempts }: GradedLesson): 'passed' | 'passedOrLast' | 'never' {
  if (showAnswers === 'never') return 'never'
  return attempts === null ? 'passed' : 'passedOrLast'
}

/** Whether an answer is wrong although everything that was selected is right. */
function hasOnlyMissed(
  { choices }: Question,
  { chosen, isCorrect }: { chosen: number[]; isCorrect: boolean },
): boolean {
  return !isCorrect && chosen.length > 0 && chosen.every(index => choices[index]!.isCorrect)
}

/**
 * Returns the lessons where a question can be read about again: the one that its author names, otherwise up to two
 * earlier lessons on its topics, otherwise the lesson before the quiz.
 */
function lessonsAbout(published: Published, quiz: Lesson, question: Question): TextLink[] {
  const { lessons } = published
  const named = lessons.find(({ slug }) => slug === question.lesson)
  const earlier = lessons
    .slice(
      0,
      lessons.findIndex(({ slug }) => slug === quiz.slug),
    )
    .filter(isReading)
  const topics = question.topics ?? quiz.topics
  const onTopic = earlier.filter(lesson => lesson.topics.some(topic => topics.includes(topic)))
  const found = named ? [named] : onTopic.length ? onTopic.slice(-2) : earlier.slice(-1)
  return found.map(lesson => ({ href: lessonPath(published, lesson), text: lesson.title }))
}

const isReading = (lesson: Lesson) => !isGraded(lesson)

/** Returns the answers of an attempt by question id. */
function answersOf({ answers }: Attempt, questions: Question[]): Answers {
  return Object.fromEntries(questions.map(({ id }) => [id, answers[mapKey(id)] ?? []]))
}

/** Returns the number of attempts left, or null for a quiz without a limit. */
function attemptsLeftOf({ enrolment }: CourseContext, lesson: GradedLesson, attempt: Attempt): number | null {
  if (lesson.attempts === null) return null
  const made = enrolment!.lessons[mapKey(lesson.slug)]?.attempts ?? attempt.number
  return Math.max(0, lesson.attempts - made)
}

function filterLink(
  { t }: Texts,
  { total, incorrect, onlyIncorrect }: { total: number; incorrect: number; onlyIncorrect: boolean },
): TextLink | null {
  if (onlyIncorrect) return { href: '?', text: t('academy:attempt.showAll', { count: total }) }
  if (incorrect === 0 || incorrect === total) return null
  return { href: '?only=incorrect', text: t('academy:attempt.onlyIncorrect', { count: incorrect }) }
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
