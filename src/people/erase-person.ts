import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { Events, type Event } from '../events/event'
import { record } from '../events/record'
import { deleteEmailsTo } from '../mail/delete-emails'
import { requireAnotherAdmin } from './change-role'
import { Links } from './link'
import { People, type Person } from './person'
import { suppress } from './suppression'

/**
 * Erases somebody for good: name, address, company, touches, answers and free texts go; the id stays, so that counts and
 * sums stay true. What other subjects keep follows by `person.erased`. The address stays only as the hash that
 * keeps letters away. Not for the last administrator (409).
 */
export async function erasePerson(_id: Types.ObjectId): Promise<void> {
  const person = await People.findOne({ _id, erasedAt: null }).lean<Person>()
  if (!person) return
  if (person.role === 'admin') await requireAnotherAdmin(_id)
  await suppress(person.email, 'erased')
  await record({ name: 'person.erased', person: _id, idempotencyKey: [], data: {} })
  await blank(_id)
}

/** Reaction to `person.erased`: repeats the erasure, should the process have died within it. */
export function applyErasure(event: Event<'person.erased'>): Promise<void> {
  return blank(event.person)
}

async function blank(_id: Types.ObjectId): Promise<void> {
  const person = await People.findOne({ _id }).lean<Person>()
  if (!person) return
  await Links.deleteMany({ email: person.email })
  await deleteEmailsTo(person.email)
  await Events.updateMany({ person: _id, 'data.text': { $exists: true } }, { $set: { 'data.text': '' } })
  await Events.updateMany(
    { name: 'colleague.active', 'data.colleague': String(_id) },
    { $set: { 'data.name': '' } },
  )
  if (person.erasedAt) return
  const gone: Omit<Person, '_id' | 'role' | 'signedUpAt' | 'emailKind' | 'sharingTurns'> = {
    email: `${_id}@erased.invalid`,
    name: 'Erased',
    passwordHash: null,
    confirmedAt: null,
    title: null,
    country: null,
    company: null,
    consents: [],
    sharingPausedAt: null,
    firstTouch: null,
    lastTouch: null,
    needsAssessment: null,
    suspendedAt: now(),
    erasedAt: now(),
  }
  await People.updateOne({ _id }, { $set: gone })
}
