import { days } from '../platform/clock'
import { instantOf } from '../platform/zoned-time'

/**
 * Returns the moment when a day begins on a clock, or ends; null for what isn't a day.
 *
 * @param day as `YYYY-MM-DD`.
 */
export function edgeOfDay(day: string | undefined, timeZone: string, edge: 'begin' | 'end'): Date | null {
  const local = /^\d{4}-\d{2}-\d{2}$/.test(day ?? '') ? Date.parse(`${day}T00:00:00Z`) : NaN
  if (Number.isNaN(local)) return null
  return new Date(edge === 'begin' ? instantOf(local, timeZone) : instantOf(local + days(1), timeZone) - 1)
}

/** Returns the filter for moments between two days, with both; null without a day. */
export function betweenDays(from: string, to: string, timeZone: string): { $gte?: Date; $lte?: Date } | null {
  const [begin, end] = [edgeOfDay(from, timeZone, 'begin'), edgeOfDay(to, timeZone, 'end')]
  return begin || end ? { ...(begin && { $gte: begin }), ...(end && { $lte: end }) } : null
}
