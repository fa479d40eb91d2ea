import type { Question } from '../courses/quiz'
import type { Answers } from '../courses/grade'

/** The choices in a form or an address: `q-<question>=<index>`, several for a question that allows them. Anything else is left out. */
export function readAnswers(questions: Question[], typed: unknown): Answers {
  const fields = (typed ?? {}) as Record<string, unknown>
  const answers: Answers = {}
  for (const question of questions) {
    const given = [fields[`q-${question.id}`]]
      .flat()
      .filter(value => typeof value === 'string' && /^\d{1,2}$/.test(value))
    const chosen = given.map(Number).filter(index => index < question.choices.length)
    if (chosen.length) answers[question.id] = question.kind === 'multiple' ? chosen : chosen.slice(0, 1)
  }
  return answers
}
