import { days, hours } from '../platform/clock'
import { instantOf, localTimeOf } from '../platform/zoned-time'

/** When a working day begins, on the clock of a time zone. */
const morning = hours(9)
/** Between these hours, three hours later is still a good time to call. */
const [firstHour, lastHour] = [hours(6), hours(14)]

export type SnoozeChoice = { key: 'laterToday' | 'tomorrow' | 'nextWeek' | 'inAWeek'; until: Date }

/** Returns when a lead can come back, in the time zone of who sets it aside. A weekend isn't offered. */
export function snoozeChoices(at: Date, timeZone: string): SnoozeChoice[] {
  const local = localTimeOf(at.getTime(), timeZone)
  const today = Math.floor(local / days(1)) * days(1)
  const weekday = new Date(today).getUTCDay()
  const on = (daysLater: number) => new Date(instantOf(today + days(daysLater) + morning, timeZone))
  const toMonday = (8 - weekday) % 7 || 7
  const isBeforeWeekend = weekday === 5 || weekday === 6
  const isWeekend = weekday === 0 || weekday === 6
  const choices: SnoozeChoice[] = []
  const hour = local - today
  if (!isWeekend && hour >= firstHour && hour < lastHour)
    choices.push({ key: 'laterToday', until: new Date(at.getTime() + hours(3)) })
  if (!isBeforeWeekend) choices.push({ key: 'tomorrow', until: on(1) })
  if (toMonday > 1) choices.push({ key: 'nextWeek', until: on(toMonday) })
  if (toMonday !== 7 && !isWeekend) choices.push({ key: 'inAWeek', until: on(7) })
  return choices
}

/** Returns the morning of a day (`YYYY-MM-DD`) in a time zone; null for what isn't a day. */
export function morningOf(day: unknown, timeZone: string): Date | null {
  if (typeof day !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(day)) return null
  const start = Date.parse(`${day}T00:00:00Z`)
  // A day that no month has, such as 31 April, is read as one of the next.
  if (Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== day) return null
  return new Date(instantOf(start + morning, timeZone))
}
