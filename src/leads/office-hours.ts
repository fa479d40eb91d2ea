import { memoized } from '../platform/cached'
import { hours } from '../platform/clock'

/** Monday to Friday, 9:00 to 17:00 on the clock of a time zone. Public holidays count as any other day. */
const [opens, closes] = [9, 17]
const day = hours(24)
const quarterHour = hours(1) / 4

/**
 * Returns the moment after a number of office hours in an IANA time zone, such as `Europe/Prague`. Time outside office
 * hours doesn't count, and office hours follow the clock changes of the time zone.
 */
export function addOfficeHours(at: Date, officeHours: number, timeZone: string): Date {
  let left = hours(officeHours)
  let moment = at.getTime()
  for (;;) {
    const local = localTime(moment, timeZone)
    const start = instantOf(local, opens, timeZone)
    const end = instantOf(local, closes, timeZone)
    if (isWorkingDay(local) && moment < end) {
      const from = Math.max(moment, start)
      if (left <= end - from) return new Date(from + left)
      left -= end - from
    }
    moment = instantOf(local + day, opens, timeZone)
  }
}

/** A local date and time as if it were UTC, in milliseconds, so that clock changes don't affect arithmetic on it. */
type LocalTime = number

function isWorkingDay(local: LocalTime): boolean {
  const weekday = new Date(local).getUTCDay()
  return weekday !== 0 && weekday !== 6
}

function localTime(moment: number, timeZone: string): LocalTime {
  return Math.floor(moment / 1000) * 1000 + offsetAt({ timeZone, quarter: Math.floor(moment / quarterHour) })
}

/**
 * Returns the moment at which the clocks of a time zone show this hour on the day of `local`. No zone skips an hour in
 * the daytime.
 */
function instantOf(local: LocalTime, hour: number, timeZone: string): number {
  const wanted = Math.floor(local / day) * day + hours(hour)
  const guess = wanted - (localTime(wanted, timeZone) - wanted)
  return wanted - (localTime(guess, timeZone) - guess)
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
