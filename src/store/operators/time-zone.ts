import { serverError } from '../errors'

/**
 * A time zone: returns by how many milliseconds local time is ahead of UTC. Historical offsets are not always whole
 * minutes.
 */
export type TimeZone = (time: number) => number

const minute = 60_000
const zones = new Map<string, TimeZone>()

/** Coordinated Universal Time. */
export const utc: TimeZone = () => 0

/**
 * Parses an Olson name or an offset such as +02, +0230 or +02:30. MongoDB manual, "$dateToString
 * (aggregation)":
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/dateToString/
 *
 * @throws 40485 for an unknown time zone
 */
export function parseTimeZone(name: string): TimeZone {
  const known = zones.get(name)
  if (known) return known
  const made = offsetZone(name) ?? namedZone(name)
  zones.set(name, made)
  return made
}

function offsetZone(name: string): TimeZone | undefined {
  if (name === 'UTC' || name === 'GMT') return utc
  const found = /^([+-])(\d{2})(?::?(\d{2}))?$/.exec(name)
  if (!found) return undefined
  const offset = (Number(found[2]) * 60 + Number(found[3] ?? 0)) * minute * (found[1] === '-' ? -1 : 1)
  return offset === 0 ? utc : () => offset
}

function namedZone(name: string): TimeZone {
  let format: Intl.DateTimeFormat
  try {
    // Unlike Intl, MongoDB only accepts names as the time zone database spells them.
    if (!/^[A-Z]/.test(name)) throw new Error('no name')
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      era: 'short',
    })
  } catch {
    throw serverError(40485, `unrecognized time zone identifier: "${name}"`)
  }
  return time => {
    const whole = Math.floor(time / 1000) * 1000
    const part: Record<string, string> = {}
    for (const { type, value } of format.formatToParts(whole)) part[type] = value
    const year = part.era === 'BC' ? 1 - Number(part.year) : Number(part.year)
    const local = new Date(0)
    local.setUTCFullYear(year, Number(part.month) - 1, Number(part.day))
    local.setUTCHours(Number(part.hour), Number(part.minute), Number(part.second))
    return local.getTime() - whole
  }
}

/**
 * Returns the time at which the zone's clock shows `local` (milliseconds as if in UTC). For a time that the
 * clock skips, returns the time after the gap.
 */
export function localToUtc(local: number, zone: TimeZone): number {
  const first = local - zone(local)
  const second = local - zone(first)
  if (first === second) return first
  // Near a change of offset, take the time at which the clock shows `local`, if there is one.
  const shows = (time: number) => time + zone(time) === local
  if (shows(second)) return second
  return shows(first) ? first : Math.max(first, second)
}

/** Returns the zone's clock time, in milliseconds as if in UTC. */
export function utcToLocal(time: number, zone: TimeZone): number {
  return time + zone(time)
}
