import type { Types } from 'mongoose'
import { Events, type Event } from '../events/event'

export type Ledger = Pick<Event, '_id' | 'name' | 'at' | 'course' | 'data'>[]

/** All that has happened to somebody, oldest first. */
export function readLedger(person: Types.ObjectId): Promise<Ledger> {
  return Events.find({ person }, { name: 1, at: 1, course: 1, data: 1 }).sort({ at: 1 }).lean<Ledger>().exec()
}
