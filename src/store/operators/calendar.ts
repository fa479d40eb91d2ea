import { localToUtc, utcToLocal, type TimeZone } from './time-zone'

export const msPerDay = 86_400_000

export const units = [
  'year',
  'quarter',
  'month',
  'week',
  'day',
  'hour',
  'minute',
  'second',
  'millisecond',
] as const
export type Unit = (typeof units)[number]

/** In milliseconds, or in months for those that have no fixed length. */
export const unitLengths: Record<Unit, number> = {
  year: 12,
  quarter: 3,
  month: 1,
  week: 7 * msPerDay,
  day: msPerDay,
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
  millisecond: 1,
}

/** Those that pass by the clock, whatever the wall shows. */
export function isSubDay(unit: Unit): boolean {
  return unitLengths[unit] < msPerDay && !isOfMonths(unit)
}

function isOfMonths(unit: Unit): boolean {
  return unit === 'year' || unit === 'quarter' || unit === 'month'
}

/** What $dateAdd takes is less than this: about the range of a date of 64 bits. */
export function maxAmount(unit: Unit): number {
  const days = 213_503_982_335
  return isOfMonths(unit)
    ? (584_942_418 * 12) / unitLengths[unit]
    : Math.floor((days * msPerDay) / unitLengths[unit])
}

/** Months since the year 0, and the first instant of a month as if in UTC. */
function monthOf(local: number): number {
  const date = new Date(local)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

function startOfMonth(month: number): number {
  const date = new Date(0)
  date.setUTCFullYear(Math.floor(month / 12), month - Math.floor(month / 12) * 12, 1)
  return date.getTime()
}

/** Bins are counted from the first of January 2000. */
const origin = Date.UTC(2000, 0, 1)

/** The start of the bin that holds `time`. */
export function truncateDate(
  time: number,
  unit: Unit,
  size: number,
  zone: TimeZone,
  firstDay: number,
): number {
  const bin = (value: number, from: number, width: number) =>
    from + Math.floor((value - from) / width) * width
  if (isOfMonths(unit))
    return localToUtc(
      startOfMonth(bin(monthOf(utcToLocal(time, zone)), 24_000, unitLengths[unit] * size)),
      zone,
    )
  if (unit === 'day' || unit === 'week') {
    // The first of January 2000 was a Saturday; weeks are counted from the first wanted weekday after it.
    const from = unit === 'day' ? origin : origin + ((firstDay + 1) % 7) * msPerDay
    return localToUtc(bin(utcToLocal(time, zone), from, unitLengths[unit] * size), zone)
  }
  return bin(time, localToUtc(origin, zone), unitLengths[unit] * size)
}

/** Days and longer move the clock on the wall; in a shorter month the last day is taken. */
export function addUnits(time: number, unit: Unit, amount: number, zone: TimeZone): number {
  if (isSubDay(unit)) return time + amount * unitLengths[unit]
  const local = utcToLocal(time, zone)
  if (unit === 'day' || unit === 'week') return localToUtc(local + amount * unitLengths[unit], zone)
  const month = monthOf(local)
  const target = month + amount * unitLengths[unit]
  if (Math.abs(target) > 4_000_000) return NaN
  const days = (startOfMonth(target + 1) - startOfMonth(target)) / msPerDay
  const date = Math.min(new Date(local).getUTCDate(), days)
  const inDay = local - Math.floor(local / msPerDay) * msPerDay
  return localToUtc(startOfMonth(target) + (date - 1) * msPerDay + inDay, zone)
}

/** How many starts of a unit lie between two instants. */
export function countBoundaries(
  start: number,
  end: number,
  unit: Unit,
  zone: TimeZone,
  firstDay: number,
): number {
  const [from, to] = [utcToLocal(start, zone), utcToLocal(end, zone)]
  const between = (a: number, b: number, width: number, shift = 0) =>
    Math.floor((b + shift) / width) - Math.floor((a + shift) / width)
  switch (unit) {
    case 'year':
    case 'quarter':
    case 'month':
      return between(monthOf(from), monthOf(to), unitLengths[unit])
    case 'week':
      // The first of January 1970 was a Thursday.
      return between(from, to, 7 * msPerDay, ((4 - firstDay + 7) % 7) * msPerDay)
    case 'day':
      return between(from, to, msPerDay)
    default:
      return between(start, end, unitLengths[unit], zone(start))
  }
}
