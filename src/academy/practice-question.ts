import { choicesIn, grade, type Answers } from '../courses/grade'
import type { Question } from '../courses/quiz'
import { choiceResults } from './choice-results'
import type { Texts } from '../web/texts'

/** The practice question that a visitor submitted; `answers` is empty when nothing was chosen. */
export type PracticeResult = { question: string; answers: Answers }

/** The view model of a practice question: its form, or the graded answer when it is the one submitted. */
export function practiceQuestionView(
  { t }: Texts,
  path: string,
  question: Question,
  submitted: PracticeResult | undefined,
) {
  const { id, kind, prompt, choices } = question
  const isSubmitted = submitted?.question === id
  const isMultiple = kind === 'multiple'
  const isAnswered = isSubmitted && choicesIn(submitted.answers, id).length > 0
  return {
    id,
    action: `${path}/practice#check-${id}`,
    prompt,
    isMultiple,
    inputType: isMultiple ? 'checkbox' : 'radio',
    error: isSubmitted && !isAnswered ? t('academy:practice.missing') : null,
    choices: choices.map(({ content }, index) => ({ value: index, text: content })),
    result: isAnswered ? resultView(t, path, question, submitted.answers) : null,
  }
}

function resultView(t: Texts['t'], path: string, question: Question, answers: Answers) {
  const { isCorrect, chosen } = grade([question], answers).results[0]!
  return {
    class: isCorrect ? 'is-pine' : 'is-brick',
    icon: isCorrect ? 'check-circle-fill' : 'x-circle-fill',
    text: t(isCorrect ? 'academy:practice.correct' : 'academy:practice.incorrect'),
    choices: choiceResults(t, question, chosen).map(choice =>
      choice.state === 'unselected' ? { ...choice, explanation: '' } : choice,
    ),
    retry: `${path}#check-${question.id}`,
  }
}
