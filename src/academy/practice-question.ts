import { showQuestion } from '../courses/draw'
import { answerTo, grade, isAnswered, type Answers } from '../courses/grade'
import type { Question } from '../courses/question'
import { hmacOf } from '../platform/hmac'
import { questionField } from '../web/question-field'
import type { Texts } from '../web/texts'
import { questionResult } from './question-result'

/** The practice question that a visitor submitted; `answers` is empty when nothing was chosen. */
export type PracticeResult = { question: string; answers: Answers }

/** Returns a practice question as its lesson shows it: in the same order to everyone. */
export function practiceShown(path: string, question: Question) {
  return showQuestion(question, hmacOf('practice-question', `${path}:${question.id}`))
}

/** The view model of a practice question: its form, or the graded answer when it is the one submitted. */
export function practiceQuestionView(
  { t }: Texts,
  path: string,
  question: Question,
  submitted: PracticeResult | undefined,
) {
  const { id } = question
  const answers = submitted?.question === id ? submitted.answers : undefined
  const isWhole = answers !== undefined && isAnswered(question, answerTo(answers, id))
  return {
    id,
    action: `${path}/practice#check-${id}`,
    ...questionField(t, practiceShown(path, question), answers ?? {}),
    error: answers && !isWhole ? t(`academy:practice.missing.${missingPart(question)}`) : null,
    result: isWhole ? resultView(t, path, question, answers) : null,
  }
}

/** What an unanswered question asks for. */
function missingPart({ kind }: Question): 'choice' | 'text' | 'parts' {
  if (kind === 'text' || kind === 'number') return 'text'
  return kind === 'match' || kind === 'order' || kind === 'cloze' ? 'parts' : 'choice'
}

function resultView(t: Texts['t'], path: string, question: Question, answers: Answers) {
  const graded = grade([question], answers).results[0]!
  const { isCorrect } = graded
  const { choices, ...result } = questionResult(t, practiceShown(path, question), graded, true)
  return {
    ...result,
    class: isCorrect ? 'is-pine' : 'is-brick',
    icon: isCorrect ? 'check-circle-fill' : 'x-circle-fill',
    text: t(isCorrect ? 'academy:practice.correct' : 'academy:practice.incorrect'),
    choices: choices.map(choice => (choice.state === 'unselected' ? { ...choice, explanation: '' } : choice)),
    retry: `${path}#check-${question.id}`,
  }
}
