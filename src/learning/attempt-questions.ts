import { drawQuiz, showQuestion, type ShownQuestion } from '../courses/draw'
import type { GradedLesson } from '../courses/kinds/kinds'
import type { Question } from '../courses/question'
import { hmacOf } from '../platform/hmac'
import { attemptId, type Attempt } from './attempt'
import type { Enrolment } from './enrolment'

/** The questions of an attempt, and the seed that they follow from. */
export type AttemptQuestions = { seed: string; shown: ShownQuestion[] }

/**
 * Returns the questions of a learner's next attempt: the same ones in the same order on every page and device. The seed
 * is an HMAC, so nobody can work out from a page which answers come first in the author's text.
 */
export function attemptQuestions(
  { person, course }: Pick<Enrolment, 'person' | 'course'>,
  lesson: GradedLesson,
  questions: readonly Question[],
  number: number,
): AttemptQuestions {
  const seed = hmacOf('quiz-draw', attemptId(person, course, lesson.slug, number))
  return { seed, shown: drawQuiz(lesson, questions, seed) }
}

/** Returns the questions that an attempt had, as it showed them. Those that its revision hasn't are left out. */
export function questionsOfAttempt(
  { seed, questions: ids }: Pick<Attempt, 'seed' | 'questions'>,
  lesson: GradedLesson,
  questions: readonly Question[],
): ShownQuestion[] {
  const asked = ids ? ids.flatMap(id => questions.find(question => question.id === id) ?? []) : questions
  const shufflesAnswers = lesson.shuffle === 'answers' || lesson.shuffle === 'both'
  return asked.map(question => showQuestion(question, seed ?? '', seed !== undefined && shufflesAnswers))
}
