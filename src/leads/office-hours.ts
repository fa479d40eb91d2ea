import { hours, minutes } from '../platform/clock'
import { instantOf, localTimeOf, type LocalTime } from '../platform/zoned-time'

/** A person's office hours, on the clock of their time zone. */
export type OfficeHours = {
  /** 1 for Monday to 7 for Sunday; at least one. */
  days: readonly number[]
  /** Minutes after midnight; `opens` is before `closes`. */
  opens: number
  closes: number
  /** Days without work, `YYYY-MM-DD`. */
  daysOff: readonly string[]
}

/** Monday to Friday, 9:00 to 17:00, until a sales lead has said otherwise. */
export const standardHours: OfficeHours = {
  days: [1, 2, 3, 4, 5],
  opens: 9 * 60,
  closes: 17 * 60,
  daysOff: [],
}

const day = hours(24)

/**
 * Returns the moment after a number of office hours in an IANA time zone, such as `Europe/Prague`. Time outside office
 * hours doesn't count, and office hours follow the clock changes of the time zone.
 */
export function addOfficeHours(
  at: Date,
  officeHours: number,
  timeZone: string,
  office: OfficeHours = standardHours,
): Date {
  let left = hours(officeHours)
  let moment = at.getTime()
  for (;;) {
    const local = localTimeOf(moment, timeZone)
    const start = momentOf(local, office.opens, timeZone)
    const end = momentOf(local, office.closes, timeZone)
    if (isWorkingDay(local, office) && moment < end) {
      const from = Math.max(moment, start)
      if (left <= end - from) return new Date(from + left)
      left -= end - from
    }
    moment = momentOf(local + day, office.opens, timeZone)
  }
}

function isWorkingDay(local: LocalTime, { days, daysOff }: OfficeHours): boolean {
  const date = new Date(local)
  return days.includes(date.getUTCDay() || 7) && !daysOff.includes(date.toISOString().slice(0, 10))
}

/** Returns the moment at which the clocks of a time zone show this minute of the day of `local`. */
function momentOf(local: LocalTime, minute: number, timeZone: string): number {
  return instantOf(Math.floor(local / day) * day + minutes(minute), timeZone)
}
