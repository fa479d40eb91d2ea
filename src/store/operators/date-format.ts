import { notImplemented, serverError } from '../errors'
import { msPerDay } from './calendar'
import { localToUtc, parseTimeZone, utc, utcToLocal, type TimeZone } from './time-zone'

/** Returns the day of the year, from 1 to 366. */
export function dayOfYear(local: Date): number {
  const first = new Date(0)
  first.setUTCFullYear(local.getUTCFullYear(), 0, 1)
  return Math.floor((local.getTime() - first.getTime()) / msPerDay) + 1
}

/**
 * Returns the week of the year, from 0 to 53. Weeks start on Sunday; days before the first Sunday are in week
 * 0.
 */
export function weekOfYear(local: Date): number {
  return Math.floor((dayOfYear(local) + 6 - local.getUTCDay()) / 7)
}

/**
 * Returns the week and its year according to ISO 8601: weeks start on Monday, and week 1 contains the first
 * Thursday.
 */
export function isoWeek(local: Date): { year: number; week: number } {
  const thursday = new Date(local.getTime() + (4 - (local.getUTCDay() || 7)) * msPerDay)
  return { year: thursday.getUTCFullYear(), week: Math.floor((dayOfYear(thursday) - 1) / 7) + 1 }
}

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

const specifiers: Record<string, (local: Date, offset: number) => string> = {
  Y: local => padYear(local.getUTCFullYear()),
  m: local => pad(local.getUTCMonth() + 1, 2),
  d: local => pad(local.getUTCDate(), 2),
  H: local => pad(local.getUTCHours(), 2),
  M: local => pad(local.getUTCMinutes(), 2),
  S: local => pad(local.getUTCSeconds(), 2),
  L: local => pad(local.getUTCMilliseconds(), 3),
  j: local => pad(dayOfYear(local), 3),
  w: local => String(local.getUTCDay() + 1),
  u: local => String(local.getUTCDay() || 7),
  U: local => pad(weekOfYear(local), 2),
  V: local => pad(isoWeek(local).week, 2),
  G: local => padYear(isoWeek(local).year),
  b: local => months[local.getUTCMonth()]!.slice(0, 3),
  B: local => months[local.getUTCMonth()]!,
  z: (_, offset) =>
    `${offset < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(offset) / 60), 2)}${pad(Math.abs(offset) % 60, 2)}`,
  Z: (_, offset) => String(offset),
  '%': () => '%',
}

function padYear(year: number): string {
  if (!(year >= 0 && year <= 9999))
    throw serverError(
      18537,
      `Could not convert date to string: date component was outside the supported range of 0-9999: ${year}`,
    )
  return pad(year, 4)
}

function pad(value: number, size: number): string {
  return String(value).padStart(size, '0')
}

/**
 * Formats a time for a time zone. MongoDB manual, "$dateToString (aggregation)", format specifiers:
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/dateToString/
 *
 * @throws 18537 for a year outside 0 to 9999
 */
export function formatDate(time: number, zone: TimeZone, pattern = '%Y-%m-%dT%H:%M:%S.%LZ'): string {
  const local = new Date(utcToLocal(time, zone))
  return pattern.replace(/%(.)/gs, (_, letter: string) =>
    specifiers[letter]!(local, Math.trunc(zone(time) / 60_000)),
  )
}

/**
 * Checks the format of $dateToString.
 *
 * @throws 18535 or 18536
 */
export function checkDateFormat(format: string): void {
  for (const [found, letter] of format.matchAll(/%(.)?/gs)) {
    if (letter === undefined) throw serverError(18535, "Unmatched '%' at end of format string")
    if (!Object.hasOwn(specifiers, letter))
      throw serverError(18536, `Invalid format character '${found}' in format string`)
  }
}

/** Formats a date as ISO 8601 in UTC, with milliseconds. */
export function formatIsoDate(date: Date): string {
  return formatDate(date.getTime(), utc)
}

/**
 * Parses a date in ISO 8601 form; without a time zone it is in UTC. MongoDB accepts more forms.
 *
 * @throws 238 for a string that may be a date in another form, 241 for one that is not a date
 */
export function parseDate(text: string): Date {
  const bad = () => serverError(241, `Error parsing date string '${text}' in $convert with no onError value`)
  const found =
    /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i.exec(
      text.trim(),
    )
  if (!found) throw /\d/.test(text) ? notImplemented(`the date string '${text}'`) : bad()
  const [year, month, date, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map(value => (value === undefined ? 0 : Number(value))) as number[]
  const milliseconds = Number((found[7] ?? '').padEnd(3, '0') || 0)
  const local = new Date(Date.UTC(2000, month! - 1, date!, hour, minute, second, milliseconds))
  local.setUTCFullYear(year!, month! - 1, date!)
  if (
    local.getUTCMonth() !== month! - 1 ||
    local.getUTCDate() !== date ||
    hour > 23 ||
    minute > 59 ||
    second > 59
  )
    throw bad()
  const zone = found[8] && !/^z$/i.test(found[8]) ? parseTimeZone(found[8]) : utc
  return new Date(localToUtc(local.getTime(), zone))
}
