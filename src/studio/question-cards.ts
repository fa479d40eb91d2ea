import type { Course, Lesson } from '../courses/course'
import { isGraded } from '../courses/kinds/kinds'
import { markdownFacts } from '../courses/markdown'
import { clozeParts, hasChoices, type Question } from '../courses/question'
import { readQuestions } from '../courses/quiz'
import type { Texts } from '../web/texts'
import type { QuestionCard } from './question-card'
import { urlOf } from './urls'

/** Returns the card of each question block of a lesson, in the order of its text. */
export function questionCards(course: Course, lesson: Lesson, body: string, texts: Texts): QuestionCard[] {
  const { t } = texts
  const { questions, faults } = readQuestions(body)
  const lines = markdownFacts(body).fences.flatMap(({ language, line }) =>
    language === 'quiz' ? [line] : [],
  )
  const practice = t('studio:editor.question.name')
  return lines.map((line, n) => {
    const at = questions.findIndex(question => question.line === line)
    const question = questions[at]
    const next = lines[n + 1] ?? Infinity
    const fault = faults.find(each => each.line! >= line - 1 && each.line! < next - 1)
    const name = isGraded(lesson) && question ? t('studio:quizEditor.number', { number: at + 1 }) : practice
    const card = { line: line - 1, name }
    if (!question) return { ...card, problem: fault && t(fault.key, fault.values) }
    return {
      ...card,
      href: `${urlOf(course, lesson)}/questions/${question.id}`,
      points:
        isGraded(lesson) || question.points
          ? t('studio:editor.question.points', { count: question.points ?? 1 })
          : undefined,
      answers: hasChoices(question) ? undefined : answersOf(question, texts),
    }
  })
}

function answersOf(question: Question, { t }: Texts): QuestionCard['answers'] {
  const list = (items: string[]) => ({ isOrdered: false, items })
  const credited = (text: string, credit = 100) => {
    if (credit <= 0) return t('studio:editor.question.wrong', { text })
    return credit < 100 ? t('studio:editor.question.part', { text, credit }) : text
  }
  switch (question.kind) {
    case 'text':
      return list(question.answers.map(({ content, credit }) => credited(content, credit)))
    case 'number':
      return list(
        question.answers.map(({ value, tolerance, credit }) =>
          credited(
            [String(value), tolerance && `± ${tolerance}`, question.unit].filter(Boolean).join(' '),
            credit,
          ),
        ),
      )
    case 'match':
      return list([
        ...question.pairs.map(pair => t('studio:editor.question.pair', pair)),
        ...(question.others ?? []).map(text => t('studio:editor.question.other', { text })),
      ])
    case 'order':
      return { isOrdered: true, items: question.items }
    case 'cloze':
      return list([sentenceWithGaps(question)])
    default:
      return undefined
  }
}

/** The sentence of a question with gaps, with what each of them takes: `Read the [slope / gradient] first.` */
export function sentenceWithGaps({ text, gaps }: Extract<Question, { kind: 'cloze' }>): string {
  const gapOf = (n: number) => `[${gaps[n]?.accept.join(' / ') ?? '…'}]`
  return clozeParts(text)
    .map(part => (typeof part === 'number' ? gapOf(part) : part))
    .join('')
}
