import { isNamed } from '../events/event'
import type { Ledger } from '../scoring/read-ledger'
import { topicName, type SalesTexts } from './sales-texts'

/** The most rows: of more, the latest. */
const maxRows = 100

/**
 * Returns the ready-to-print quizzes and lessons that a person has finished by a moment, newest first: results and
 * minutes, without their answers. Null when there are none.
 */
export function learningView(ledger: Ledger, at: Date, texts: SalesTexts) {
  const { t, minutes, number, date, iso } = texts
  const until = ledger.filter(event => event.at <= at)
  const attempts = until.filter(isNamed('quiz.attempted'))
  const completed = until.filter(isNamed('lesson.completed'))
  /** A quiz is finished by the attempt that passes, whose minutes are those of the lesson. */
  const finishedBy = ({ course, data }: (typeof attempts)[number]) =>
    completed.find(
      each => data.passed && each.data.lesson === data.lesson && String(each.course) === String(course),
    )
  const lessons = completed.filter(lesson => !attempts.some(each => finishedBy(each) === lesson))
  const secondsOf = (each: (typeof attempts)[number]) =>
    each.data.seconds ?? finishedBy(each)?.data.seconds ?? 0
  if (!attempts.length && !lessons.length) return null
  const questions = attempts.reduce((sum, { data }) => sum + data.total, 0)
  const seconds =
    lessons.reduce((sum, { data }) => sum + data.seconds, 0) +
    attempts.reduce((sum, each) => sum + secondsOf(each), 0)
  const minutesIn = (time: number) => minutes(Math.max(1, Math.round(time / 60)))
  const rows = [
    ...attempts.map(attempt => {
      const { title, correct, total, passed, weakTopics } = attempt.data
      const spent = secondsOf(attempt)
      const topics = weakTopics.map(topicName).join(', ')
      return {
        when: attempt.at,
        title,
        icon: passed ? 'seal-check' : 'x-circle',
        result: t(`sales:learning.${passed ? 'passed' : 'failed'}`, { correct, total }),
        note: [spent && minutesIn(spent), topics && t('sales:learning.unsure', { topics })]
          .filter(Boolean)
          .join(' · '),
      }
    }),
    ...lessons.map(({ at: when, data: { title, seconds: spent, minutes: length } }) => ({
      when,
      title,
      icon: 'check',
      result: spent ? t('sales:learning.time', { time: minutesIn(spent), length: minutes(length) }) : '',
      note: '',
    })),
  ].sort((a, b) => b.when.getTime() - a.when.getTime())
  return {
    summary: [
      questions && t('sales:learning.questions', { count: questions, number: number(questions) }),
      seconds && t('sales:learning.attention', { time: minutesIn(seconds) }),
    ]
      .filter(Boolean)
      .join(', '),
    rows: rows.slice(0, maxRows).map(row => ({ ...row, iso: iso(row.when), when: date(row.when, 'short') })),
    more: rows.length > maxRows ? t('sales:learning.latest', { count: maxRows }) : null,
  }
}
