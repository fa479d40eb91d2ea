import type { Question } from './quiz'

/** Indices of the selected choices, by question id. Read them with `choicesIn`: an id may be `constructor`. */
export type Answers = Readonly<Record<string, number[]>>

/** Returns the indices of the choices selected for a question. */
export function choicesIn(answers: Answers, question: string): number[] {
  return Object.hasOwn(answers, question) ? answers[question]! : []
}

export type Graded = {
  correct: number
  total: number
  /** Whole percent, rounded down: 79.9% isn't 80%. */
  percent: number
  results: { id: string; chosen: number[]; isCorrect: boolean }[]
}

/**
 * Grades a quiz. An answer is right when it contains every right choice and no other, so an unanswered question is
 * wrong. Choices that don't exist and answers to other questions are ignored.
 */
export function grade(questions: Question[], answers: Answers): Graded {
  const results = questions.map(({ id, choices }) => {
    const chosen = [...new Set(choicesIn(answers, id))]
      .filter(index => choices[index] !== undefined)
      .sort((a, b) => a - b)
    const isCorrect =
      chosen.length > 0 && choices.every((choice, index) => choice.isCorrect === chosen.includes(index))
    return { id, chosen, isCorrect }
  })
  const correct = results.filter(result => result.isCorrect).length
  const total = questions.length
  return { correct, total, percent: total ? Math.floor((100 * correct) / total) : 0, results }
}

/**
 * Whether a graded quiz reaches the pass mark (percent). Without a pass mark every attempt passes; a quiz without
 * questions never does.
 */
export function passes(
  { correct, total }: Pick<Graded, 'correct' | 'total'>,
  passMark: number | null,
): boolean {
  return total > 0 && 100 * correct >= (passMark ?? 0) * total
}
