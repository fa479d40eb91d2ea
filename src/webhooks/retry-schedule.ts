import { hours, minutes, seconds } from '../platform/clock'

/** The waits between the ten tries of a delivery: 75 h 35 m in all. */
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

/** What a failed try says about the next: the receiver's wish in ms, and whether it was silent or asked us to slow down. */
export type Pressure = { retryAfter: number | null; overloaded: boolean }

/**
 * Milliseconds until the next try after `failures` failed ones (1 or more); null when there is none left. Each wait is
 * times U(0.8, 1.2), so that many deliveries do not come back at once. `Retry-After` counts between the wait and twice
 * the wait; a receiver that is silent or answers 429 has at least a minute of rest.
 */
export function nextDelay(failures: number, pressure: Pressure, random = Math.random): number | null {
  const base = delays[failures - 1]
  if (base === undefined) return null
  const wished = pressure.retryAfter === null ? null : Math.min(Math.max(pressure.retryAfter, base), 2 * base)
  const wait = wished ?? base * (0.8 + 0.4 * random())
  return Math.round(pressure.overloaded ? Math.max(wait, seconds(60)) : wait)
}

/**
 * `Retry-After` in milliseconds: seconds, or a date (RFC 9110, 10.2.3) by the machine's clock; null when it says
 * neither.
 */
export function parseRetryAfter(header: string | undefined, at = Date.now()): number | null {
  if (!header) return null
  if (/^\d+$/.test(header.trim())) return seconds(Number(header))
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, date - at)
}
