import type { Answer } from '../courses/grade'
import type { ChoiceQuestion } from '../courses/question'
import type { Translate } from '../web/i18n'

type ChoiceState = 'correct' | 'incorrect' | 'missed' | 'unselected'

export type ChoiceResult = {
  state: ChoiceState
  isMultiple: boolean
  /** Null for an incorrect choice that was not selected. */
  icon: string | null
  label: string | null
  text: string
  explanation: string
}

/**
 * Returns the choices of a graded question as they were shown; `missed` is a correct choice that was not selected.
 *
 * @param order the indices of the choices, in the order in which they were shown.
 * @param showAnswers whether to show which of the choices that were not selected are correct, and why. Without it,
 * only the selected ones are marked and explained.
 */
export function choiceResults(
  t: Translate,
  { kind, choices }: ChoiceQuestion,
  order: readonly number[],
  chosen: Answer,
  showAnswers: boolean,
): ChoiceResult[] {
  return order.map(index => {
    const { content, isCorrect, explanation } = choices[index]!
    const isChosen = chosen.includes(index)
    const isOpen = isChosen || showAnswers
    const state = isOpen ? stateOf(isChosen, isCorrect) : 'unselected'
    return {
      state,
      isMultiple: kind === 'multiple',
      icon: iconOf(state),
      label: state === 'unselected' ? null : t(`academy:choiceState.${state}`),
      text: content,
      explanation: isOpen ? explanation : '',
    }
  })
}

function stateOf(isChosen: boolean, isCorrect: boolean): ChoiceState {
  if (isChosen) return isCorrect ? 'correct' : 'incorrect'
  return isCorrect ? 'missed' : 'unselected'
}

function iconOf(state: ChoiceState): string | null {
  if (state === 'unselected') return null
  return state === 'incorrect' ? 'x-circle-fill' : 'check-circle-fill'
}
