import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { wakeWorker } from '../platform/queue'
import { Events } from './event'
import { eventSeal } from './seal-event'
import { definitionOf, type EventData, type EventName } from './definitions'

export type NewEvent<N extends EventName> = {
  name: N
  /** What its id begins with instead of its name, when only one of several events can happen. */
  group?: string
  person: Types.ObjectId
  course?: Types.ObjectId | null
  /** When it happened; now by default. */
  at?: Date
  /** What identifies it, besides its name and person, however often it is recorded: a course, a lesson, an order. */
  idempotencyKey: (string | number | Types.ObjectId)[]
  data: EventData[N]
}

/**
 * Writes an event to the ledger, due for its reactions immediately. Recording the same event again changes nothing, so
 * a double click, a retry after a crash and two processes all have the same result.
 *
 * @returns false when it was recorded before.
 * @throws when the data doesn't have the event's shape.
 */
export async function record<N extends EventName>(event: NewEvent<N>): Promise<boolean> {
  const moment = now()
  const recorded = {
    _id: eventId(event),
    name: event.name,
    at: event.at ?? moment,
    recordedAt: moment,
    person: event.person,
    course: event.course ?? null,
    data: definitionOf(event.name).data.parse(event.data) as EventData[N],
  }
  const isNew = await Events.insertOnce({ ...recorded, seal: eventSeal(recorded), dueAt: moment })
  if (isNew) wakeWorker.emit('due', 'events')
  return isNew
}

/** Returns the deterministic id of an event. */
export function eventId<N extends EventName>(
  event: Pick<NewEvent<N>, 'name' | 'group' | 'person' | 'idempotencyKey'>,
): string {
  return [event.group ?? event.name, event.person, ...event.idempotencyKey].join(':')
}
