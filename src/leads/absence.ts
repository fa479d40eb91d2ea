import type { Types } from 'mongoose'
import { days, later, now } from '../platform/clock'
import {
  date,
  defineRecord,
  list,
  nullable,
  objectId,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'
import { localTimeOf } from '../platform/zoned-time'
import { timeZoneOf, type Person } from '../people/person'

/** When a teammate in sales is away, so that new leads go to others. */
export const Absences = defineRecord(
  'Absence',
  'absences',
  {
    /** `teammate:from:until`, so that a second click enters nothing. */
    _id: string(),
    teammate: objectId(),
    /** The first and the last day on the clock of their time zone, `YYYY-MM-DD`. */
    from: string(),
    until: string(),
    by: objectId(),
    at: date(),
    /** The open leads that were handed over for it, so that it can be undone; written before they are. */
    handedOver: list(objectId()),
    handedOverAt: nullable(date()),
    handedOverBy: withDefault(nullable(objectId()), null),
  },
  { indexes: [[{ until: 1 }], [{ teammate: 1, until: 1 }]] },
)
export type Absence = RecordOf<typeof Absences>

/** The most absences of one teammate that lie ahead. */
const maxAbsences = 20

/** Returns the day that the clocks of a teammate show, `YYYY-MM-DD`. */
export function localDayOf(at: Date, person: Pick<Person, 'timeZone'>): string {
  return new Date(localTimeOf(at.getTime(), timeZoneOf(person))).toISOString().slice(0, 10)
}

/** True while a teammate is away: from the first moment of the first day to the last of the last, on their clock. */
export function isAway(
  { _id, ...person }: Pick<Person, '_id' | 'timeZone'>,
  absences: readonly Pick<Absence, 'teammate' | 'from' | 'until'>[],
  at: Date,
): boolean {
  const own = absences.filter(({ teammate }) => teammate.equals(_id))
  if (!own.length) return false
  const day = localDayOf(at, person)
  return own.some(({ from, until }) => from <= day && day <= until)
}

/** Returns the absences that end on or after the day before a moment, the earliest first. */
export function absencesSince(at: Date): Promise<Absence[]> {
  const day = later(at, -days(1)).toISOString().slice(0, 10)
  return Absences.find({ until: { $gte: day } })
    .sort({ until: 1 })
    .limit(5000)
    .exec()
}

/** Returns a teammate's absences that aren't over. */
export async function absencesOf(teammate: Types.ObjectId): Promise<Absence[]> {
  const day = later(now(), -days(1)).toISOString().slice(0, 10)
  return Absences.find({ teammate, until: { $gte: day } })
    .sort({ until: 1 })
    .exec()
}

/**
 * Enters an absence; the same again changes nothing.
 *
 * @returns the absence; null when the teammate has as many ahead as there may be.
 */
export async function addAbsence(
  { teammate, from, until }: Pick<Absence, 'teammate' | 'from' | 'until'>,
  by: Types.ObjectId,
): Promise<Absence | null> {
  const _id = `${teammate}:${from}:${until}`
  if ((await absencesOf(teammate)).filter(each => each._id !== _id).length >= maxAbsences) return null
  await Absences.insertOnce({ _id, teammate, from, until, by, at: now() })
  return Absences.findById(_id)
}

/** Removes an absence: new leads come again. */
export async function removeAbsence(_id: string): Promise<void> {
  await Absences.deleteOne({ _id })
}

/** How long an absence is kept after its end, for rehearsals. */
const keepFor = days(100)

/** Deletes absences that ended long ago. */
export async function purgeOldAbsences(): Promise<void> {
  await Absences.deleteMany({ until: { $lt: later(now(), -keepFor).toISOString().slice(0, 10) } })
}

/** Reaction to `person.erased`. */
export async function deleteAbsencesOfErased({ person }: { person: Types.ObjectId }): Promise<void> {
  await Absences.deleteMany({ teammate: person })
}
