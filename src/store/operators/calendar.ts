import { localToUtc, utcToLocal, type TimeZone } from './time-zone'

/** Milliseconds per day. */
export const msPerDay = 86_400_000

/** The units of time of the date operators. */
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
/** A unit of time. */
export type Unit = (typeof units)[number]

/** The length of each unit in milliseconds, or in months for units without a fixed length. */
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

/** Returns true for units shorter than a day. They count elapsed time, whatever the local clock shows. */
export function isSubDay(unit: Unit): boolean {
  return unitLengths[unit] < msPerDay && !isOfMonths(unit)
}

function isOfMonths(unit: Unit): boolean {
  return unit === 'year' || unit === 'quarter' || unit === 'month'
}

/** Returns the limit that the amount of $dateAdd must stay below: about the range of a 64-bit date. */
export function maxAmount(unit: Unit): number {
  const days = 213_503_982_335
  return isOfMonths(unit)
    ? (584_942_418 * 12) / unitLengths[unit]
    : Math.floor((days * msPerDay) / unitLengths[unit])
}

/** Returns the number of months since the year 0, for a local time as if in UTC. */
function monthOf(local: number): number {
  const date = new Date(local)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

function startOfMonth(month: number): number {
  const date = new Date(0)
  date.setUTCFullYear(Math.floor(month / 12), month - Math.floor(month / 12) * 12, 1)
  return date.getTime()
}

/** Bins are counted from 1 January 2000. */
const origin = Date.UTC(2000, 0, 1)

/** Returns the start of the bin of `size` units that contains `time`. Times are milliseconds since 1970. */
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
    // 1 January 2000 was a Saturday. Weeks are counted from the first `firstDay` after it.
    const from = unit === 'day' ? origin : origin + ((firstDay + 1) % 7) * msPerDay
    return localToUtc(bin(utcToLocal(time, zone), from, unitLengths[unit] * size), zone)
  }
  return bin(time, localToUtc(origin, zone), unitLengths[unit] * size)
}

/**
 * Adds an amount of a unit to a time. Days and longer units move the local clock; if the resulting month is
 * too short, the date becomes its last day. Returns NaN outside the range of a Date.
 */
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

/** Counts how many starts of a unit lie between two times. */
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
      // 1 January 1970 was a Thursday.
      return between(from, to, 7 * msPerDay, ((4 - firstDay + 7) % 7) * msPerDay)
    case 'day':
      return between(from, to, msPerDay)
    default:
      return between(start, end, unitLengths[unit], zone(start))
  }
}
