import type { Question } from './quiz'

/** Indexes of the choices made, by the question's id. */
export type Answers = Record<string, number[]>

export type Graded = {
  correct: number
  total: number
  /** Whole percent, rounded down: 79.9 % is not 80 %. */
  percent: number
  results: { id: string; chosen: number[]; isCorrect: boolean }[]
}

/**
 * Grades a quiz: a question is right when exactly its right choices were made, so a question left out is wrong. Choices
 * that do not exist and answers to other questions count for nothing.
 */
export function grade(questions: Question[], answers: Answers): Graded {
  const results = questions.map(({ id, choices }) => {
    const given = Object.hasOwn(answers, id) ? answers[id]! : []
    const chosen = [...new Set(given)].filter(index => choices[index] !== undefined).sort((a, b) => a - b)
    const isCorrect =
      chosen.length > 0 && choices.every((choice, index) => choice.isCorrect === chosen.includes(index))
    return { id, chosen, isCorrect }
  })
  const right = results.filter(result => result.isCorrect).length
  const of = questions.length
  return { correct: right, total: of, percent: of ? Math.floor((100 * right) / of) : 0, results }
}

/** Whether a graded quiz reaches the pass mark (percent); without a mark every attempt does. A quiz without questions is never passed. */
export function passes(
  { correct, total }: Pick<Graded, 'correct' | 'total'>,
  passMark: number | null,
): boolean {
  return total > 0 && 100 * correct >= (passMark ?? 0) * total
}
