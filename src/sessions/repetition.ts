import { days } from '../platform/clock'
import { localTimeOf, momentIn, type LocalTime } from '../platform/zoned-time'

/** How the sessions of a series follow each other; one whose dates were chosen has none. */
export const repetitions = ['weekly', 'fortnightly', 'monthly'] as const
export type Repetition = (typeof repetitions)[number]

/**
 * Returns the starts of a series, which stays at its hour on the clocks of its time zone.
 *
 * @param first the first start, as those clocks show it.
 * @param count how many there are, with the first one.
 */
export function startsOf(
  first: LocalTime,
  { repetition, count, timeZone }: { repetition: Repetition; count: number; timeZone: string },
): Date[] {
  return Array.from({ length: count }, (_, n) => momentIn(repeated(first, repetition, n), timeZone))
}

/** Returns a start on another day, at the same hour of its time zone. */
export function startOn(day: LocalTime, first: LocalTime, timeZone: string): Date {
  return momentIn(dayOf(day) + timeOfDay(first), timeZone)
}

/** Returns the same time on the clocks of a time zone, weeks later. */
export function weeksLater(start: Date, weeks: number, timeZone: string): Date {
  return momentIn(localTimeOf(start.getTime(), timeZone) + days(7 * weeks), timeZone)
}

/**
 * Returns when another session of a series starts after one of them was moved: as many days earlier or later, and at
 * the new hour.
 *
 * @param moved the session's start before and after, and the time zones in which the host chose them.
 */
export function movedAlong(
  start: Date,
  moved: { from: Date; to: Date; fromZone: string; toZone: string },
): Date {
  const from = localTimeOf(moved.from.getTime(), moved.fromZone)
  const to = localTimeOf(moved.to.getTime(), moved.toZone)
  const own = localTimeOf(start.getTime(), moved.fromZone)
  return momentIn(dayOf(own) + dayOf(to) - dayOf(from) + timeOfDay(to), moved.toZone)
}

const timeOfDay = (local: LocalTime) => ((local % days(1)) + days(1)) % days(1)
const dayOf = (local: LocalTime) => local - timeOfDay(local)

function repeated(first: LocalTime, repetition: Repetition, n: number): LocalTime {
  if (repetition !== 'monthly') return first + n * days(repetition === 'weekly' ? 7 : 14)
  return sameWeekday(first, n)
}

/** The second Tuesday of a month is followed by that of the next; the fifth one by the last one. */
function sameWeekday(first: LocalTime, monthsLater: number): LocalTime {
  const date = new Date(first)
  const inMonth = Math.ceil(date.getUTCDate() / 7)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + monthsLater]
  const firstDay = new Date(Date.UTC(year, month, 1))
  const toWeekday = (date.getUTCDay() - firstDay.getUTCDay() + 7) % 7
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  const day = 1 + toWeekday + 7 * (inMonth - 1)
  return Date.UTC(year, month, day > lastDay ? day - 7 : day) + timeOfDay(first)
}
