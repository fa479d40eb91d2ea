import { days, hours, minutes, seconds } from '../platform/clock'
import { instantOf, localTimeOf, type LocalTime } from '../platform/zoned-time'

/** Whether a file writes 3/4 for the third of April, or for the fourth of March. */
export type DayOrder = 'day-month' | 'month-day'

/** A time as it is written in a file: a moment, a time on some clock, or a time of day in milliseconds. */
export type WrittenTime =
  { moment: number } | { local: Record<DayOrder, LocalTime | null> } | { ofDay: number }

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const timeOfDay = String.raw`(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?(?:\s*([ap])\.?\s?m\.?)?`
const patterns = {
  iso: /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i,
  yearFirst: new RegExp(String.raw`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:T|,?\s+)${timeOfDay}$`, 'i'),
  yearLast: new RegExp(
    String.raw`^(\d{1,2})[-/.]\s?(\d{1,2})[-/.]\s?(\d{4}|\d{2})(?:,?\s+)${timeOfDay}$`,
    'i',
  ),
  monthFirst: new RegExp(String.raw`^([a-z]{3})[a-z]*\.?\s+(\d{1,2}),?\s+(\d{4}),?\s+${timeOfDay}$`, 'i'),
  dayFirst: new RegExp(String.raw`^(\d{1,2})\.?\s+([a-z]{3})[a-z]*\.?,?\s+(\d{4}),?\s+${timeOfDay}$`, 'i'),
  timeOnly: new RegExp(`^${timeOfDay}$`, 'i'),
}

/**
 * Reads a time as meeting services write it: ISO 8601, a date with its parts in any usual order, or only a time of day.
 *
 * @returns null for anything else, such as `--`.
 */
export function readWrittenTime(typed: string): WrittenTime | null {
  const isUtc = /\s(UTC|GMT)$/.test(typed)
  const text = typed
    .replace(/\s(UTC|GMT)$/, '')
    .replace(/[\s\u202f]+/gu, ' ')
    .trim()
  if (patterns.iso.test(text)) {
    const moment = Date.parse(text)
    return Number.isNaN(moment) ? null : { moment }
  }
  const local = readLocal(text)
  if (local) return isUtc ? { moment: local['month-day'] ?? local['day-month']! } : { local }
  const time = patterns.timeOnly.exec(text)
  const ofDay = time && clockTime(time.slice(1))
  return ofDay == null ? null : { ofDay }
}

function readLocal(text: string): Record<DayOrder, LocalTime | null> | null {
  const yearFirst = patterns.yearFirst.exec(text)
  if (yearFirst) return oneReading(localOf(yearFirst[1]!, yearFirst[2]!, yearFirst[3]!, yearFirst.slice(4)))
  const monthFirst = patterns.monthFirst.exec(text)
  if (monthFirst) {
    const month = monthNames.indexOf(monthFirst[1]!.toLowerCase()) + 1
    return oneReading(localOf(monthFirst[3]!, month, monthFirst[2]!, monthFirst.slice(4)))
  }
  const dayFirst = patterns.dayFirst.exec(text)
  if (dayFirst) {
    const month = monthNames.indexOf(dayFirst[2]!.toLowerCase()) + 1
    return oneReading(localOf(dayFirst[3]!, month, dayFirst[1]!, dayFirst.slice(4)))
  }
  const yearLast = patterns.yearLast.exec(text)
  if (!yearLast) return null
  const [, first, second, year] = yearLast as unknown as [string, string, string, string]
  const readings = {
    'month-day': localOf(year, first, second, yearLast.slice(4)),
    'day-month': localOf(year, second, first, yearLast.slice(4)),
  }
  return readings['month-day'] === null && readings['day-month'] === null ? null : readings
}

function oneReading(local: LocalTime | null): Record<DayOrder, LocalTime | null> | null {
  return local === null ? null : { 'month-day': local, 'day-month': local }
}

type Digits = string | number

function localOf(year: Digits, month: Digits, day: Digits, time: (string | undefined)[]): LocalTime | null {
  const ofDay = clockTime(time)
  if (ofDay === null) return null
  const [y, m, d] = [Number(year) < 100 ? Number(year) + 2000 : Number(year), Number(month), Number(day)]
  const midnight = new Date(Date.UTC(y, m - 1, d))
  const isDate =
    midnight.getUTCFullYear() === y && midnight.getUTCMonth() === m - 1 && midnight.getUTCDate() === d
  return isDate ? midnight.getTime() + ofDay : null
}

/** Returns the time of day in milliseconds; null for one that no clock shows. */
function clockTime([hour, minute, second = '0', half]: (string | undefined)[]): number | null {
  const [h, m, s] = [Number(hour), Number(minute), Number(second)]
  if (m > 59 || s > 59 || h > 23 || (half && (h < 1 || h > 12))) return null
  const isAfternoon = half?.toLowerCase() === 'p'
  return hours(half ? (h % 12) + (isAfternoon ? 12 : 0) : h) + minutes(m) + seconds(s)
}

/**
 * Returns the moment of a written time.
 *
 * @param near a time of day is on the day on which this moment is in the time zone.
 */
export function momentOf(
  written: WrittenTime,
  { timeZone, order, near }: { timeZone: string; order: DayOrder; near: Date },
): number | null {
  if ('moment' in written) return written.moment
  if ('local' in written) {
    const local = written.local[order]
    return local === null ? null : instantOf(local, timeZone)
  }
  const day = localTimeOf(near.getTime(), timeZone)
  return instantOf(day - (((day % days(1)) + days(1)) % days(1)) + written.ofDay, timeZone)
}

const units: Record<string, number> = { h: hours(1), m: minutes(1), s: seconds(1) }

/** No meeting lasts longer. A moment after a duration without limits would be none. */
const longestStay = days(7)

/**
 * Reads how long someone was there: `43m 12s`, `1 hr 2 min`, `45 mins`, `1:02:03`, `32:14`, or a number of minutes.
 *
 * @returns milliseconds; null for anything else, and for more than a week.
 */
export function readDuration(typed: string): number | null {
  const duration = parseDuration(typed)
  return duration !== null && duration <= longestStay ? duration : null
}

function parseDuration(typed: string): number | null {
  const text = typed.toLowerCase().replace(/^<\s*/, '').trim()
  if (/^\d+([.,]\d+)?$/.test(text)) return minutes(Number(text.replace(',', '.')))
  const clock = /^(?:(\d+):)?(\d{1,3}):(\d{2})$/.exec(text)
  if (clock) return hours(Number(clock[1] ?? 0)) + minutes(Number(clock[2])) + seconds(Number(clock[3]))
  if (!/^(\d+\s*(h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?)\b[\s,.]*)+$/.test(text)) return null
  return [...text.matchAll(/(\d+)\s*([hms])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * units[unit!]!,
    0,
  )
}
