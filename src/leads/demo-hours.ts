import type { Types } from 'mongoose'
import { days, minutes, now } from '../platform/clock'
import {
  date,
  defineRecord,
  list,
  nullable,
  number,
  objectId,
  string,
  type RecordOf,
} from '../platform/record'
import { instantOf, localTimeOf } from '../platform/zoned-time'

/** How long a demo may be, in minutes. */
export const demoLengths = [15, 30, 45, 60] as const

/** When a teammate in sales gives demos, on the clock of their time zone. */
export const DemoHours = defineRecord('DemoHours', 'demo_hours', {
  /** The teammate's id. */
  _id: objectId(),
  /** 1 for Monday to 7 for Sunday; none while they give no demos. */
  weekdays: list(number()),
  /** Minutes after midnight. */
  opens: number(),
  closes: number(),
  /** How long a demo is. */
  length: number(),
  /** A link to the call, or a place; may be empty. */
  place: string(),
  /** The first day on which they give demos again, `YYYY-MM-DD`. */
  notBefore: nullable(string()),
  changedAt: date(),
})
export type DemoHours = RecordOf<typeof DemoHours>

/** Returns when a teammate gives demos; null before they have said. */
export function demoHoursOf(person: Types.ObjectId): Promise<DemoHours | null> {
  return DemoHours.findById(person).exec()
}

/** Saves when a teammate gives demos. */
export async function saveDemoHours(
  person: Types.ObjectId,
  hours: Omit<DemoHours, '_id' | 'changedAt'>,
): Promise<void> {
  await DemoHours.updateOne({ _id: person }, { $set: { ...hours, changedAt: now() } }, { upsert: true })
}

/** A time for a demo. */
export type DemoTime = { startsAt: Date; endsAt: Date }

const day = days(1)

/**
 * Returns the times for a demo in a range that nothing else takes, earliest first. A day on which the clocks change has
 * the same hours on the clock as any other.
 *
 * @param busy what is taken already, in any order.
 */
export function freeSlots(
  { weekdays, opens, closes, length, notBefore }: Omit<DemoHours, '_id' | 'place' | 'changedAt'>,
  timeZone: string,
  busy: readonly DemoTime[],
  { from, until }: { from: Date; until: Date },
): DemoTime[] {
  const first = Math.floor(localTimeOf(from.getTime(), timeZone) / day)
  const last = Math.floor(localTimeOf(until.getTime(), timeZone) / day)
  const slots: DemoTime[] = []
  for (let on = first; on <= last; on++) {
    const midnight = new Date(on * day)
    const isOpen = weekdays.includes(midnight.getUTCDay() || 7)
    if (!isOpen || (notBefore && midnight.toISOString().slice(0, 10) < notBefore)) continue
    for (let at = opens; at + length <= closes; at += length) {
      const startsAt = new Date(instantOf(on * day + minutes(at), timeZone))
      const endsAt = new Date(startsAt.getTime() + minutes(length))
      const isTaken = busy.some(each => each.startsAt < endsAt && each.endsAt > startsAt)
      if (!isTaken && startsAt >= from && startsAt < until) slots.push({ startsAt, endsAt })
    }
  }
  return slots
}
