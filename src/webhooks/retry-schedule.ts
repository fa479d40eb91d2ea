import { hours, minutes, seconds } from '../platform/clock'

/** The delays between the ten attempts of a delivery, in ms: 75 h 35 min 5 s in all (README.md, "Retries"). */
export const delays = [
  seconds(5),
  minutes(5),
  minutes(30),
  hours(2),
  hours(5),
  hours(10),
  hours(14),
  hours(20),
  hours(24),
]

/** What a failed attempt says about the next: `Retry-After` in ms, and whether the endpoint timed out or sent a 429. */
export type Pressure = { retryAfter: number | null; overloaded: boolean }

/**
 * Computes the delay before the next attempt. Each scheduled delay is multiplied by a random factor from 0.8 to 1.2,
 * so that many deliveries don't return at once. `Retry-After` is used within one and two times the scheduled delay.
 * After a timeout or a 429 the delay is at least a minute.
 *
 * @param failures failed attempts so far, 1 or more.
 * @returns milliseconds; null when no attempt is left.
 */
export function nextDelay(failures: number, pressure: Pressure, random = Math.random): number | null {
  const base = delays[failures - 1]
  if (base === undefined) return null
  const { retryAfter, overloaded } = pressure
  const requested = retryAfter === null ? null : Math.min(Math.max(retryAfter, base), 2 * base)
  const delay = requested ?? base * (0.8 + 0.4 * random())
  return Math.round(overloaded ? Math.max(delay, seconds(60)) : delay)
}

/**
 * Parses `Retry-After`, which holds seconds or a date (RFC 9110, section 10.2.3). A date is compared with the
 * machine's clock.
 *
 * @returns milliseconds; null when it is neither.
 */
export function parseRetryAfter(header: string | undefined, at = Date.now()): number | null {
  if (!header) return null
  if (/^\d+$/.test(header.trim())) return seconds(Number(header))
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, date - at)
}
