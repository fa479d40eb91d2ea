import type { Types } from 'mongoose'
import { Events, type Event, type EventData } from '../events/event'
import { People, type Person } from '../people/person'

export type Ledger = (Pick<Event, '_id' | 'name' | 'at' | 'course' | 'data'> &
  Partial<Pick<Event, 'recordedAt'>>)[]

/** All that has happened to somebody, oldest first. */
export function readLedger(person: Types.ObjectId): Promise<Ledger> {
  return Events.find({ person }, { name: 1, at: 1, recordedAt: 1, course: 1, data: 1 })
    .sort({ at: 1 })
    .lean<Ledger>()
    .exec()
}

/**
 * How new a ledger is, to tell which of two computations saw more: the last writing in milliseconds, and within one the number of
 * events. It goes on growing when old events are forgotten.
 */
export function ledgerVersionOf(ledger: Ledger): number {
  const last = ledger.reduce((latest, { at, recordedAt = at }) => Math.max(latest, recordedAt.getTime()), 0)
  return last + Math.min(ledger.length, 4095) / 4096
}

/**
 * A ledger as sales may read it: colleagues who do not share with sales themselves are counted in it and not named.
 */
export async function withoutUnsharedColleagues(ledger: Ledger): Promise<Ledger> {
  const colleagues = ledger.flatMap(event => (isColleague(event) ? [event.data.colleague] : []))
  if (!colleagues.length) return ledger
  const sharing = await People.find(
    { _id: { $in: colleagues }, consents: { $all: ['profiling', 'share_with_sales'] } },
    { _id: 1 },
  ).lean<Pick<Person, '_id'>[]>()
  const named = new Set(sharing.map(({ _id }) => String(_id)))
  return ledger.map(event =>
    isColleague(event) && !named.has(event.data.colleague)
      ? { ...event, data: { ...event.data, name: '', title: null } }
      : event,
  )
}

type Colleague = Ledger[number] & { data: EventData['colleague.active'] }

function isColleague(event: Ledger[number]): event is Colleague {
  return event.name === 'colleague.active'
}
