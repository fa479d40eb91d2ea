import {
  hasChoices,
  optionsOfMatch,
  type ChoiceQuestion,
  type Gap,
  type Question,
  type QuestionOf,
} from './question'
import { numberAnswer, numbersIn, textAnswer } from './short-answer'

/**
 * What was answered to one question. Choices: the indices of the selected ones. `match`: for each pair the index of the
 * chosen option (`optionsOfMatch`), or -1. `order`: the indices of the items from first to last, or -1 for a free
 * place. `text` and `number`: the typed text. `cloze`: a text for each gap.
 */
export type Answer = readonly (number | string)[]

/** Answers by question id. Read them with `answerTo`: an id may be `constructor`. */
export type Answers = Readonly<Record<string, Answer>>

/** Returns what was answered to a question; empty when nothing was. */
export function answerTo(answers: Answers, question: string): Answer {
  return Object.hasOwn(answers, question) ? answers[question]! : []
}

/** How much of an answer counts: all of it or nothing, or part of it. */
export type Credit = 'whole' | 'partial'

type QuestionResult = {
  id: string
  /** The answer without what doesn't exist, such as a twelfth choice. */
  answer: Answer
  /** The share of the points, from 0 to 1. */
  credit: number
  isCorrect: boolean
  points: number
  possible: number
}

export type Graded = {
  /** Questions that are answered completely right, of how many. */
  correct: number
  total: number
  /** Points, which are not whole where part of an answer counts. */
  points: number
  possible: number
  /** Whole percent of the points, rounded down: 79.9% isn't 80%. */
  percent: number
  results: QuestionResult[]
}

/**
 * Grades a quiz. Choices are right when every right one is selected and no other, so an unanswered question is wrong.
 * What doesn't exist, and answers to other questions, are ignored.
 *
 * Where part of an answer counts: a right choice of several earns its share of the points and a wrong one loses it, or
 * as much as its own `credit` says, never below 0; `match` and `cloze` earn the share of the pairs and gaps that are
 * right; `order` earns the share of the steps that follow directly on the right one.
 */
export function grade(questions: readonly Question[], answers: Answers, credit: Credit = 'whole'): Graded {
  const results = questions.map(question => gradeQuestion(question, answerTo(answers, question.id), credit))
  const correct = results.filter(result => result.isCorrect).length
  const total = questions.length
  const points = rounded(results.reduce((sum, result) => sum + result.points, 0))
  const possible = results.reduce((sum, result) => sum + result.possible, 0)
  return { correct, total, points, possible, percent: percentOf(points, possible), results }
}

const percentOf = (points: number, possible: number) => (possible ? Math.floor((100 * points) / possible) : 0)

/** Thirds add up to a whole. */
const rounded = (points: number) => Math.round(points * 1e6) / 1e6

function gradeQuestion(question: Question, given: Answer, credit: Credit): QuestionResult {
  const answer = knownAnswer(question, given)
  const share = rounded(Math.min(1, Math.max(0, shareOf(question, answer))))
  const isCorrect = share === 1
  const possible = question.points ?? 1
  const earned = isCorrect || credit === 'partial' ? share : 0
  return { id: question.id, answer, credit: earned, isCorrect, points: rounded(earned * possible), possible }
}

/**
 * Whether points reach the pass mark (percent of those that are possible). Without a pass mark every attempt passes; a
 * quiz without questions never does.
 */
export function passes(
  { points, possible }: Pick<Graded, 'points' | 'possible'>,
  passMark: number | null,
): boolean {
  return possible > 0 && 100 * points >= (passMark ?? 0) * possible
}

/** Whether every part of a question has an answer. */
export function isAnswered(question: Question, answer: Answer): boolean {
  const known = knownAnswer(question, answer)
  const isGiven = (part: number | string) => (typeof part === 'string' ? part.trim() !== '' : part >= 0)
  return known.length > 0 && known.every(isGiven)
}

/** Returns a right answer to a question. */
export function rightAnswer(question: Question): Answer {
  switch (question.kind) {
    case 'single':
    case 'multiple':
    case 'true-false':
      return question.choices.flatMap(({ isCorrect }, index) => (isCorrect ? index : []))
    case 'text':
      return [(question.answers.find(isFull) ?? question.answers[0]!).content.replaceAll('\\*', '*')]
    case 'number':
      return [String((question.answers.find(isFull) ?? question.answers[0]!).value)]
    case 'match':
      return question.pairs.map(({ match }) => optionsOfMatch(question).indexOf(match))
    case 'order':
      return question.items.map((_, index) => index)
    case 'cloze':
      return question.gaps.map(({ accept }) => accept[0]!)
  }
}

const isFull = ({ credit = 100 }: { credit?: number }) => credit === 100

