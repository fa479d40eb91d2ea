import { memoized } from '../platform/cached'
import { hours, later } from '../platform/clock'

/** No marketing email before 8:00 or from 20:00. */
const [morning, evening] = [8, 20]

/**
 * Returns when a marketing email may be sent: the next full hour outside quiet hours, or null for now. In a country
 * with several time zones, all of them must be outside. The time zone is UTC without a country, and when no hour suits
 * all zones.
 */
export function quietUntil(country: string | null, at: Date): Date | null {
  const zones = zonesOf(country)
  const hour = hoursAhead(zones, at) ?? hoursAhead(['UTC'], at)!
  return hour === 0 ? null : later(startOfHour(at), hours(hour))
}

/** Returns the number of full hours until it is daytime in all zones; undefined when that never happens in 24 hours. */
function hoursAhead(zones: string[], at: Date): number | undefined {
  for (let ahead = 0; ahead < 24; ahead++) {
    const then = later(startOfHour(at), hours(ahead))
    if (zones.every(zone => isDay(zone, then))) return ahead
  }
  return undefined
}

function isDay(zone: string, at: Date): boolean {
  const hour = Number(hourFormatOf(zone).format(at))
  return hour >= morning && hour < evening
}

const hourFormatOf = memoized(
  (timeZone: string) => new Intl.DateTimeFormat('en', { hour: '2-digit', hourCycle: 'h23', timeZone }),
)

/** Returns the time zones of a country by its ISO code. It is a property in Node 20 and a method in later versions. */
function zonesOf(country: string | null): string[] {
  if (!country) return ['UTC']
  const region = new Intl.Locale(`und-${country}`) as Intl.Locale & {
    timeZones?: string[]
    getTimeZones?: () => string[] | undefined
  }
  const zones = region.getTimeZones?.() ?? region.timeZones ?? []
  return zones.length ? zones : ['UTC']
}

function startOfHour(at: Date): Date {
  return new Date(Math.floor(at.getTime() / hours(1)) * hours(1))
}
