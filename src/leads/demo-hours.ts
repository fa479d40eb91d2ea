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
  withDefault,
  type RecordOf,
} from '../platform/record'
import { instantOf, localTimeOf } from '../platform/zoned-time'

/** How long a demo may be, in minutes. */
export const demoLengths = [15, 30, 45, 60] as const

/** When a teammate in sales gives demos, on the clock of their time zone. */
export const DemoHours = defineRecord(
  'DemoHours',
  'demo_hours',
  {
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
    /** The last part of the address of their page for anyone who wants a time: `/meet/petra-novak`; null for none. */
    address: withDefault(nullable(string()), null),
    changedAt: date(),
  },
  {
    indexes: [[{ address: 1 }, { unique: true, partialFilterExpression: { address: { $type: 'string' } } }]],
  },
)
export type DemoHours = RecordOf<typeof DemoHours>

/** Returns when a teammate gives demos; null before they have said. */
export function demoHoursOf(person: Types.ObjectId): Promise<Readonly<DemoHours> | null> {
  return DemoHours.loadKept(person)
}

/**
 * Saves when a teammate gives demos.
 *
 * @returns false when a colleague's page has the address.
 */
export function saveDemoHours(
  person: Types.ObjectId,
  hours: Omit<DemoHours, '_id' | 'address' | 'changedAt'> & Partial<Pick<DemoHours, 'address'>>,
): Promise<boolean> {
  return DemoHours.upsertIfMatching({ _id: person }, { $set: { ...hours, changedAt: now() } })
}

/** Returns when the teammate with this page gives demos; null for an address that nobody has. */
export function demoHoursAt(address: string): Promise<DemoHours | null> {
  return DemoHours.findOne({ address }).exec()
}

/** A time for a demo. */
export type DemoTime = { startsAt: Date; endsAt: Date }

/** True for two times that don't overlap. */
export function areApart(one: DemoTime, other: DemoTime): boolean {
  return one.startsAt >= other.endsAt || one.endsAt <= other.startsAt
}

const day = days(1)

/**
 * Returns the times for a demo in a range that nothing else takes, earliest first. A day on which the clocks change has
 * the same hours on the clock as any other.
 *
 * @param busy what is taken already, in any order.
 */
export function freeSlots(
  {
    weekdays,
    opens,
    closes,
    length,
    notBefore,
  }: Pick<DemoHours, 'weekdays' | 'opens' | 'closes' | 'length' | 'notBefore'>,
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
      const isTaken = !busy.every(each => areApart(each, { startsAt, endsAt }))
      if (!isTaken && startsAt >= from && startsAt < until) slots.push({ startsAt, endsAt })
    }
  }
  return slots
}
