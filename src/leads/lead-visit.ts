import type { Types } from 'mongoose'
import type { Event } from '../events/event'
import { later, minutes, now } from '../platform/clock'
import { date, defineRecord, nullable, objectId, string } from '../platform/record'

/** When a teammate last looked at a lead, and when before: what has happened since is marked on its page. */
const LeadVisits = defineRecord(
  'LeadVisit',
  'lead_visits',
  { _id: string(), person: objectId(), reader: objectId(), at: date(), before: nullable(date()) },
  { indexes: [[{ person: 1 }], [{ reader: 1 }]] },
)

/** Looking again within this time is the same visit: a reload doesn't hide what is new. */
const visitLength = minutes(30)

/** Notes that a teammate looks at a lead, and returns when they last did; null for the first time. */
export async function visitLead(person: Types.ObjectId, reader: Types.ObjectId): Promise<Date | null> {
  const _id = `${reader}:${person}`
  const last = await LeadVisits.loadKept(_id)
  const at = now()
  if (last && later(last.at, visitLength) > at) return last.before
  const before = last?.at ?? null
  await LeadVisits.updateOne({ _id }, { $set: { person, reader, at, before } }, { upsert: true })
  return before
}

/**
 * Returns when teammates looked at a person, or when a teammate looked at others: not who, which is about someone else.
 */
export async function visitTimesOf(person: Types.ObjectId): Promise<{ at: Date; before: Date | null }[]> {
  const visits = await LeadVisits.find({ $or: [{ person }, { reader: person }] }, { at: 1, before: 1 })
  return visits.map(({ at, before }) => ({ at, before }))
}

/** Reaction to `person.erased`: nothing is kept of who looked at them, or of what they looked at. */
export async function deleteLeadVisits({ person }: Pick<Event<'person.erased'>, 'person'>): Promise<void> {
  await LeadVisits.deleteMany({ person })
  await LeadVisits.deleteMany({ reader: person })
}
