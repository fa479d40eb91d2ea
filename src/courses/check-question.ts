import { clozeParts, hasChoices, type ChoiceQuestion, type Question, type QuestionOf } from './question'
import { numbersIn } from './short-answer'

/** A finding about a question; `rule` is a key below `studio:checks.`. */
type QuestionFinding = { level: 'error' | 'warning'; rule: string; values?: Record<string, string | number> }

const error = (rule: string, values?: QuestionFinding['values']): QuestionFinding => ({
  level: 'error',
  rule,
  values,
})

/** Returns what is wrong with a question that can be read: it has no right answer, or doesn't say why. */
export function findingsAbout(question: Question): QuestionFinding[] {
  if (hasChoices(question)) return aboutChoices(question)
  switch (question.kind) {
    case 'text':
    case 'number':
      return aboutAnswers(question)
    case 'match':
      return [
        ...(isDistinct(question.pairs.map(({ item }) => item)) ? [] : [error('sameItem')]),
        ...explained(
          question,
          question.pairs.every(({ explanation }) => explanation),
        ),
      ]
    case 'order':
      return [...(isDistinct(question.items) ? [] : [error('sameItem')]), ...explained(question, false)]
    case 'cloze':
      return aboutGaps(question)
  }
}

function aboutChoices({ kind, choices, explanation }: ChoiceQuestion): QuestionFinding[] {
  const right = choices.filter(choice => choice.isCorrect)
  return [
    ...(right.length ? [] : [error('noRightChoice')]),
    ...(kind !== 'multiple' && right.length > 1 ? [error('severalRight')] : []),
    ...(kind === 'true-false' && choices.length !== 2 ? [error('notTwoChoices')] : []),
    ...(!explanation && right.some(choice => !choice.explanation) ? [error('rightUnexplained')] : []),
    ...(choices.some(choice => !choice.isCorrect && !choice.explanation)
      ? [{ level: 'warning' as const, rule: 'wrongUnexplained' }]
      : []),
  ]
}

function aboutAnswers(question: QuestionOf<'text' | 'number'>): QuestionFinding[] {
  const full = question.answers.filter(({ credit = 100 }) => credit === 100)
  return [
    ...(full.length ? [] : [error('noRightChoice')]),
    ...explained(
      question,
      full.some(({ explanation }) => explanation),
    ),
  ]
}

function aboutGaps(question: QuestionOf<'cloze'>): QuestionFinding[] {
  const placed = clozeParts(question.text).filter(part => typeof part === 'number')
  const expected = question.gaps.map((_, gap) => gap)
  const unreadable = question.gaps.find(
    ({ kind, accept }) => kind === 'number' && !accept.every(text => numbersIn(text).length),
  )
  return [
    ...(placed.length === expected.length && expected.every(gap => placed.includes(gap))
      ? []
      : [error('gaps', { gaps: expected.length })]),
    ...(question.gaps.some(({ kind, wrong = [] }) => kind === 'select' && !wrong.length)
      ? [error('oneOption')]
      : []),
    ...(unreadable ? [error('gapNumber', { found: unreadable.accept.join(', ') })] : []),
    ...explained(
      question,
      question.gaps.every(({ explanation }) => explanation),
    ),
  ]
}

/** A question of these kinds says why as a whole, or for each of its parts. */
function explained({ explanation }: Question, areParts: boolean): QuestionFinding[] {
  return explanation || areParts ? [] : [error('unexplained')]
}

function isDistinct(items: string[]): boolean {
  return new Set(items).size === items.length
}
