import type { QueryFilter, Types } from 'mongoose'
import { now } from '../platform/clock'
import { blankWords } from '../events/blank-words'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { deleteEmailsTo } from '../mail/delete-emails'
import { requireAnotherAdmin } from './change-role'
import { Links } from './link'
import { People, type Person } from './person'
import { ProfileAnswers } from './profile-question'
import { suppress } from './suppression'
import { hideProgress } from './team-member'

/**
 * Erases a person for good (GDPR Art. 17): name, address, company, touches, answers and free texts. The id stays, so
 * that counts and sums stay true. Other subjects erase their part on `person.erased`. Only a hash of the address is
 * left, so that nobody emails it again.
 *
 * @throws 409 for the last active administrator
 */
export async function erasePerson(_id: Types.ObjectId): Promise<void> {
  const person = await People.findOne({ _id, erasedAt: null })
  if (!person) return
  if (person.role === 'admin') await requireAnotherAdmin(_id)
  await suppress(person.email, 'erased')
  await record({ name: 'person.erased', person: _id, idempotencyKey: [], data: {} })
  await clearPerson(_id)
}

/** Reaction to `person.erased`: finishes an erasure that was interrupted. */
export function applyErasure(event: Event<'person.erased'>): Promise<void> {
  return clearPerson(event.person)
}

async function clearPerson(_id: Types.ObjectId): Promise<void> {
  const person = await People.findById(_id)
  if (!person) return
  await Links.deleteMany({ email: person.email })
  await deleteEmailsTo(person.email)
  await ProfileAnswers.deleteMany({ person: _id })
  await hideProgress(_id)
  await blankWords({ person: _id }, 'text')
  await blankWords({ name: 'colleague.active', 'data.colleague': String(_id) } as QueryFilter<Event>, 'name')
  if (person.erasedAt) return
  const cleared: Omit<
    Person,
    '_id' | 'role' | 'brand' | 'signedUpAt' | 'emailKind' | 'sharingChanges' | 'profileChanges'
  > = {
    email: `${_id}@erased.invalid`,
    name: 'Erased',
    search: [],
    passwordHash: null,
    confirmedAt: null,
    title: null,
    country: null,
    timeZone: null,
    company: null,
    consents: [],
    sharingPausedAt: null,
    firstTouch: null,
    lastTouch: null,
    needsAssessment: null,
    suspendedAt: now(),
    erasedAt: now(),
  }
  await People.updateOne({ _id }, { $set: cleared })
}
