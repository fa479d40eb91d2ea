import { hours, later } from '../platform/clock'

/** Nobody is written to about courses before eight in the morning or after eight in the evening. */
const [morning, evening] = [8, 20]

/**
 * Until when a letter that can wait has to: the next full hour that is day for somebody; null when it is day. Of a country with several
 * time zones all must have day. Without a country, and where no hour is day in all of it, the clock is UTC.
 */
export function quietUntil(country: string | null, at: Date): Date | null {
  const zones = zonesOf(country)
  const hour = hoursAhead(zones, at) ?? hoursAhead(['UTC'], at)!
  return hour === 0 ? null : later(startOfHour(at), hours(hour))
}

/** How many full hours from now it is day in all zones; undefined when it never is within a day. */
function hoursAhead(zones: string[], at: Date): number | undefined {
  for (let ahead = 0; ahead < 24; ahead++) {
    const then = later(startOfHour(at), hours(ahead))
    if (zones.every(zone => isDay(zone, then))) return ahead
  }
  return undefined
}

function isDay(zone: string, at: Date): boolean {
  const hour = Number(clockOf(zone).format(at))
  return hour >= morning && hour < evening
}

const clocks = new Map<string, Intl.DateTimeFormat>()

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone)
  if (known) return known
  const made = new Intl.DateTimeFormat('en', { hour: '2-digit', hourCycle: 'h23', timeZone })
  clocks.set(timeZone, made)
  return made
}

/** The time zones of a country by its ISO code. A property in Node 20, a method in later ones. */
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
