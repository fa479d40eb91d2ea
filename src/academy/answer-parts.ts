import { listedAnswer, partsRight, rightAnswer, type Answer } from '../courses/grade'
import { clozeParts, optionsOfMatch, type QuestionOf } from '../courses/question'
import type { Translate } from '../web/i18n'

/** One part of an answer that isn't a choice: what was said, whether it is right, and what would have been. */
export type AnswerPart = {
  /** The item, the gap or the place that it belongs to; null for a question with one answer. */
  label: string | null
  said: string
  /** Null where a part isn't right or wrong by itself. */
  isRight: boolean | null
  /** The right answer; null when it isn't shown, or was given. */
  right: string | null
  explanation: string
}

type PartedQuestion = QuestionOf<'text' | 'number' | 'match' | 'order' | 'cloze'>

/**
 * Returns the parts of a graded answer. The right answers and the explanations of what wasn't answered are only in them
 * with `showAnswers`.
 */
export function answerParts(
  t: Translate,
  question: PartedQuestion,
  answer: Answer,
  isCorrect: boolean,
  showAnswers: boolean,
): AnswerPart[] {
  const right = rightAnswer(question)
  const nothing = t('academy:attempt.noAnswer')
  switch (question.kind) {
    case 'text':
    case 'number': {
      const typed = String(answer[0] ?? '')
      const unit = question.kind === 'number' && question.unit ? ` ${question.unit}` : ''
      const found = typed ? listedAnswer(question, typed) : undefined
      return [
        {
          label: null,
          said: typed ? withUnit(typed, unit) : nothing,
          isRight: isCorrect,
          right: showAnswers && !isCorrect ? withUnit(String(right[0]), unit) : null,
          explanation: found?.explanation ?? '',
        },
      ]
    }
    case 'match': {
      const options = optionsOfMatch(question)
      const areRight = partsRight(question, answer)
      return question.pairs.map(({ item, match, explanation }, n) => ({
        label: item,
        said: options[answer[n] as number] ?? nothing,
        isRight: areRight[n]!,
        right: showAnswers && !areRight[n] ? match : null,
        explanation: showAnswers || areRight[n] ? explanation : '',
      }))
    }
    case 'order': {
      const areRight = partsRight(question, answer)
      return question.items.map((item, n) => ({
        label: String(n + 1),
        said: question.items[answer[n] as number] ?? nothing,
        isRight: areRight[n]!,
        right: showAnswers && !isCorrect && answer[n] !== n ? item : null,
        explanation: '',
      }))
    }
    case 'cloze': {
      const areRight = partsRight(question, answer)
      return question.gaps.map(({ explanation }, n) => ({
        label: gapLabel(question, n),
        said: String(answer[n] ?? '') || nothing,
        isRight: areRight[n]!,
        right: showAnswers && !areRight[n] ? String(right[n]) : null,
        explanation: showAnswers || areRight[n] ? explanation : '',
      }))
    }
  }
}

const withUnit = (text: string, unit: string) => (unit && !text.endsWith(unit.trim()) ? text + unit : text)

const wordsBeforeGap = 4

/** Returns the last words before a gap: `the` for the second gap of `Read {1} first and the {2} second.` */
function gapLabel({ text }: QuestionOf<'cloze'>, gap: number): string {
  const parts = clozeParts(text)
  const at = parts.indexOf(gap)
  const [before, after] = [parts[at - 1], parts[at + 1]]
  if (typeof before === 'string' && before.trim()) {
    return `${before.trim().split(/\s+/).slice(-wordsBeforeGap).join(' ')} …`
  }
  return typeof after === 'string' ? `… ${after.trim().split(/\s+/).slice(0, wordsBeforeGap).join(' ')}` : '…'
}
