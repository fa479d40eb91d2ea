import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { isDuplicateKey } from '../platform/errors'
import { wakeWorker } from '../platform/queue'
import { Events } from './event'
import type { EventName, EventData } from './definitions'

export type NewEvent<N extends EventName> = {
  name: N
  person: Types.ObjectId
  course?: Types.ObjectId | null
  /** When it happened; now, unless said. */
  at?: Date
  /** What makes it one event however often it is recorded, beside its name and person: a course, a lesson, an order. */
  idempotencyKey: (string | number | Types.ObjectId)[]
  data: EventData[N]
}

/**
 * Writes an event to the ledger, due for its reactions at once. Recording the same happening again changes nothing and
 * answers false: so a double click, a retry after a crash and two processes all end the same.
 */
export async function record<N extends EventName>(happening: NewEvent<N>): Promise<boolean> {
  const moment = now()
  try {
    await Events.create({
      _id: eventId(happening),
      name: happening.name,
      at: happening.at ?? moment,
      recordedAt: moment,
      person: happening.person,
      course: happening.course ?? null,
      data: happening.data,
      dueAt: moment,
    })
  } catch (error) {
    if (isDuplicateKey(error)) return false
    throw error
  }
  wakeWorker.emit('due')
  return true
}

/** The same for the same happening, however often it comes. */
export function eventId<N extends EventName>(
  happening: Pick<NewEvent<N>, 'name' | 'person' | 'idempotencyKey'>,
): string {
  return [happening.name, happening.person, ...happening.idempotencyKey].join(':')
}
