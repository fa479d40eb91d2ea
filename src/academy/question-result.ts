import type { Graded } from '../courses/grade'
import type { ShownQuestion } from '../courses/draw'
import { hasChoices } from '../courses/question'
import type { Translate } from '../web/i18n'
import { answerParts } from './answer-parts'
import { choiceResults } from './choice-results'

/**
 * Returns a graded question for `academy/question-result`: its choices, or the parts of its answer, and why the right
 * answer is right.
 *
 * @param showAnswers whether to show the right answers. Without it, only what was answered is marked and explained.
 */
export function questionResult(
  t: Translate,
  { question, orders }: ShownQuestion,
  { answer, isCorrect }: Graded['results'][number],
  showAnswers: boolean,
) {
  const isOpen = showAnswers || isCorrect
  const choices = hasChoices(question) ? choiceResults(t, question, orders[0]!, answer, isOpen) : []
  return {
    choices,
    parts: hasChoices(question) ? [] : answerParts(t, question, answer, isCorrect, isOpen),
    explanation: isOpen ? (question.explanation ?? '') : '',
  }
}
