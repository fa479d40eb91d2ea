import { choicesIn, type Answers } from '../courses/grade'
import type { GradedLesson } from '../courses/kinds/kinds'
import type { Question } from '../courses/quiz'
import type { LessonProgress } from '../learning/enrolment'
import type { TextLink, Texts } from '../web/texts'

export type QuizData = {
  /** The path of the lesson. */
  path: string
  lesson: GradedLesson
  questions: Question[]
  hasAccess: boolean
  progress: LessonProgress | undefined
  /** When the page was rendered, signed: the time an attempt takes is measured from it. */
  timestamp: string
  answers: Answers
  /** Error messages by field name. */
  errors: Record<string, string>
}

/** The quiz of a lesson: its form while attempts are left, otherwise the result of the attempts. */
export function quizView({ t }: Texts, data: QuizData) {
  const { path, lesson, questions, hasAccess, progress } = data
  const made = progress?.attempts ?? 0
  const isPassed = progress?.completedAt !== undefined
  const isUsedUp = lesson.attempts !== null && made >= lesson.attempts
  const isOpen = hasAccess && !isPassed && !isUsedUp
  const outcome = () => {
    const { correct, total } = progress?.best ?? { correct: 0, total: 0 }
    if (isPassed) return t('academy:quiz.passed', { correct, total })
    return t('academy:quiz.noneLeft', { count: made })
  }
  const attemptLinks: TextLink[] = Array.from({ length: made }, (_, n) => ({
    href: `${path}/attempts/${n + 1}`,
    text: t('academy:quiz.attempt', { number: n + 1 }),
  }))
  return {
    title: t('academy:quiz.title', { count: questions.length }),
    passMark: t('academy:quiz.passMark', { percent: lesson.passMark ?? 0 }),
    enrolFirst: hasAccess ? null : t('academy:quiz.enrolFirst'),
    result: hasAccess && !isOpen ? { text: outcome(), attempts: attemptLinks } : null,
    form: isOpen
      ? {
          action: `${path}/attempts`,
          made: made ? t('academy:quiz.attemptsMade', { count: made }) : null,
          lastAttempt: `${path}/attempts/${made}`,
          number: made + 1,
          timestamp: data.timestamp,
          questions: questions.map((question, n) => questionField(question, n + 1, data)),
          which:
            lesson.attempts === null
              ? t('academy:quiz.unlimited')
              : t('academy:quiz.which', { number: made + 1, limit: lesson.attempts }),
        }
      : null,
  }
}

function questionField({ id, kind, prompt, choices }: Question, number: number, data: QuizData) {
  const name = `q-${id}`
  const chosen = choicesIn(data.answers, id)
  const isMultiple = kind === 'multiple'
  return {
    name,
    legend: `${number}. ${prompt}`,
    isMultiple,
    inputType: isMultiple ? 'checkbox' : 'radio',
    error: data.errors[name] ?? null,
    choices: choices.map(({ content }, index) => ({
      value: index,
      text: content,
      isChecked: chosen.includes(index),
    })),
  }
}
