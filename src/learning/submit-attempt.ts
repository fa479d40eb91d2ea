import { mapKey } from '../platform/record'
import { now } from '../platform/clock'
import { grade, passes, type Answers } from '../courses/grade'
import type { GradedLesson } from '../courses/kinds/kinds'
import type { Question } from '../courses/quiz'
import { conflict } from '../platform/errors'
import { attemptId, Attempts, type Attempt } from './attempt'
import { applyAttempt } from './apply-attempt'
import type { Enrolment } from './enrolment'

/**
 * Grades and stores an attempt at a lesson's quiz. `number` is the attempt that the form was made for. The same number
 * again, from a double click or another tab, returns the stored attempt with its first answers.
 *
 * @throws 409 when no attempt is left, or when `number` isn't the next one.
 */
export async function submitAttempt(submission: {
  enrolment: Enrolment
  lesson: GradedLesson
  questions: Question[]
  number: number
  answers: Answers
  /** Seconds it took; null when unknown. */
  durationSeconds: number | null
}): Promise<Attempt> {
  const { enrolment, lesson, questions, number, answers, durationSeconds } = submission
  const attemptsMade = enrolment.lessons[mapKey(lesson.slug)]?.attempts ?? 0
  if (lesson.attempts !== null && number > lesson.attempts) throw conflict('academy:errors.noAttemptLeft')
  if (number > attemptsMade + 1) throw conflict('academy:errors.otherAttempt')
  const { correct, total, percent, results } = grade(questions, answers)
  const wrong = new Set(results.filter(result => !result.isCorrect).map(result => result.id))
  const passed = passes({ correct, total }, lesson.passMark)
  // A question without its own topics counts for the lesson's topics only if the attempt failed.
  const topicsOf = (question: Question) => question.topics ?? (passed ? [] : lesson.topics)
  const graded: Attempt = {
    _id: attemptId(enrolment.person, enrolment.course, lesson.slug, number),
    person: enrolment.person,
    course: enrolment.course,
    revision: enrolment.revision,
    lesson: lesson.slug,
    number,
    answers: storedAnswers(answers),
    correct,
    total,
    percent,
    passed,
    weakTopics: [...new Set(questions.filter(each => wrong.has(each.id)).flatMap(topicsOf))],
    durationSeconds,
    at: now(),
  }
  const attempt = await saveAttempt(graded)
  await applyAttempt(attempt, lesson)
  return attempt
}

function storedAnswers(answers: Answers): Attempt['answers'] {
  return Object.fromEntries(Object.entries(answers).map(([question, chosen]) => [mapKey(question), chosen]))
}

async function saveAttempt(graded: Attempt): Promise<Attempt> {
  return (await Attempts.insertOnce(graded)) ? graded : (await Attempts.findById(graded._id))!
}
