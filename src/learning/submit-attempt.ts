import { mapKey } from '../platform/record'
import { hours, later, now } from '../platform/clock'
import { answerTo, grade, passes, type Answers } from '../courses/grade'
import type { GradedLesson } from '../courses/kinds/kinds'
import type { Question } from '../courses/question'
import { conflict } from '../platform/errors'
import { attemptId, Attempts, type Attempt } from './attempt'
import { applyAttempt } from './apply-attempt'
import { attemptQuestions } from './attempt-questions'
import type { Enrolment } from './enrolment'
import { deleteKeptAnswers, storedAnswers } from './kept-answers'

/**
 * Grades and stores an attempt at a lesson's quiz. `number` is the attempt that the form was made for. The same number
 * again, from a double click or another tab, returns the stored attempt with its first answers.
 *
 * @throws 409 when no attempt is left or needed, when `number` isn't the next one, or before the cooldown is over.
 */
export async function submitAttempt(submission: {
  enrolment: Enrolment
  lesson: GradedLesson
  /** All questions of the lesson; those of the attempt are drawn from them. */
  questions: readonly Question[]
  number: number
  answers: Answers
  /** Seconds it took; null when unknown. */
  durationSeconds: number | null
}): Promise<Attempt> {
  const { enrolment, lesson, questions, number, answers, durationSeconds } = submission
  const { attempts: attemptsMade = 0, completedAt } = enrolment.lessons[mapKey(lesson.slug)] ?? {}
  // Learners who have passed may see the right answers, so further attempts would prove nothing.
  if (completedAt && number > attemptsMade) throw conflict('academy:errors.alreadyPassed')
  if (lesson.attempts !== null && number > lesson.attempts) throw conflict('academy:errors.noAttemptLeft')
  if (number > attemptsMade + 1) throw conflict('academy:errors.otherAttempt')
  const retryAt = await nextAttemptAt(enrolment, lesson, number)
  if (retryAt && retryAt > now()) throw conflict('academy:errors.attemptTooSoon')
  const { seed, shown } = attemptQuestions(enrolment, lesson, questions, number)
  const asked = shown.map(({ question }) => question)
  const { correct, total, points, possible, percent, results } = grade(asked, answers, lesson.credit)
  const wrong = new Set(results.filter(result => !result.isCorrect).map(result => result.id))
  const passed = passes({ points, possible }, lesson.passMark)
  // A question without its own topics counts for the lesson's topics only if the attempt failed.
  const topicsOf = (question: Question) => question.topics ?? (passed ? [] : lesson.topics)
  const graded: Attempt = {
    _id: attemptId(enrolment.person, enrolment.course, lesson.slug, number),
    person: enrolment.person,
    course: enrolment.course,
    revision: enrolment.revision,
    lesson: lesson.slug,
    number,
    seed,
    questions: asked.map(({ id }) => id),
    answers: storedAnswers(Object.fromEntries(asked.map(({ id }) => [id, answerTo(answers, id)]))),
    correct,
    total,
    points,
    possible,
    percent,
    passed,
    weakTopics: [...new Set(asked.filter(each => wrong.has(each.id)).flatMap(topicsOf))],
    durationSeconds,
    at: now(),
  }
  const attempt = await saveAttempt(graded)
  await applyAttempt(attempt, lesson)
  await deleteKeptAnswers({ enrolment, lesson, number })
  return attempt
}

/** Returns when an attempt may be made, if the lesson has a cooldown and there is one before it; otherwise null. */
export async function nextAttemptAt(
  { person, course }: Pick<Enrolment, 'person' | 'course'>,
  { slug, cooldown }: Pick<GradedLesson, 'slug' | 'cooldown'>,
  number: number,
): Promise<Date | null> {
  if (cooldown === null || number < 2) return null
  const last = await Attempts.findById(attemptId(person, course, slug, number - 1), { at: 1 })
  return last && later(last.at, hours(cooldown))
}

async function saveAttempt(graded: Attempt): Promise<Attempt> {
  return (await Attempts.insertOnce(graded)) ? graded : (await Attempts.findById(graded._id))!
}
