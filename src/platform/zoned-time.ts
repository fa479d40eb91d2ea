import { memoized } from './cached'
import { days, hours } from './clock'

/** A local date and time as if it were UTC, in milliseconds, so that clock changes don't affect arithmetic on it. */
export type LocalTime = number

const quarterHour = hours(1) / 4

/** Returns what the clocks of an IANA time zone, such as `Europe/Prague`, show at a moment. */
export function localTimeOf(moment: number, timeZone: string): LocalTime {
  return Math.floor(moment / 1000) * 1000 + offsetAt({ timeZone, quarter: Math.floor(moment / quarterHour) })
}

/**
 * Returns the moment at which the clocks of a time zone show a local time: when they show it twice, one of the two, and
 * when they skip it, one within the time they skip.
 */
export function instantOf(local: LocalTime, timeZone: string): number {
  const guess = local - (localTimeOf(local, timeZone) - local)
  return local - (localTimeOf(guess, timeZone) - guess)
}

/**
 * Returns the moments at which the clocks of a time zone show a local time, the first one first: two when they are put
 * back over it, and none when they skip it.
 */
export function momentsShowing(local: LocalTime, timeZone: string): number[] {
  return [...new Set(guessesOf(local, timeZone))]
    .filter(moment => localTimeOf(moment, timeZone) === local)
    .sort((a, b) => a - b)
}

/**
 * Returns the moment of a local time as calendars understand it (RFC 5545, section 3.3.5): the first of two, and for a
 * time that the clocks skip, as far after the change as it would have been without it.
 */
export function momentIn(local: LocalTime, timeZone: string): Date {
  const [before] = guessesOf(local, timeZone)
  return new Date(momentsShowing(local, timeZone)[0] ?? before)
}

/** The moments of a local time by the clocks of the day before and of the day after. */
function guessesOf(local: LocalTime, timeZone: string): [before: number, after: number] {
  const aheadAt = (moment: number) => localTimeOf(moment, timeZone) - moment
  return [local - aheadAt(local - days(1)), local - aheadAt(local + days(1))]
}

/** How far the clocks of a time zone are ahead of UTC. They change only at a full quarter of an hour. */
const offsetAt = memoized(
  ({ timeZone, quarter }: { timeZone: string; quarter: number }) => {
    const moment = quarter * quarterHour
    const parts = formatOf(timeZone).formatToParts(moment)
    const numberOf = (type: string) => Number(parts.find(part => part.type === type)!.value)
    const [year, month, date] = [numberOf('year'), numberOf('month'), numberOf('day')]
    return Date.UTC(year, month - 1, date, numberOf('hour'), numberOf('minute'), numberOf('second')) - moment
  },
  { nameOf: ({ timeZone, quarter }) => `${quarter} ${timeZone}` },
)

const formatOf = memoized(
  (timeZone: string) =>
    new Intl.DateTimeFormat('en', {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      hourCycle: 'h23',
      timeZone,
    }),
)
