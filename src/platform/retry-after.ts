import { seconds } from './clock'

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
