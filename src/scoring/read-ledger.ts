import type { Types } from 'mongoose'
import { batched, valuesOf } from '../platform/batched'
import { later, now } from '../platform/clock'
import { dependOnNothing } from '../platform/retained'
import { Events, type Event } from '../events/event'
import type { EventData } from '../events/definitions'
import { People } from '../people/person'
import { sureToBeKept } from './ledger-sum'

/** The events of one person, oldest first. */
export type Ledger = (Pick<Event, '_id' | 'name' | 'at' | 'course' | 'data'> &
  Partial<Pick<Event, 'recordedAt'>>)[]

/** Returns all events of a person, oldest first; of those at the same moment, the one that was recorded first. */
export const readLedger: (person: Types.ObjectId) => Promise<Ledger> = batched(async people => {
  const events = await Events.find(
    { person: { $in: people } },
    { person: 1, name: 1, at: 1, recordedAt: 1, course: 1, data: 1 },
  )
  events.sort((a, b) => a.at.getTime() - b.at.getTime() || a.recordedAt.getTime() - b.recordedAt.getTime())
  const ledgers = new Map<string, typeof events>(people.map(person => [String(person), []]))
  for (const event of events) ledgers.get(String(event.person))!.push(event)
  return valuesOf(people.map(person => ledgers.get(String(person))!))
})

/**
 * Returns a number that shows which of two computations read the newer ledger: the time of the last write in
 * milliseconds, plus 1 and the number of events that were written then as a fraction (the unit is 1/4096). It never
 * falls when activity is deleted after its time, because it is at least a moment after which nothing is deleted yet.
 */
export function ledgerVersionOf(ledger: Ledger): number {
  return versionOfTimes(ledger.map(({ at, recordedAt = at }) => recordedAt.getTime()))
}

/** Returns the same number from the times at which the last events were recorded, or all. */
export function versionOfTimes(times: readonly number[]): number {
  const last = times.reduce((latest, time) => Math.max(latest, time), later(now(), -sureToBeKept).getTime())
  return last + 1 + Math.min(times.filter(time => time === last).length, 4095) / 4096
}

/** Returns the ledger as sales may read it: colleagues who don't share with sales count, but have no name or title. */
export async function withoutUnsharedColleagues(ledger: Ledger, dependOn = dependOnNothing): Promise<Ledger> {
  const colleagues = ledger.flatMap(event => (isColleague(event) ? [event.data.colleague] : []))
  if (!colleagues.length) return ledger
  for (const colleague of colleagues) dependOn(People, '_id', colleague)
  const sharing = await People.find(
    { _id: { $in: colleagues }, consents: { $all: ['profiling', 'share_with_sales'] } },
    { _id: 1 },
  )
  const sharingIds = new Set(sharing.map(({ _id }) => String(_id)))
  return ledger.map(event =>
    isColleague(event) && !sharingIds.has(event.data.colleague)
      ? { ...event, data: { ...event.data, name: '', title: null } }
      : event,
  )
}

type ColleagueEvent = Ledger[number] & { data: EventData['colleague.active'] }

function isColleague(event: Ledger[number]): event is ColleagueEvent {
  return event.name === 'colleague.active'
}
