import type { Types } from 'mongoose'
import { Events } from '../events/event'
import { Leads } from '../leads/lead'
import { People, timeZoneOf, type Person } from '../people/person'
import { days, now } from '../platform/clock'
import { instantOf, localTimeOf } from '../platform/zoned-time'
import { canSeeLearning } from '../webhooks/delivery-consent'

/** What an empty queue says of its reader's day. */
export type QueueDay = {
  /** Leads that they have accepted or rejected today. */
  answered: number
  /** The median time from the hand-off to their answer, in minutes; null without an answer. */
  medianMinutes: number | null
  /** Their lead that comes back first. */
  next: { person: Types.ObjectId; name: string; company: string; until: Date } | null
}

/** Reads the day of a teammate, which begins at midnight in their time zone. */
export async function readQueueDay(reader: Person): Promise<QueueDay> {
  const [at, timeZone] = [now(), timeZoneOf(reader)]
  const local = localTimeOf(at.getTime(), timeZone)
  const midnight = new Date(instantOf(Math.floor(local / days(1)) * days(1), timeZone))
  const [events, [back]] = await Promise.all([
    Events.find(
      {
        name: { $in: ['lead.accepted', 'lead.rejected'] },
        at: { $gte: midnight },
        'data.by': String(reader._id),
      },
      { person: 1 },
    ),
    Leads.find({ owner: reader._id, 'snooze.until': { $gt: at } })
      .sort({ 'snooze.until': 1 })
      .limit(1),
  ])
  const [leads, person] = await Promise.all([
    Leads.find({ _id: { $in: events.map(({ person: id }) => id) } }, { disposition: 1, qualifiedAt: 1 }),
    back ? People.findById(back._id) : null,
  ])
  const waits = leads
    // What was undone since isn't answered.
    .flatMap(({ disposition, qualifiedAt }) =>
      disposition?.by?.equals(reader._id) && disposition.at >= midnight
        ? [disposition.at.getTime() - qualifiedAt.getTime()]
        : [],
    )
    .sort((a, b) => a - b)
  const median = waits[Math.floor(waits.length / 2)]
  const isShown = back?.snooze && person && canSeeLearning(person)
  return {
    answered: waits.length,
    medianMinutes: median === undefined ? null : Math.max(0, Math.round(median / 60_000)),
    next: isShown
      ? {
          ...{ person: person._id, name: person.name, company: person.company?.name ?? '' },
          until: back.snooze!.until,
        }
      : null,
  }
}