/** Returns an answer with only the parts that a question has. */
function knownAnswer(question: Question, answer: Answer): Answer {
  const numberBelow = (limit: number, part: number | string | undefined) =>
    typeof part === 'number' && Number.isInteger(part) && part >= 0 && part < limit ? part : -1
  const textOf = (part: number | string | undefined) => (typeof part === 'string' ? part : '')
  switch (question.kind) {
    case 'single':
    case 'multiple':
    case 'true-false': {
      const limit = question.choices.length
      const chosen = answer.map(part => numberBelow(limit, part)).filter(index => index >= 0)
      return [...new Set(chosen)].sort((a, b) => a - b)
    }
    case 'text':
    case 'number':
      return answer.slice(0, 1).map(textOf)
    case 'match': {
      const limit = optionsOfMatch(question).length
      return answer.length ? question.pairs.map((_, n) => numberBelow(limit, answer[n])) : []
    }
    case 'order': {
      const taken = new Set<number>()
      const once = (index: number) => (taken.has(index) ? -1 : (taken.add(index), index))
      const limit = question.items.length
      return answer.length ? question.items.map((_, n) => once(numberBelow(limit, answer[n]))) : []
    }
    case 'cloze':
      return answer.length ? question.gaps.map((_, n) => textOf(answer[n])) : []
  }
}

/** Returns the share of the points for a known answer, where part of it counts; 1 only when it is completely right. */
function shareOf(question: Question, answer: Answer): number {
  if (!answer.length) return 0
  if (hasChoices(question)) return choiceShare(question, answer)
  switch (question.kind) {
    case 'text':
    case 'number': {
      const found = listedAnswer(question, String(answer[0]))
      return found ? (found.credit ?? 100) / 100 : 0
    }
    case 'match':
    case 'order':
    case 'cloze': {
      const right = partsRight(question, answer)
      const weights = weightsOf(question)
      const whole = weights.reduce((sum, weight) => sum + weight, 0)
      return weights.reduce((sum, weight, n) => sum + (right[n] ? weight : 0), 0) / whole
    }
  }
}

function choiceShare({ kind, choices }: ChoiceQuestion, chosen: Answer): number {
  if (choices.every(({ isCorrect }, index) => isCorrect === chosen.includes(index))) return 1
  const right = choices.filter(({ isCorrect }) => isCorrect).length
  const share = ({ isCorrect, credit }: ChoiceQuestion['choices'][number]) => {
    if (credit !== undefined) return credit / 100
    if (kind !== 'multiple') return isCorrect ? 1 : 0
    return (isCorrect ? 1 : -1) / Math.max(1, right)
  }
  const sum = chosen.reduce<number>((total, index) => total + share(choices[index as number]!), 0)
  return Math.min(sum, 1)
}

/** Returns which of the listed answers a typed one is. */
export function listedAnswer(question: QuestionOf<'text' | 'number'>, typed: string) {
  return question.kind === 'text'
    ? textAnswer(question.answers, typed, question.spelling === 'exact')
    : numberAnswer(question.answers, typed, question.unit)
}

/**
 * Returns which parts of an answer are right: the pairs, the gaps, or the places of an order. The first place counts
 * for nothing by itself; every other one is right when the step before it is the one before it.
 */
export function partsRight(question: QuestionOf<'match' | 'order' | 'cloze'>, answer: Answer): boolean[] {
  switch (question.kind) {
    case 'match': {
      const options = optionsOfMatch(question)
      return question.pairs.map(({ match }, n) => options[answer[n] as number] === match)
    }
    case 'order':
      return question.items.map((_, n) =>
        n ? answer[n] === Number(answer[n - 1]) + 1 && Number(answer[n - 1]) >= 0 : answer[0] === 0,
      )
    case 'cloze':
      return question.gaps.map((gap, n) => isGapRight(gap, String(answer[n] ?? '')))
  }
}

function weightsOf(question: QuestionOf<'match' | 'order' | 'cloze'>): number[] {
  switch (question.kind) {
    case 'match':
      return question.pairs.map(() => 1)
    case 'order':
      return question.items.map((_, n) => (n ? 1 : 0))
    case 'cloze':
      return question.gaps.map(({ points = 1 }) => points)
  }
}

function isGapRight({ kind, accept, tolerance }: Gap, typed: string): boolean {
  switch (kind) {
    case 'select':
      return accept.includes(typed)
    case 'text':
      return (
        textAnswer(
          accept.map(content => ({ content })),
          typed,
        ) !== undefined
      )
    case 'number': {
      const answers = accept.flatMap(text => numbersIn(text).map(value => ({ value, tolerance })))
      return numberAnswer(answers, typed) !== undefined
    }
  }
}
