import type { Response } from 'express'
import { memoized } from '../platform/cached'
import { days, now } from '../platform/clock'

const day = days(1)

/** Creating a format takes longer than using it a hundred times. */
const weekdaysIn = memoized((lang: string) => ({
  weekday: new Intl.DateTimeFormat(lang, { weekday: 'long', timeZone: 'UTC' }),
  shortWeekday: new Intl.DateTimeFormat(lang, { weekday: 'short', timeZone: 'UTC' }),
}))

/** Formats when something happened as sales reads it: relative to today, in the reader's language and in UTC. */
export function relativeTimes(response: Response) {
  const { t, lang, date, minutes } = response.locals
  const { weekday, shortWeekday } = weekdaysIn(lang)
  const daysAgo = (moment: Date) => dayNumber(now()) - dayNumber(moment)
  return {
    /** For a column: `09:42` today, then `yesterday`, `Thu 19`, `4 Oct`. */
    short: (moment: Date): string => {
      if (daysAgo(moment) <= 0) return date(moment, 'time')
      if (daysAgo(moment) === 1) return t('sales:relativeTime.yesterday')
      if (daysAgo(moment) < 7) return `${shortWeekday.format(moment)} ${moment.getUTCDate()}`
      return date(moment, 'short')
    },
    /** For a sentence: `today at 09:42`, `yesterday`, `on Saturday`, `on 4 Oct`. */
    inSentence: (moment: Date): string => {
      if (daysAgo(moment) <= 0) return t('sales:relativeTime.todayAt', { time: date(moment, 'time') })
      if (daysAgo(moment) === 1) return t('sales:relativeTime.yesterday')
      return t('sales:relativeTime.on', {
        day: daysAgo(moment) < 7 ? weekday.format(moment) : date(moment, 'short'),
      })
    },
    /** The first day that is entirely after a moment, as `YYYY-MM-DD`. */
    dayAfter: (moment: Date): string => dayOf(new Date(moment.getTime() + day)),
    /** A duration in minutes: `38 min`, `5 h 40`, `3 days`. */
    span: (length: number): string =>
      length < 24 * 60
        ? minutes(length)
        : t('sales:respondBy.days', { count: Math.floor(length / (24 * 60)) }),
    /** For the heading of a day: `Today, Monday 23 November`, `Sunday 22 November`. */
    heading: (moment: Date): string => {
      const named = date(moment, 'weekday')
      return daysAgo(moment) === 0 ? t('sales:relativeTime.today', { day: named }) : named
    },
  }
}

/** The day as `YYYY-MM-DD`, in UTC. */
export function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10)
}

function dayNumber(moment: Date): number {
  return Math.floor(moment.getTime() / day)
}
