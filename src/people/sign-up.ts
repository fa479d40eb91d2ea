import { Types } from 'mongoose'
import { now } from '../platform/clock'
import { isDuplicateKey } from '../platform/errors'
import type { EventData } from '../events/event'
import { record } from '../events/record'
import { companyOf } from './company'
import { normaliseEmail } from './email-address'
import { giveConsent, type ConsentInput } from './give-consent'
import { People, type Person, type Role, type Touches } from './person'

export type NewAccount = {
  email: string
  name: string
  how: EventData['person.signed_up']['how']
  /** argon2id (see password.ts); null or left out for who signs in by link only. */
  passwordHash?: string | null
  role?: Role
  /** The boxes they ticked. */
  consents?: ConsentInput[]
  /** How they came here, kept from their visit. */
  touches?: Touches | null
  title?: string | null
  country?: string | null
  /** Said beforehand where the same joining may be repeated. */
  id?: Types.ObjectId
  /** When the form was sent; now, unless said. */
  at?: Date
}

/**
 * Makes an account for somebody whose address is known to be theirs. An address has one account: joining again, also with
 * other words, changes nothing and answers who is there, with `isNew: false`. Repeating the very same joining (same
 * `id`) finishes what a crash has cut off.
 */
export async function signUp(newcomer: NewAccount): Promise<{ person: Person; isNew: boolean }> {
  const { how, consents = [], at = now() } = newcomer
  const { person, isNew } = await createPerson(newcomer, at)
  if (!isNew && String(person._id) !== String(newcomer.id)) return { person, isNew }
  await record({
    name: 'person.signed_up',
    person: person._id,
    at: person.signedUpAt,
    idempotencyKey: [],
    data: { how },
  })
  await record({
    name: 'person.confirmed',
    person: person._id,
    at: person.signedUpAt,
    idempotencyKey: [],
    data: {},
  })
  for (const tick of consents) await giveConsent(person._id, tick, at)
  return { person: (await People.findOne({ _id: person._id }).lean<Person>())!, isNew }
}

async function createPerson(newcomer: NewAccount, at: Date): Promise<{ person: Person; isNew: boolean }> {
  const email = normaliseEmail(newcomer.email)
  try {
    const made = await People.create({
      _id: newcomer.id ?? new Types.ObjectId(),
      email,
      name: newcomer.name,
      role: newcomer.role ?? 'prospect',
      passwordHash: newcomer.passwordHash ?? null,
      signedUpAt: at,
      confirmedAt: now(),
      title: newcomer.title ?? null,
      country: newcomer.country ?? null,
      ...companyOf(email),
      firstTouch: newcomer.touches?.first ?? null,
      lastTouch: newcomer.touches?.last ?? null,
    })
    return { person: made.toObject(), isNew: true }
  } catch (error) {
    if (!isDuplicateKey(error)) throw error
    const person = await People.findOne({ email }).lean<Person>()
    if (!person) throw error
    return { person, isNew: false }
  }
}
