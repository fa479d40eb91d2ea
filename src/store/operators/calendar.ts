import { fromLocal, toLocal, type Zone } from './zone'

export const day = 86_400_000

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
export const lengths: Record<Unit, number> = {
  year: 12,
  quarter: 3,
  month: 1,
  week: 7 * day,
  day,
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
  millisecond: 1,
}

/** Those that pass by the clock, whatever the wall shows. */
export function isSmall(unit: Unit): boolean {
  return lengths[unit] < day && !isOfMonths(unit)
}

function isOfMonths(unit: Unit): boolean {
  return unit === 'year' || unit === 'quarter' || unit === 'month'
}

/** What $dateAdd takes is less than this: about the range of a date of 64 bits. */
export function mostUnits(unit: Unit): number {
  const days = 213_503_982_335
  return isOfMonths(unit) ? (584_942_418 * 12) / lengths[unit] : Math.floor((days * day) / lengths[unit])
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
export function truncate(time: number, unit: Unit, size: number, zone: Zone, firstDay: number): number {
  const bin = (value: number, from: number, width: number) =>
    from + Math.floor((value - from) / width) * width
  if (isOfMonths(unit))
    return fromLocal(startOfMonth(bin(monthOf(toLocal(time, zone)), 24_000, lengths[unit] * size)), zone)
  if (unit === 'day' || unit === 'week') {
    // The first of January 2000 was a Saturday; weeks are counted from the first wanted weekday after it.
    const from = unit === 'day' ? origin : origin + ((firstDay + 1) % 7) * day
    return fromLocal(bin(toLocal(time, zone), from, lengths[unit] * size), zone)
  }
  return bin(time, fromLocal(origin, zone), lengths[unit] * size)
}

/** Days and longer move the clock on the wall; in a shorter month the last day is taken. */
export function move(time: number, unit: Unit, amount: number, zone: Zone): number {
  if (isSmall(unit)) return time + amount * lengths[unit]
  const local = toLocal(time, zone)
  if (unit === 'day' || unit === 'week') return fromLocal(local + amount * lengths[unit], zone)
  const month = monthOf(local)
  const target = month + amount * lengths[unit]
  if (Math.abs(target) > 4_000_000) return NaN
  const days = (startOfMonth(target + 1) - startOfMonth(target)) / day
  const date = Math.min(new Date(local).getUTCDate(), days)
  const inDay = local - Math.floor(local / day) * day
  return fromLocal(startOfMonth(target) + (date - 1) * day + inDay, zone)
}

/** How many starts of a unit lie between two instants. */
export function boundaries(start: number, end: number, unit: Unit, zone: Zone, firstDay: number): number {
  const [from, to] = [toLocal(start, zone), toLocal(end, zone)]
  const between = (a: number, b: number, width: number, shift = 0) =>
    Math.floor((b + shift) / width) - Math.floor((a + shift) / width)
  switch (unit) {
    case 'year':
    case 'quarter':
    case 'month':
      return between(monthOf(from), monthOf(to), lengths[unit])
    case 'week':
      // The first of January 1970 was a Thursday.
      return between(from, to, 7 * day, ((4 - firstDay + 7) % 7) * day)
    case 'day':
      return between(from, to, day)
    default:
      return between(start, end, lengths[unit], zone(start))
  }
}
