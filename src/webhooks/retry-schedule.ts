import { hours, minutes, seconds } from '../platform/clock'

/** The shortest delays between the ten attempts of a delivery, in ms: 75 h 35 min 5 s in all (README.md, "Retries"). */
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

/** After this many failures a message is failed, unless its endpoint takes nothing else either. */
export const maxAttempts = delays.length + 1

/** What a failed attempt says about the next: `Retry-After` in ms, and whether the endpoint timed out or sent a 429. */
export type Pressure = { retryAfter: number | null; overloaded: boolean }

/**
 * The delay between the further attempts of a delivery during an outage: while the endpoint has taken nothing since the
 * first attempt, the message isn't at fault, so it is tried until the endpoint is disabled, and then held.
 */
const outageDelay = hours(24)

/**
 * Computes the delay before the next attempt. Each scheduled delay is multiplied by a random factor from 1 to 1.2, so
 * that many deliveries don't return at once and the total is never shorter. `Retry-After` is used within one and two
 * times the scheduled delay, with the same factor. After a timeout or a 429 the delay is at least a minute, times a
 * random factor from 1 to 2.
 *
 * @param failures failed attempts so far, 1 or more.
 * @param isOutage whether the endpoint has taken no message since the first of these attempts.
 * @returns milliseconds; null when no attempt is left.
 */
export function nextDelay(
  failures: number,
  pressure: Pressure,
  isOutage = false,
  random = Math.random,
): number | null {
  const base = delays[failures - 1] ?? (isOutage ? outageDelay : null)
  if (base === null) return null
  const { retryAfter, overloaded } = pressure
  const requested = retryAfter === null ? base : Math.min(Math.max(retryAfter, base), 2 * base)
  const chance = random()
  const delay = requested * (1 + 0.2 * chance)
  return Math.round(overloaded ? Math.max(delay, seconds(60) * (1 + chance)) : delay)
}
