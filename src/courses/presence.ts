import type { Types } from 'mongoose'
import { later, now, seconds } from '../platform/clock'
import { date, defineRecord, objectId, string } from '../platform/record'

/**
 * Who is editing which part of a course. Its page says so again every 15 seconds while it is visible; three missed
 * beats mean that the person has left.
 */
const Presences = defineRecord(
  'Presence',
  'presences',
  {
    /** `course:person:place`: two windows at one place are one presence. */
    _id: string(),
    course: objectId(),
    person: objectId(),
    place: string(),
    /** The page that spoke last. Only it can end the presence, since a page may be left after the next one opened. */
    page: string(),
    expiresAt: date(),
  },
  { indexes: [[{ course: 1 }], [{ expiresAt: 1 }, { expireAfterSeconds: 0 }]] },
)

/** A part of a course: the slug of a lesson, or '' for the settings of the course. */
type Place = { course: Types.ObjectId; person: Types.ObjectId; place: string }

/** Who is at which part of a course. */
export type PersonPresent = { person: Types.ObjectId; place: string }

const staysFor = seconds(45)

const idOf = ({ course, person, place }: Place) => [course, person, place].join(':')

/** Notes that a person is editing a part of a course; `page` identifies the page in which they are. */
export async function notePresence(at: Place, page: string): Promise<void> {
  const $set = { ...at, page, expiresAt: later(now(), staysFor) }
  await Presences.update({ _id: idOf(at) }, { $set }, { upsert: true })
}

/** Notes that a person has left a page, unless another page of theirs has spoken for the same place since. */
export async function endPresence(at: Place, page: string): Promise<void> {
  await Presences.deleteOne({ _id: idOf(at), page })
}

/** Returns who else is editing a course, and which part of it. */
export async function othersPresent(
  course: Types.ObjectId,
  person: Types.ObjectId,
): Promise<PersonPresent[]> {
  const present = await Presences.find({ course }, { person: 1, place: 1, expiresAt: 1 })
  // The database removes what has expired once a minute.
  return present.filter(each => each.expiresAt > now() && !each.person.equals(person))
}
