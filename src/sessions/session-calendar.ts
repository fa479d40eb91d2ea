import type { Types } from 'mongoose'
import { People, type Person } from '../people/person'
import { now } from '../platform/clock'
import { hmacOf, isHmacOf } from '../platform/hmac'
import { boolean, date, defineRecord, number, objectId, type RecordOf } from '../platform/record'

/** A learner's own address with the sessions that they have booked, for a calendar that can't sign in. */
export const SessionCalendars = defineRecord('SessionCalendar', 'session_calendars', {
  /** The person's id. */
  _id: objectId(),
  /** Whether the address answers. */
  isOn: boolean(),
  /** The number of the address, which is part of it: the ones before it answer nothing. */
  number: number(),
  createdAt: date(),
  changedAt: date(),
})
export type SessionCalendar = RecordOf<typeof SessionCalendars>

/** Returns a learner's address; null when they have none, or have removed it. */
export async function sessionCalendarOf(person: Types.ObjectId): Promise<SessionCalendar | null> {
  return SessionCalendars.findOne({ _id: person, isOn: true })
}

/** Gives a learner an address. The one that they have already stays. */
export async function createCalendar(person: Types.ObjectId): Promise<void> {
  const at = now()
  const fields = { _id: person, isOn: true, number: 1, createdAt: at, changedAt: at }
  if (await SessionCalendars.insertOnce(fields)) return
  await SessionCalendars.updateOne({ _id: person, isOn: false }, { $set: { isOn: true, changedAt: at } })
}

/**
 * Ends a learner's address, and begins another one unless it is to be removed. Does nothing when its number isn't the
 * current one, so that a form that was sent twice changes it once.
 */
export async function endCalendar(
  person: Types.ObjectId,
  { number, isRemoved }: { number: number; isRemoved: boolean },
): Promise<void> {
  const change = { number: number + 1, isOn: !isRemoved, changedAt: now() }
  await SessionCalendars.updateOne({ _id: person, number, isOn: true }, { $set: change })
}

/** Returns the token of an address. Nobody can guess it, and no record has it. */
export function calendarToken({ _id, number }: Pick<SessionCalendar, '_id' | 'number'>): string {
  const text = `${_id}.${number}`
  return `${text}.${hmacOf('session-calendar', text)}`
}

/** Returns the owner of the address that a token belongs to; null unless it answers and its owner can sign in. */
export async function calendarOfToken(token: string): Promise<Person | null> {
  const end = token.lastIndexOf('.')
  const text = token.slice(0, Math.max(0, end))
  if (!isHmacOf('session-calendar', text, token.slice(end + 1))) return null
  const [_id, number] = text.split('.')
  const calendar = await SessionCalendars.findOne({ _id: _id!, number: Number(number), isOn: true })
  return calendar && People.findOne({ _id: calendar._id, suspendedAt: null, erasedAt: null })
}
