import { hours } from '../platform/clock'
import { instantOf, localTimeOf, type LocalTime } from '../platform/zoned-time'

/** Monday to Friday, 9:00 to 17:00 on the clock of a time zone. Public holidays count as any other day. */
const [opens, closes] = [9, 17]
const day = hours(24)

/**
 * Returns the moment after a number of office hours in an IANA time zone, such as `Europe/Prague`. Time outside office
 * hours doesn't count, and office hours follow the clock changes of the time zone.
 */
export function addOfficeHours(at: Date, officeHours: number, timeZone: string): Date {
  let left = hours(officeHours)
  let moment = at.getTime()
  for (;;) {
    const local = localTimeOf(moment, timeZone)
    const start = hourOf(local, opens, timeZone)
    const end = hourOf(local, closes, timeZone)
    if (isWorkingDay(local) && moment < end) {
      const from = Math.max(moment, start)
      if (left <= end - from) return new Date(from + left)
      left -= end - from
    }
    moment = hourOf(local + day, opens, timeZone)
  }
}

function isWorkingDay(local: LocalTime): boolean {
  const weekday = new Date(local).getUTCDay()
  return weekday !== 0 && weekday !== 6
}

/** Returns the moment at which the clocks of a time zone show this hour on the day of `local`. */
function hourOf(local: LocalTime, hour: number, timeZone: string): number {
  return instantOf(Math.floor(local / day) * day + hours(hour), timeZone)
}
