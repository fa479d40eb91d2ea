import type { ShownQuestion } from '../courses/draw'
import type { Answers } from '../courses/grade'
import type { GradedLesson } from '../courses/kinds/kinds'
import type { LessonProgress } from '../learning/enrolment'
import { now } from '../platform/clock'
import type { Published } from '../courses/published'
import { quizQuestion } from './quiz-question'
import type { TextLink, Texts } from '../web/texts'

export type QuizData = {
  /** The path of the lesson. */
  path: string
  lesson: GradedLesson
  /** How many questions an attempt has. */
  count: number
  /** The questions of the next attempt. */
  shown: ShownQuestion[]
  hasAccess: boolean
  progress: LessonProgress | undefined
  /** When the page was rendered, signed: the time an attempt takes is measured from it. */
  timestamp: string
  answers: Answers
  /** When the answers were kept; null for answers that weren't. */
  keptAt: Date | null
  /** When the next attempt may be made, if there is a cooldown. */
  nextAttemptAt: Date | null
  /** Error messages by field name. */
  errors: Record<string, string>
  /** The ids of the questions whose answers have been checked. */
  checked: ReadonlySet<string>
  published: Published
  /** How many questions had no answer when the form was sent; 0 before. */
  unanswered: number
}

/** The quiz of a lesson: its form while attempts are left, otherwise the result of the attempts. */
export function quizView(texts: Texts, data: QuizData) {
  const { t, date } = texts
  const { path, lesson, hasAccess, progress, nextAttemptAt } = data
  const made = progress?.attempts ?? 0
  const isPassed = progress?.completedAt !== undefined
  const isUsedUp = lesson.attempts !== null && made >= lesson.attempts
  const isOpen = hasAccess && !isPassed && !isUsedUp
  const isWaiting = isOpen && nextAttemptAt !== null && nextAttemptAt > now()
  const outcome = () => {
    const { correct, total } = progress?.best ?? { correct: 0, total: 0 }
    if (isPassed) return t('academy:quiz.passed', { correct, total })
    if (isWaiting) return t('academy:quiz.waiting', { time: date(nextAttemptAt, 'full') })
    return t('academy:quiz.noneLeft', { count: made })
  }
  const attemptLinks: TextLink[] = Array.from({ length: made }, (_, n) => ({
    href: `${path}/attempts/${n + 1}`,
    text: t('academy:quiz.attempt', { number: n + 1 }),
  }))
  return {
    title: t('academy:quiz.title', { count: data.count }),
    passMark: t('academy:quiz.passMark', { percent: lesson.passMark ?? 0 }),
    enrolFirst: hasAccess ? null : t('academy:quiz.enrolFirst'),
    result: hasAccess && (!isOpen || isWaiting) ? { text: outcome(), attempts: attemptLinks } : null,
    form: isOpen && !isWaiting ? formView(texts, data, made) : null,
  }
}

function formView(texts: Texts, { path, lesson, shown, keptAt, ...data }: QuizData, made: number) {
  const { t, date } = texts
  return {
    action: `${path}/attempts`,
    keep: `${path}/answers`,
    kept: keptAt && t('academy:quiz.kept', { time: date(keptAt, 'full') }),
    made: made ? t('academy:quiz.attemptsMade', { count: made }) : null,
    lastAttempt: `${path}/attempts/${made}`,
    number: made + 1,
    course: data.published.content.title,
    rest: [t('academy:quiz.passMark', { percent: lesson.passMark ?? 0 }), whichText(t, lesson, made)].join(
      ' · ',
    ),
    timestamp: data.timestamp,
    questions: shown.map((each, n) =>
      quizQuestion(texts, each, n, {
        ...{ path, lesson, published: data.published, total: shown.length },
        ...{ answers: data.answers, checked: data.checked, errors: data.errors },
      }),
    ),
    unanswered: data.unanswered
      ? {
          title: t('academy:quiz.unansweredTitle', { count: data.unanswered, total: shown.length }),
          text: t('academy:quiz.unansweredText'),
          links: Object.entries(data.errors).map(([name, text]): TextLink => ({ href: `#${name}`, text })),
        }
      : null,
    which: whichText(t, lesson, made),
  }
}

function whichText(t: Texts['t'], { attempts }: GradedLesson, made: number): string {
  if (attempts === null) return t('academy:quiz.unlimited')
  return t('academy:quiz.which', { number: made + 1, limit: attempts })
}
