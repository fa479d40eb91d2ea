import { serverError } from '../errors'

/** The milliseconds that local time is ahead of UTC at an instant; long ago they were no whole minutes. */
export type TimeZone = (time: number) => number

const minute = 60_000
const zones = new Map<string, TimeZone>()

export const utc: TimeZone = () => 0

/**
 * An Olson name or an offset such as +02, +0230, +02:30.
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/dateToString/
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
    // Names are written as the database of time zones writes them.
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

/** The instant whose clock on the wall shows `local` (milliseconds as if in UTC); in a gap the clock has gone forward. */
export function localToUtc(local: number, zone: TimeZone): number {
  const first = local - zone(local)
  const second = local - zone(first)
  if (first === second) return first
  // Around a change: take the instant that shows the wanted time, if any does.
  const shows = (time: number) => time + zone(time) === local
  if (shows(second)) return second
  return shows(first) ? first : Math.max(first, second)
}

export function utcToLocal(time: number, zone: TimeZone): number {
  return time + zone(time)
}
