import type { Response } from 'express'
import { days, now } from '../platform/clock'
import type { Translate } from './i18n'

const day = days(1)

/** How the desk says when something happened, in the reader's language, UTC. */
export function relativeTimes(response: Response) {
  const { t, lang, date, minutes } = response.locals as {
    t: Translate
    lang: string
    date: (moment: Date, format: 'short' | 'time' | 'weekday') => string
    minutes: (length: number) => string
  }
  const weekday = new Intl.DateTimeFormat(lang, { weekday: 'long', timeZone: 'UTC' })
  const shortWeekday = new Intl.DateTimeFormat(lang, { weekday: 'short', timeZone: 'UTC' })
  const ago = (moment: Date) => dayNumber(now()) - dayNumber(moment)
  return {
    /** For a column: `09:42` today, then `yesterday`, `Thu 19`, `4 Oct`. */
    short: (moment: Date): string => {
      if (ago(moment) <= 0) return date(moment, 'time')
      if (ago(moment) === 1) return t('sales:relativeTime.yesterday')
      if (ago(moment) < 7) return `${shortWeekday.format(moment)} ${moment.getUTCDate()}`
      return date(moment, 'short')
    },
    /** For a sentence: `today at 09:42`, `yesterday`, `on Saturday`, `on 4 Oct`. */
    inSentence: (moment: Date): string => {
      if (ago(moment) <= 0) return t('sales:relativeTime.todayAt', { time: date(moment, 'time') })
      if (ago(moment) === 1) return t('sales:relativeTime.yesterday')
      return t('sales:relativeTime.on', {
        day: ago(moment) < 7 ? weekday.format(moment) : date(moment, 'short'),
      })
    },
    /** How long: `38 min`, `5 h 40`, `3 days`. */
    span: (length: number): string =>
      length < 24 * 60
        ? minutes(length)
        : t('sales:respondBy.days', { count: Math.floor(length / (24 * 60)) }),
    /** For a heading of a day: `Today, Monday 23 November`, `Sunday 22 November`. */
    heading: (moment: Date): string => {
      const named = date(moment, 'weekday')
      return ago(moment) === 0 ? t('sales:relativeTime.today', { day: named }) : named
    },
  }
}

/** Today and the days before it as `YYYY-MM-DD`, UTC. */
export function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10)
}

function dayNumber(moment: Date): number {
  return Math.floor(moment.getTime() / day)
}
