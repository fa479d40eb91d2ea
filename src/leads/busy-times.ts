import { runInNewContext } from 'node:vm'
import ICAL from 'ical.js'
import { days, later, seconds } from '../platform/clock'
import { isTimeZone } from '../platform/config'
import { instantOf } from '../platform/zoned-time'
import type { DemoTime } from './demo-hours'

/** Thrown for a text that isn't a calendar, or one that can't be read in a reasonable time. */
export class UnreadableCalendar extends Error {
  constructor(readonly reason: 'notCalendar' | 'tooLarge') {
    super(`unreadable calendar: ${reason}`)
  }
}

/** A rule of repetition can be written so that it never ends, so reading is stopped after a while. */
const timeout = seconds(1)
const maxTimes = 2000

type Component = InstanceType<typeof ICAL.Component>
type Time = InstanceType<typeof ICAL.Time>
type Range = { from: Date; until: Date }

/**
 * Returns when a calendar (RFC 5545) says that its owner is busy in a range, earliest first, and joined where they
 * overlap. Events that are cancelled or marked as free don't count. Whole days, and times without a zone, are those of
 * `timeZone`.
 *
 * @throws UnreadableCalendar
 */
export function busyTimesIn(text: string, range: Range, timeZone: string): DemoTime[] {
  const read = () => joined(timesIn(text, range, timeZone))
  try {
    return runInNewContext('read()', { read }, { timeout }) as DemoTime[]
  } catch (error) {
    if (error instanceof UnreadableCalendar) throw error
    const isEndless = (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
    throw new UnreadableCalendar(isEndless ? 'tooLarge' : 'notCalendar')
  }
}

type Jcal = ConstructorParameters<typeof ICAL.Component>[0]

function timesIn(text: string, range: Range, timeZone: string): DemoTime[] {
  const start = text.replace(/^\uFEFF?\s*/, '')
  if (!/^BEGIN:VCALENDAR/i.test(start)) throw new UnreadableCalendar('notCalendar')
  const parsed = ICAL.parse(withoutPast(start, range.from)) as unknown[]
  // A file with several calendars is a list of them.
  const calendars = (typeof parsed[0] === 'string' ? [parsed] : parsed) as Jcal[]
  return calendars.flatMap(each => {
    const calendar = new ICAL.Component(each)
    const clock = clockOf(calendar, timeZone)
    const ranges = [...eventTimes(calendar, range, clock), ...freeBusyTimes(calendar, clock)]
    return ranges.filter(({ startsAt, endsAt }) => startsAt < range.until && endsAt > range.from)
  })
}

/**
 * Leaves out the single events that ended long before a moment: a calendar of many years is a fraction of its size
 * then, and is read as fast as a new one.
 */
function withoutPast(text: string, from: Date): string {
  const limit = later(from, -days(2)).toISOString().slice(0, 10).replaceAll('-', '')
  return text
    .split(/^(?=BEGIN:VEVENT)/im)
    .map((part, n) => {
      const end = n ? /^END:VEVENT\r?\n?/im.exec(part) : null
      if (!end || /^(?:RRULE|RDATE|RECURRENCE-ID|DURATION)/im.test(part)) return part
      const dates = [...part.matchAll(/^DT(?:START|END)\b[^\r\n]*:(\d{8})/gim)].map(([, day]) => day!)
      const isPast = dates.length > 0 && dates.every(day => day < limit)
      return isPast ? part.slice(end.index + end[0].length) : part
    })
    .join('')
}

/** Returns the moment of a time of a calendar. `zone` is the id of its time zone; null for none. */
type Clock = (time: Time, zone: string | null) => Date

function clockOf(calendar: Component, timeZone: string): Clock {
  const zones = new Map(
    calendar.getAllSubcomponents('vtimezone').map((component: Component) => {
      const tzid = String(component.getFirstPropertyValue('tzid'))
      return [tzid, new ICAL.Timezone({ component, tzid })] as const
    }),
  )
  return (time, id) => {
    if (time.zone === ICAL.Timezone.utcTimezone) return new Date(Date.UTC(...partsOf(time)))
    const zone = id ? zones.get(id) : undefined
    // The zones that the system knows are up to date, and those in a file may not be.
    if (!zone || isTimeZone(id!)) {
      return new Date(instantOf(Date.UTC(...partsOf(time)), id && isTimeZone(id) ? id : timeZone))
    }
    const zoned = time.clone()
    zoned.zone = zone
    return zoned.toJSDate()
  }
}

/** Returns the id of the time zone of a property; null for none. */
function zoneOf(component: Component, name: string): string | null {
  const tzid = component.getFirstProperty(name)?.getParameter('tzid')
  return typeof tzid === 'string' ? tzid : null
}

function partsOf({ year, month, day, hour, minute, second }: Time) {
  return [year, month - 1, day, hour, minute, second] as const
}

function eventTimes(calendar: Component, { from, until }: Range, clock: Clock): DemoTime[] {
  const components = calendar.getAllSubcomponents('vevent')
  const uidOf = (each: Component) => String(each.getFirstPropertyValue('uid'))
  const isChange = (each: Component) => each.hasProperty('recurrence-id')
  const repeated = new Set(components.filter(each => !isChange(each)).map(uidOf))
  const changes = components.filter(each => isChange(each) && repeated.has(uidOf(each)))
  const times: DemoTime[] = []
  const add = (event: InstanceType<typeof ICAL.Event>, start: Time, end: Time) => {
    if (!isBusy(event.component)) return
    if (times.length >= maxTimes) throw new UnreadableCalendar('tooLarge')
    const zone = zoneOf(event.component, 'dtstart')
    const endZone = event.component.hasProperty('dtend') ? zoneOf(event.component, 'dtend') : zone
    times.push({ startsAt: clock(start, zone), endsAt: clock(end, endZone) })
  }
  for (const component of components) {
    // The changes of single occurrences are read with what repeats.
    if (changes.includes(component)) continue
    const event = new ICAL.Event(component)
    if (!event.startDate) continue
    if (!event.isRecurring()) {
      add(event, event.startDate, event.endDate)
      continue
    }
    const zone = zoneOf(component, 'dtstart')
    const iterator = event.iterator()
    for (let next = iterator.next(); next && clock(next, zone) < until; next = iterator.next()) {
      const { startDate, endDate, item } = event.getOccurrenceDetails(next)
      // Occurrences may be moved to a later day, so the range decides at the end.
      if (item !== event || clock(endDate, zone) > from) add(item, startDate, endDate)
    }
    // And those of a later day may be moved into the range.
    for (const change of changes.filter(each => uidOf(each) === uidOf(component))) {
      const moved = new ICAL.Event(change)
      if (moved.startDate && clock(moved.recurrenceId, zone) >= until)
        add(moved, moved.startDate, moved.endDate)
    }
  }
  return times
}

function isBusy(event: Component): boolean {
  const valueOf = (name: string) => String(event.getFirstPropertyValue(name) ?? '').toUpperCase()
  const isFree = valueOf('transp') === 'TRANSPARENT' || valueOf('x-microsoft-cdo-busystatus') === 'FREE'
  return !isFree && valueOf('status') !== 'CANCELLED'
}

/** Times without a reason: what servers publish for people who share only when they are busy. */
function freeBusyTimes(calendar: Component, clock: Clock): DemoTime[] {
  return calendar
    .getAllSubcomponents('vfreebusy')
    .flatMap(each => each.getAllProperties('freebusy'))
    .filter(property => String(property.getParameter('fbtype') ?? 'BUSY').toUpperCase() !== 'FREE')
    .flatMap(property => property.getValues() as { start: Time; getEnd: () => Time }[])
    .slice(0, maxTimes)
    .map(period => ({ startsAt: clock(period.start, null), endsAt: clock(period.getEnd(), null) }))
}

/** Sorts times and joins those that overlap or touch. */
function joined(times: DemoTime[]): DemoTime[] {
  const result: DemoTime[] = []
  for (const time of times.sort((a, b) => a.startsAt.getTime() - b.startsAt.getTime())) {
    const last = result.at(-1)
    if (last && time.startsAt <= last.endsAt) {
      if (time.endsAt > last.endsAt) last.endsAt = time.endsAt
    } else if (time.endsAt > time.startsAt) result.push({ ...time })
  }
  return result
}
