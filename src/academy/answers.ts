import type { Question } from '../courses/quiz'
import type { Answers } from '../courses/grade'

/**
 * Reads the chosen answers from a form or a query string: `q-<question>=<index>`, repeated for a question that allows
 * several. Anything else is ignored.
 */
export function readAnswers(questions: Question[], fields: Record<string, unknown>): Answers {
  const answers = new Map<string, number[]>()
  for (const question of questions) {
    const values = [fields[`q-${question.id}`]]
      .flat()
      .filter(value => typeof value === 'string' && /^\d{1,2}$/.test(value))
    const chosen = values.map(Number).filter(index => index < question.choices.length)
    if (chosen.length) answers.set(question.id, question.kind === 'multiple' ? chosen : chosen.slice(0, 1))
  }
  return Object.fromEntries(answers)
}
